"""What each function does, gathered once: its calls, assignments, conditions and loops, with the extents of its arms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from backwright.core.facts import Assign, Branch, Call, Catch, Expr, Loc, Loop, Raise, Return, Symbol
from backwright.kit.index import FactIndex


@dataclass(slots=True)
class Body:
    """The facts of one scope: a function, a class body, or a module (`scope` `""`)."""

    path: str
    scope: str
    symbol: Symbol | None = None
    calls: list[Call] = field(default_factory=list)
    assigns: list[Assign] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    raises: list[Raise] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    catches: list[Catch] = field(default_factory=list)
    _arms: dict[int, tuple[int, bool]] | None = None
    _targets: dict[str, list[Assign]] | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.path, self.scope

    def loop_at(self, start: int) -> Loop | None:
        """The loop that starts at this byte."""
        return next((loop for loop in self.loops if loop.loc.start == start), None)

    def loops_around(self, call: Call) -> Iterator[Loop]:
        """The loops a call runs in, innermost first."""
        if call.loop < 0:
            return
        around = [loop for loop in self.loops if loop.loc.start <= call.loop and call.loc.end <= loop.loc.end]
        yield from sorted(around, key=lambda loop: -loop.loc.start)

    def arms(self) -> dict[int, tuple[int, bool]]:
        """Start of every conditional arm to its end, and whether it always leaves."""
        if self._arms is None:
            self._arms = {}
            for branch in self.branches:
                if branch.body is not None:
                    self._arms[branch.body.start] = (branch.body.end, branch.exits)
                if branch.otherwise is not None:
                    self._arms[branch.otherwise.start] = (branch.otherwise.end, branch.otherwise_exits)
            for loop in self.loops:
                self._arms[loop.loc.start] = (loop.loc.end, False)
            for catch in self.catches:
                self._arms[catch.body.start] = (catch.body.end, False)
        return self._arms

    def targets(self) -> dict[str, list[Assign]]:
        """Assignments by target; one that unpacks stands under each of its names."""
        if self._targets is None:
            self._targets = {}
            for assign in self.assigns:
                names = assign.target.parts if assign.target.kind == "sequence" else (assign.target,)
                for name in names:
                    if name.kind in {"name", "attribute"}:
                        self._targets.setdefault(name.dotted(), []).append(assign)
        return self._targets

    def expressions(self) -> Iterator[Expr]:
        """The outermost expressions of every statement; a call inside one of them is not repeated."""
        held: list[tuple[int, int]] = []
        tops = [a.value for a in self.assigns]
        tops += [r.value for r in self.returns if r.value is not None]
        tops += [r.value for r in self.raises if r.value is not None]
        tops += [b.condition for b in self.branches]
        tops += [lp.iterable for lp in self.loops if lp.iterable is not None and lp.kind != "comprehension"]
        tops += [c.expr for c in self.calls]
        for expr in sorted(tops, key=lambda e: (e.loc.start, -e.loc.end)):
            if held and held[-1][0] <= expr.loc.start and expr.loc.end <= held[-1][1]:
                continue
            held.append((expr.loc.start, expr.loc.end))
            yield expr


class Bodies:
    """All bodies of a project by file and scope."""

    def __init__(self, index: FactIndex) -> None:
        self.by_key: dict[tuple[str, str], Body] = {}
        self.by_path: dict[str, dict[str, Body]] = {}
        for path, file in index.files.items():
            self.by_path[path] = self._file(path, file.facts)

    def _file(self, path: str, facts: tuple[object, ...]) -> dict[str, Body]:
        scopes: dict[str, Body] = {"": Body(path, "")}
        for fact in facts:
            kind = type(fact)
            attribute = _LISTS.get(kind)
            if attribute is not None:
                scope: str = fact.scope  # type: ignore[attr-defined]  # every listed kind has one
                body = scopes.get(scope)
                if body is None:
                    body = scopes[scope] = Body(path, scope)
                getattr(body, attribute).append(fact)
            elif kind is Symbol and fact.kind != "variable":  # type: ignore[attr-defined]
                name: str = fact.qualname  # type: ignore[attr-defined]
                known = scopes.get(name)
                # a second definition of the same name (overloads, property setters) joins the first
                if known is None:
                    scopes[name] = Body(path, name, fact)  # type: ignore[arg-type]
                elif known.symbol is None:
                    known.symbol = fact  # type: ignore[assignment]
        for scope, body in scopes.items():
            self.by_key[path, scope] = body
        return scopes

    def get(self, path: str, scope: str) -> Body | None:
        return self.by_key.get((path, scope))

    def functions(self) -> Iterator[Body]:
        """Bodies of functions and methods."""
        return (b for b in self.by_key.values() if b.symbol is not None and b.symbol.kind != "class")

    def with_inner(self, body: Body) -> Iterator[Body]:
        """A body and those of the functions defined inside it."""
        yield body
        prefix = f"{body.scope}."
        for scope, other in self.by_path.get(body.path, {}).items():
            if scope.startswith(prefix):
                yield other


_LISTS: dict[type, str] = {
    Call: "calls",
    Assign: "assigns",
    Return: "returns",
    Raise: "raises",
    Branch: "branches",
    Loop: "loops",
    Catch: "catches",
}


def bodies(index: FactIndex) -> Bodies:
    """The bodies of this project, gathered once."""
    return index.derived(Bodies)


def walk(expr: Expr) -> Iterator[Expr]:
    """An expression and everything inside it, outside in, left to right."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.parts))


def links(expr: Expr) -> Iterator[Expr]:
    """The calls of one chain, the outermost first: `a.b(x).c()` gives `.c()` then `a.b(x)`. Stops at an `await`."""
    node = expr
    while True:
        if node.kind == "call":
            yield node
            node = node.parts[0]
        elif node.kind in {"attribute", "subscript"} and node.parts:
            node = node.parts[0]
        else:
            return


def method_of(call: Expr) -> str:
    """The last name of what is called: `execute` for `self.session.execute(...)`."""
    callee = call.parts[0]
    return callee.text if callee.kind in {"attribute", "name"} else ""


def receiver_of(call: Expr) -> Expr | None:
    """What a method is called on; None for a plain function."""
    callee = call.parts[0]
    return callee.parts[0] if callee.kind == "attribute" and callee.parts else None


def names_in(expr: Expr) -> Iterator[Expr]:
    """Every name an expression reads (not the names of attributes)."""
    return (e for e in walk(expr) if e.kind == "name")


def inside(inner: Loc, outer: Loc | None) -> bool:
    return outer is not None and outer.start <= inner.start and inner.end <= outer.end
