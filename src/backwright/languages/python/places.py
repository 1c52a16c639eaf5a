"""Where nodes of a file stand, in bytes, and what goes with one of them when it is taken away."""

from __future__ import annotations

import ast
import re


class Place:
    """Bytes of nodes in a file."""

    def __init__(self, path: str, starts: list[int], parents: dict[ast.AST, ast.AST], body: bytes) -> None:
        self.path, self.starts, self.parents, self.body = path, starts, parents, body

    def at(self, line: int | None, column: int | None) -> int:
        return self.starts[(line or 1) - 1] + (column or 0)

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def is_parameters(self, node: ast.Dict) -> bool:
        """Whether a mapping is what a request asks by: `params={"status": "active"}`, the endpoint's own names."""
        parent = self.parents.get(node)
        return isinstance(parent, ast.keyword) and parent.arg in {"params", "headers", "cookies"}

    def inside(self, node: ast.expr) -> tuple[int, int]:
        """The content of a text, without its quotes."""
        start, end = self.span(node)
        opening = re.match(rb"[rRbBuU]*(\"\"\"|'''|\"|')", self.body[start:end])
        quote = len(opening.group(1)) if opening else 0
        return start + (opening.end() if opening else 0), end - quote

    def entry(self, node: ast.Dict, key: ast.expr, value: ast.expr) -> tuple[int, int] | None:
        """A key with its value. Of a mapping with nothing else, the mapping itself where it is one of a list."""
        parent = self.parents.get(node)
        siblings = parent.elts if isinstance(parent, ast.List | ast.Tuple) else []
        name = text_of(key)
        alike = [s for s in siblings if isinstance(s, ast.Dict) and name in {text_of(k) for k in s.keys}]
        if len(siblings) > 1 and len(alike) < len(siblings):  # one case of several that is about this field
            return self.listed(*self.span(node))
        return self.listed(self.span(key)[0], self.span(value)[1]) if len(node.keys) > 1 else None

    def argument(self, word: ast.keyword) -> tuple[int, int] | None:
        return self.listed(*self.span(word))

    def listed(self, start: int, end: int) -> tuple[int, int]:
        """An item of a list with its comma; with its whole lines where it has them for itself."""
        after = re.match(rb"\s*,[ \t]*", self.body[end:])
        if after is not None:
            end += after.end()
            line = self.body.rfind(b"\n", 0, start) + 1
            if not self.body[line:start].strip() and self.body[end : end + 1] == b"\n":
                return line, end + 1
            return start, end
        before = re.search(rb",\s*$", self.body[:start])
        return (before.start() if before is not None else start), end

    def lines(self, node: ast.stmt) -> tuple[int, int]:
        """A statement with its lines."""
        start, end = self.at(node.lineno, 0), self.body.find(b"\n", self.at(node.end_lineno, node.end_col_offset))
        return start, len(self.body) if end < 0 else end + 1

    def alone(self, node: ast.AST) -> tuple[int, int] | None:
        """What does nothing but say something of the field: an assertion, an assignment, an entry of a list or mapping."""
        child, parent = node, self.parents.get(node)
        plain = True  # the value is the field itself, or a direction to sort it in: nothing is computed with it
        while isinstance(parent, ast.expr | ast.keyword) and not isinstance(parent, ast.Lambda):
            if plain and isinstance(parent, ast.keyword):
                named = node.attr if isinstance(node, ast.Attribute) else text_of(getattr(node, "slice", None))
                return self.argument(parent) if parent.arg == named else None
            if plain and isinstance(parent, ast.Dict) and child in parent.values and len(parent.values) > 1:
                key = parent.keys[parent.values.index(child)]
                return self.listed(self.span(key)[0], self.span(child)[1]) if key is not None else None
            if (
                plain
                and isinstance(parent, ast.List | ast.Tuple | ast.Set)
                and child in parent.elts
                and len(parent.elts) > 1
            ):
                return self.listed(*self.span(child)) if not isinstance(self.parents.get(parent), ast.Compare) else None
            method = isinstance(parent, ast.Call) and parent.func is child and not parent.args
            plain = plain and (isinstance(parent, ast.Attribute) or method)
            child, parent = parent, self.parents.get(parent)
        block = getattr(self.parents.get(parent), "body", []) if parent is not None else []
        if not isinstance(block, list) or len(block) < 2:
            return None
        if isinstance(parent, ast.Assert) and not isinstance(parent.test, ast.BoolOp):
            return self.lines(parent)
        if isinstance(parent, ast.Assign) and parent.targets == [node]:
            return self.lines(parent)
        return None


def text_of(node: ast.AST | None) -> str:
    """The text that a node is, `""` for another node."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def line_starts(text: str) -> list[int]:
    """The byte at which each line starts."""
    out = [0]
    for line in text.encode().split(b"\n"):
        out.append(out[-1] + len(line) + 1)
    return out
