"""What expressions hold: their calls with the loops they run in, and their texts with the names they are given to."""

from __future__ import annotations

from backwright.core.facts import Call, Expr, Fact, Loop, Setting, StringLiteral
from backwright.languages.python.expressions import ExpressionReader

_NO_NAMES = frozenset({"", "*", "**"})
_READERS = frozenset(
    {"os.getenv", "getenv", "os.environ.get", "environ.get", "config", "env", "env.str", "env.int", "env.bool", "env.float",
     "env.list", "env.dict", "env.json", "env.url", "env.db", "env.db_url", "env.path", "env.decimal"}
)  # fmt: skip
_READING = frozenset(reader.rpartition(".")[2] for reader in _READERS)
_ENVIRONMENT = frozenset({"os.environ", "environ"})


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
        if expr.parts:
            self._calls(expr, self.loop if loop is None else loop, awaited)

    def _calls(self, expr: Expr, loop: int, awaited: bool = False) -> None:
        kind = expr.kind
        if kind == "call":
            self.facts.append(Call(expr, self.scope, expr.loc, awaited, loop))
            self._chain(expr, loop)
            return
        if kind == "comprehension":
            self._comprehension(expr, loop)
            return
        if kind == "await":
            awaited = True
        elif kind not in {"attribute", "subscript"} or expr.parts[0].kind not in {"call", "await"}:
            awaited = False
        for part in expr.parts:
            if part.parts:
                self._calls(part, loop, awaited)

    def _read_variable(self, call: Expr) -> None:
        """`os.getenv("DATABASE_URL", "sqlite://")`, `env("SECRET_KEY")`: a name in capitals, perhaps with a default."""
        given = call.positional()
        if given and given[0].kind == "string" and given[0].text.isupper():
            default = given[1] if len(given) > 1 else call.keyword("default")
            text = (
                "" if default is None or default.text == "None" else self.read.cut(default.loc.start, default.loc.end)
            )
            text = repr(default.text) if default is not None and default.kind == "string" else text
            required = default is None and "get" not in call.parts[0].text
            self.facts.append(Setting(given[0].text, call.loc, text, required))

    def _comprehension(self, expr: Expr, loop: int) -> None:
        """The first iterable runs once, before the loop; everything else runs in it."""
        clause = next(
            (p for p in expr.parts if p.kind == "other" and p.text == "for_in_clause" and len(p.parts) > 1), None
        )
        target = self.read.cut(clause.parts[0].loc.start, clause.parts[0].loc.end) if clause else ""
        self.facts.append(Loop("comprehension", self.scope, expr.loc, clause.parts[-1] if clause else None, target))
        for part in expr.parts:
            if part is clause:
                self.emit_calls(part.parts[-1], loop=loop)
            else:
                self.emit_calls(part, loop=expr.loc.start)

    def _chain(self, expr: Expr, loop: int) -> None:
        """The arguments all along `a(x).b(y)`, without a Call for each prefix of the chain."""
        parts = expr.parts
        callee = parts[0]
        if callee.text in _READING and callee.dotted() in _READERS:
            self._read_variable(expr)
        for part in parts:
            if part.parts and part is not callee:
                self._calls(part, loop)
        while callee.kind in {"attribute", "subscript"} and callee.parts:
            for part in callee.parts[1:]:
                self.emit_calls(part, loop=loop)
            callee = callee.parts[0]
        if callee.kind == "call":
            self._chain(callee, loop)
        elif callee.kind != "name":
            self.emit_calls(callee, loop=loop)

    def emit_strings(self, expr: Expr, context: str) -> None:
        """Every text in an expression that is given to the name `context`, the last one first."""
        if expr.kind == "string":
            if expr.text:
                self.facts.append(StringLiteral(expr.text, context, self.scope, expr.loc))
        elif expr.parts:
            self._strings(expr, context)

    def _strings(self, expr: Expr, context: str) -> None:
        inherited = "" if expr.kind == "call" else context
        if expr.kind == "subscript" and expr.parts[0].dotted() in _ENVIRONMENT and expr.parts[1].kind == "string":
            self.facts.append(Setting(expr.parts[1].text, expr.loc, required=True))
        if not expr.keys:
            for part in reversed(expr.parts):
                self.emit_strings(part, inherited)
            return
        for key, part in reversed(list(zip(expr.keys, expr.parts, strict=False))):
            if part.parts or part.kind == "string":
                self.emit_strings(part, inherited if key in _NO_NAMES else key)
