"""What expressions hold: their calls with the loops they run in, and their texts with the names they are given to."""

from __future__ import annotations

from backwright.core.facts import Call, Expr, Fact, Loop, StringLiteral
from backwright.languages.python.expressions import ExpressionReader


class Emitter:
    """Collects facts. Keeps the scope, the innermost loop and the innermost arm of the place that is read."""

    def __init__(self, source: bytes) -> None:
        self.read = ExpressionReader(source)
        self.facts: list[Fact] = []
        self.scope = ""
        self.loop = -1
        self.branch = -1
        self.typing_only = False
        self.in_class = False

    def emit_calls(self, expr: Expr, *, awaited: bool = False, loop: int | None = None) -> None:
        """A Call for the outermost call of each chain, then for the calls among its arguments."""
        loop = self.loop if loop is None else loop
        match expr.kind:
            case "await":
                for part in expr.parts:
                    self.emit_calls(part, awaited=True, loop=loop)
            case "call":
                self.facts.append(Call(expr, self.scope, expr.loc, awaited, loop))
                self._chain(expr, loop)
            case "comprehension":
                self._comprehension(expr, loop)
            case "attribute" | "subscript" if expr.parts and expr.parts[0].kind in {"call", "await"}:
                for part in expr.parts:
                    self.emit_calls(part, awaited=awaited, loop=loop)
            case _:
                for part in expr.parts:
                    self.emit_calls(part, loop=loop)

    def _comprehension(self, expr: Expr, loop: int) -> None:
        """The first iterable runs once, before the loop; everything else runs in it."""
        clause = next(
            (p for p in expr.parts if p.kind == "other" and p.text == "for_in_clause" and len(p.parts) > 1), None
        )
        target = (
            self.read.source[clause.parts[0].loc.start : clause.parts[0].loc.end].decode("utf-8", "replace")
            if clause
            else ""
        )
        self.facts.append(Loop("comprehension", self.scope, expr.loc, clause.parts[-1] if clause else None, target))
        for part in expr.parts:
            if part is clause:
                self.emit_calls(part.parts[-1], loop=loop)
            else:
                self.emit_calls(part, loop=expr.loc.start)

    def _chain(self, expr: Expr, loop: int) -> None:
        """The arguments all along `a(x).b(y)`, without a Call for each prefix of the chain."""
        for part in expr.parts[1:]:
            self.emit_calls(part, loop=loop)
        callee = expr.parts[0]
        while callee.kind in {"attribute", "subscript"} and callee.parts:
            for part in callee.parts[1:]:
                self.emit_calls(part, loop=loop)
            callee = callee.parts[0]
        if callee.kind == "call":
            self._chain(callee, loop)
        elif callee.kind != "name":
            self.emit_calls(callee, loop=loop)

    def emit_strings(self, expr: Expr, context: str) -> None:
        stack = [(expr, context)]
        while stack:
            node, name = stack.pop()
            if node.kind == "string":
                if node.text:
                    self.facts.append(StringLiteral(node.text, name, self.scope, node.loc))
                continue
            keys = node.keys or ("",) * len(node.parts)
            for key, part in zip(keys, node.parts, strict=False):
                stack.append((part, key if key not in {"", "*", "**"} else name if node.kind != "call" else ""))
