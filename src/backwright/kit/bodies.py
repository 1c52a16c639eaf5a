"""What each function does, gathered once: its calls, assignments, conditions and loops, and where its arms end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from backwright.core.facts import (
    Assign,
    Branch,
    Call,
    Catch,
    Expr,
    FileFacts,
    Import,
    Loc,
    Loop,
    Raise,
    Return,
    Route,
    Setting,
    StringLiteral,
    Symbol,
    Table,
    Test,
    With,
)
from backwright.kit.chains import links
from backwright.kit.index import FactIndex, of_file


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
    contexts: list[With] = field(default_factory=list)
    _arms: dict[int, tuple[int, bool]] | None = None
    _targets: dict[str, list[Assign]] | None = None
    _tops: list[Expr] | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.path, self.scope

    def loops_around(self, call: Call) -> Iterator[Loop]:
        """The loops a call runs in, innermost first."""
        if call.loop < 0:
            return
        around = [loop for loop in self.loops if loop.loc.start <= call.loop and call.loc.end <= loop.loc.end]
        yield from sorted(around, key=lambda loop: -loop.loc.start)

    def branches_around(self, loc: Loc) -> Iterator[Branch]:
        """The branches that have a place in one of their arms."""
        return (b for b in self.branches if inside(loc, b.body) or inside(loc, b.otherwise))

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
                names = assign.target.parts if assign.target.kind in {"sequence", "mapping"} else (assign.target,)
                for name in names:
                    if name.kind in {"name", "attribute"}:
                        self._targets.setdefault(name.dotted(), []).append(assign)
        return self._targets

    def expressions(self) -> list[Expr]:
        """The outermost expressions of every statement in order; a call inside one of them is not repeated."""
        if self._tops is None:
            self._tops = list(self._outermost())
        return self._tops

    def _outermost(self) -> Iterator[Expr]:
        tops = [a.value for a in self.assigns]
        tops += [r.value for r in self.returns if r.value is not None]
        tops += [r.value for r in self.raises if r.value is not None]
        tops += [b.condition for b in self.branches]
        tops += [lp.iterable for lp in self.loops if lp.iterable is not None and lp.kind != "comprehension"]
        tops += [c.expr for c in self.calls]
        end = -1
        for expr in sorted(tops, key=lambda e: (e.loc.start, -e.loc.end)):
            if expr.loc.end > end:
                end = expr.loc.end
                yield expr


class Link(NamedTuple):
    """One call of a chain: `expr` is it, `call` the fact of the whole chain, `depth` its place from the outside."""

    body: Body
    call: Call
    expr: Expr
    depth: int


class Bodies:
    """All bodies of a project by file and scope."""

    def __init__(self, index: FactIndex) -> None:
        self.by_key: dict[tuple[str, str], Body] = {}
        self.by_path: dict[str, dict[str, Body]] = {}
        self._by_name: dict[str, list[Link]] | None = None
        self._files = tuple(index.files.values())
        for path, file in index.files.items():
            scopes = self.by_path[path] = of_file(file, bodies_in)
            for scope, body in scopes.items():
                self.by_key[path, scope] = body

    def get(self, path: str, scope: str) -> Body | None:
        return self.by_key.get((path, scope))

    def functions(self) -> Iterator[Body]:
        """Bodies of functions and methods."""
        return (b for b in self.by_key.values() if b.symbol is not None and b.symbol.kind != "class")

    def around(self, path: str, loc: Loc) -> list[Body]:
        """The functions and classes that a place stands in, outermost first."""
        found = (
            (b.symbol.loc.start, b)
            for b in self.by_path.get(path, {}).values()
            if b.symbol is not None and inside(loc, b.symbol.loc)
        )
        return [body for _, body in sorted(found, key=lambda item: item[0])]

    def with_inner(self, body: Body) -> Iterator[Body]:
        """A body and those of the functions defined inside it."""
        yield body
        prefix = f"{body.scope}."
        for scope, other in self.by_path.get(body.path, {}).items():
            if scope.startswith(prefix):
                yield other

    @property
    def by_name(self) -> dict[str, list[Link]]:
        """Every call of the project by the last name of what is called."""
        if self._by_name is None:
            self._by_name = {}
            for file in self._files:
                for name, found in of_file(file, _calls).items():
                    self._by_name.setdefault(name, []).extend(found)
        return self._by_name

    def called(self, names: Iterable[str]) -> Iterator[Link]:
        """The calls of anything with one of these last names, in the same order every time."""
        for name in sorted(names):
            yield from self.by_name.get(name, ())


def _calls(file: FileFacts) -> dict[str, list[Link]]:
    """The calls in one file by the last name of what is called."""
    out: dict[str, list[Link]] = {}
    for body in of_file(file, bodies_in).values():
        for call in body.calls:
            for depth, expr in enumerate(links(call.expr)):
                out.setdefault(expr.parts[0].text, []).append(Link(body, call, expr, depth))
    return out


def bodies_in(file: FileFacts) -> dict[str, Body]:
    """The facts of one file by scope, for `of_file`. Most facts stand in the scope of the fact before."""
    path = file.path
    scopes: dict[str, Body] = {"": Body(path, "")}
    scope, body = "", scopes[""]
    for fact in file.facts:
        kind = type(fact)
        if kind in _SKIPPED:
            continue
        if kind is Symbol:
            _define(scopes, path, fact)  # type: ignore[arg-type]
            continue
        if fact.scope != scope:  # type: ignore[union-attr]  # every kind that is gathered has one
            scope = fact.scope  # type: ignore[union-attr]
            found = scopes.get(scope)
            body = found if found is not None else scopes.setdefault(scope, Body(path, scope))
        if kind is Call:
            body.calls.append(fact)  # type: ignore[arg-type]
        elif kind is Assign:
            body.assigns.append(fact)  # type: ignore[arg-type]
        else:
            getattr(body, _LISTS[kind]).append(fact)
    return scopes


def _define(scopes: dict[str, Body], path: str, symbol: Symbol) -> None:
    """A second definition of the same name (overloads, property setters) joins the first."""
    if symbol.kind == "variable":
        return
    name = symbol.qualname
    known = scopes.get(name)
    if known is None:
        scopes[name] = Body(path, name, symbol)
    elif known.symbol is None:
        known.symbol = symbol


_LISTS: dict[type, str] = {
    Return: "returns",
    Raise: "raises",
    Branch: "branches",
    Loop: "loops",
    Catch: "catches",
    With: "contexts",
}
_SKIPPED = frozenset({StringLiteral, Import, Route, Table, Setting, Test})


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


def names_in(expr: Expr) -> Iterator[Expr]:
    """Every name an expression reads (not the names of attributes)."""
    return (e for e in walk(expr) if e.kind == "name")


def inside(inner: Loc, outer: Loc | None) -> bool:
    return outer is not None and outer.start <= inner.start and inner.end <= outer.end
