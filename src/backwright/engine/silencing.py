"""Comments that silence findings for a start: `# bw: ignore[BW101] reason` at the end of a line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

import msgspec

from backwright.core.findings import Finding, Fix, Patch

MARK = "bw: ignore["
_MARKED = re.compile(r"bw: ignore\[([A-Z0-9, ]+)\]")
_HASH = (".py", ".rb", ".ex", ".exs")


def silencing(findings: Iterable[Finding], read: Callable[[str], str | None], reason: str) -> Iterator[Finding]:
    """These findings with a comment as their fix, one comment a line; rules join the comment that is there."""
    places: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        places[finding.span.path, finding.span.line].append(finding)
    for (path, line), found in sorted(places.items()):
        text = read(path)
        patch = _comment(path, text, line, sorted({f.rule for f in found}), reason) if text is not None else None
        if patch is not None:
            yield msgspec.structs.replace(found[0], fix=Fix("Silence it", "safe", patches=(patch,)))


def _comment(path: str, text: str, line: int, rules: list[str], reason: str) -> Patch | None:
    lines = text.split("\n")
    if line > len(lines):
        return None
    start = len("\n".join(lines[: line - 1]).encode()) + (1 if line > 1 else 0)
    own = lines[line - 1].rstrip("\r")
    known = _MARKED.search(own)
    if known is not None:
        begin = start + len(own[: known.start(1)].encode())
        named = sorted({*rules, *(r.strip() for r in known[1].split(","))})
        return Patch(path, begin, begin + len(known[1]), ",".join(named), known[1])
    end = start + len(own.rstrip().encode())
    sign = "#" if path.endswith(_HASH) else "//"
    return Patch(path, end, end, f"  {sign} {MARK}{','.join(rules)}] {reason}")
