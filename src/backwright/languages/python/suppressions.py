"""The comments that silence rules: `# bw: ignore[BW101] reason`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from backwright.core.facts import Ignore
from backwright.languages.python.expressions import ExpressionReader

_MARK = b"bw: ignore"
_COMMENT = re.compile(r"#\s*bw: ignore(?:\[(?P<rules>[^\]]*)\])?\s*(?P<reason>.*?)\s*$")


def ignores(source: bytes, root: Node) -> tuple[Ignore, ...]:
    """Every ignore of one file. One that stands alone silences the next line, one behind code its own."""
    if _MARK not in source:
        return ()
    read = ExpressionReader(source)
    out = []
    for node in _comments(root):
        match = _COMMENT.search(read.text(node))
        if match is None:
            continue
        loc = read.loc(node)
        begin = source.rfind(b"\n", 0, node.start_byte) + 1
        alone = not source[begin : node.start_byte].strip()
        rules = tuple(r.strip() for r in (match["rules"] or "").split(",") if r.strip())
        out.append(Ignore(rules, match["reason"].lstrip("-:— "), loc.line + 1 if alone else loc.line, loc))
    return tuple(out)


def _comments(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "comment":
            yield current
        stack.extend(reversed(current.children))
