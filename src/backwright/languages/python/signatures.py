"""Where a parameter or an argument is added to a function or a call, as bytes of the file."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from backwright.languages.python.places import line_starts
from backwright.languages.python.project_types import Function


class Text:
    """A file as bytes, with the places of its nodes."""

    def __init__(self, text: str) -> None:
        self.body = text.encode()
        self.starts = line_starts(text)

    def start(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> int:
        return self.starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)

    def line_start(self, at: int) -> int:
        return self.body.rfind(b"\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        found = self.body.find(b"\n", at)
        return len(self.body) if found < 0 else found

    def indent(self, node: ast.stmt) -> str:
        """What stands before a statement on its line."""
        start = self.start(node)
        before = self.body[self.line_start(start) : start]
        return before.decode() if not before.strip() else ""

    def source(self, node: ast.expr | ast.stmt) -> str:
        return self.body[self.start(node) : self.end(node)].decode()

    def _items(self, start: int, end: int, texts: Sequence[str]) -> tuple[int, str]:
        """Further items behind one of a list: on lines of their own where that one has its line for itself."""
        line = self.line_start(start)
        before = self.body[line:start]
        own = not before.strip() and self.body[end : self.line_end(end)].strip() in {b",", b""}
        gap = f",\n{before.decode()}" if own else ", "
        return end, "".join(f"{gap}{text}" for text in texts)

    def parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef, texts: Sequence[str]) -> tuple[int, str]:
        """Where, and as what, parameters with defaults come last."""
        given = node.args
        if given.kwonlyargs:
            last, default = given.kwonlyargs[-1], given.kw_defaults[-1]
        elif given.vararg is not None:
            return self._items(self.start(given.vararg), self.end(given.vararg), texts)
        else:
            plain = [*given.posonlyargs, *given.args]
            if not plain:
                opening = self.body.index(b"(", self.start(node))
                return opening + 1, ", ".join(texts) + (", " if given.kwarg is not None else "")
            last, default = plain[-1], given.defaults[-1] if given.defaults else None
        return self._items(self.start(last), self.end(default) if default is not None else self.end(last), texts)

    def arguments(self, call: ast.Call, texts: Sequence[str]) -> tuple[int, str]:
        """Where, and as what, keyword arguments come last."""
        given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        if not given:
            return self.end(call) - 1, ", ".join(texts)
        last = max(given, key=self.end)
        return self._items(self.start(last), self.end(last), texts)


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """The named parameters, in order."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def names_used(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Every name that the body of a function reads or binds, and its parameters."""
    found = {n.id for statement in node.body for n in ast.walk(statement) if isinstance(n, ast.Name)}
    inner = {f.name for statement in node.body for f in ast.walk(statement) if isinstance(f, Function | ast.ClassDef)}
    return found | inner | {p.arg for p in parameters(node)}
