"""Which imports a compiled file keeps, in languages whose types are gone when it runs."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Assign, Branch, Call, Expr, Fact, Import, Loop, Raise, Return, Symbol, With
from backwright.kit.bodies import inside, walk
from backwright.kit.index import FactIndex


def kept(index: FactIndex, path: str) -> Iterator[Import]:
    """The imports of a file that are left when its types are gone, above its first class or function."""
    used = _values(index, path)
    begins = min((s.loc.start for s in index.symbols(path).values() if s.kind in {"class", "function"}), default=None)
    for item in index.imports(path):
        found = index.resolve(path, item.alias) if item.alias in used else None
        erased = found is not None and found.symbol.is_shape
        below = begins is not None and item.loc.start > begins  # `require` stands there because of a cycle
        if not below and (not item.alias or (item.alias in used and not erased)):
            yield item


def _values(index: FactIndex, path: str) -> frozenset[str]:
    """The names that a file uses as values: what it only names in types is no import when it runs.

    Nor does that count which a decorator asks for later: `() => Order` is written so that the two may know each other.
    """
    facts = index.facts(path)
    marks = [mark for fact in facts if isinstance(fact, Symbol) for mark in _marks(fact)]
    read = (
        expr
        for fact in facts
        if not (isinstance(fact, Call) and any(inside(fact.loc, mark.loc) for mark in marks))
        for expr in _expressions(fact)
    )
    names = (node for expr in read for node in walk(expr))
    return frozenset(n.text for n in (*names, *(n for mark in marks for n in _at_once(mark))) if n.kind == "name")


def _marks(symbol: Symbol) -> Iterator[Expr]:
    yield from symbol.decorators
    for param in symbol.params:
        yield from param.decorators
    for field in symbol.fields:
        yield from field.decorators


def _at_once(expr: Expr) -> Iterator[Expr]:
    yield expr
    for part in expr.parts:
        if part.kind != "lambda":
            yield from _at_once(part)


def _expressions(fact: Fact) -> Iterator[Expr]:
    match fact:
        case Call(expr=found):
            yield found
        case Assign(value=found, target=target):
            yield from (found, target)
        case Return(value=found) | Raise(value=found) | Loop(iterable=found):
            if found is not None:
                yield found
        case Branch(condition=found) | With(value=found):
            yield found
        case Symbol():
            yield from _of_symbol(fact)
        case _:
            return


def _of_symbol(symbol: Symbol) -> Iterator[Expr]:
    yield from symbol.base_exprs if "interface" not in symbol.modifiers else ()
    if symbol.value is not None:
        yield symbol.value
    yield from (p.default_expr for p in symbol.params if p.default_expr is not None)
    yield from (f.value_expr for f in symbol.fields if f.value_expr is not None)
