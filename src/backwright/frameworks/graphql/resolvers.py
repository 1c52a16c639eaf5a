"""The functions that resolve the operations of a schema."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Expr, Loc, Symbol
from backwright.frameworks.graphql.sdl import KINDS
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file

Resolver = tuple[str, str, Loc]  # file, qualified name, place

_OF_CLASSES = {"queryresolver": "QUERY", "mutationresolver": "MUTATION", "subscriptionresolver": "SUBSCRIPTION"}
_MARKS = {"QueryMapping": "QUERY", "MutationMapping": "MUTATION", "SubscriptionMapping": "SUBSCRIPTION"}
_MARKS |= {"DgsQuery": "QUERY", "DgsMutation": "MUTATION", "DgsSubscription": "SUBSCRIPTION"}


class Resolvers:
    """Resolvers by method and name: in maps (`Query: { users }`), as methods (`queryResolver.Users`), by marks."""

    def __init__(self, index: FactIndex) -> None:
        self._known: dict[tuple[str, str], Resolver] = {}
        for path in index.files:
            if is_test_file(path) or "generated" in path:
                continue
            for symbol in index.symbols(path).values():
                for method, name, found in _of_symbol(index, path, symbol):
                    self._known.setdefault((method, name.lower()), found)

    def of(self, method: str, name: str) -> Resolver | None:
        """What resolves an operation; None where it was not found."""
        return self._known.get((method, name.lower()))


def _of_symbol(index: FactIndex, path: str, symbol: Symbol) -> Iterator[tuple[str, str, Resolver]]:
    here = (path, symbol.qualname, symbol.loc)
    if symbol.kind == "variable":
        if symbol.value is not None and symbol.value.kind == "mapping":
            yield from _mapped(index, path, symbol)
        return
    owner = symbol.scope.rpartition(".")[2]
    if owner in KINDS:
        yield KINDS[owner], symbol.name, here
    elif owner.lower() in _OF_CLASSES:
        yield _OF_CLASSES[owner.lower()], symbol.name, here
    for mark in symbol.decorators if symbol.kind != "class" else ():
        callee = mark.parts[0] if mark.kind == "call" else mark
        last = callee.dotted().rpartition(".")[2]
        named = [p.text for p in mark.parts[1:] if p.kind == "string"] if mark.kind == "call" else []
        if mark.kind == "call" and last in {"DgsData", "SchemaMapping"} | set(_MARKS):
            method = _MARKS.get(last) or _parent(mark)
            if method:
                yield method, _field(mark) or (named[0] if named else symbol.name), here
        elif last in _MARKS:
            yield _MARKS[last], named[0] if named else symbol.name, here
        elif last == "field" and callee.dotted().lower().rpartition(".")[0] in {"query", "mutation", "subscription"}:
            yield callee.dotted().partition(".")[0].upper(), named[0] if named else symbol.name, here


def _parent(mark: Expr) -> str:
    """The method by the type that a mark names: `@DgsData(parentType = "Query", …)`."""
    given = mark.keyword("parentType") or mark.keyword("typeName")
    words = "" if given is None else given.text if given.kind == "string" else given.dotted()
    return next((kind for kind in KINDS.values() if kind in words.upper().split(".")), "")


def _field(mark: Expr) -> str:
    given = mark.keyword("field") or mark.keyword("name")
    return "" if given is None else given.text if given.kind == "string" else given.dotted().rpartition(".")[2]


def _mapped(index: FactIndex, path: str, symbol: Symbol) -> Iterator[tuple[str, str, Resolver]]:
    """The functions that a map of resolvers names."""
    value = symbol.value
    if value is None:
        return
    maps = [(KINDS[key], part) for key, part in zip(value.keys, value.parts, strict=False) if key in KINDS]
    if symbol.name in KINDS:
        maps.append((KINDS[symbol.name], value))
    for method, inner in maps:
        for key, part in zip(inner.keys, inner.parts, strict=False) if inner.kind == "mapping" else ():
            if key and part.kind in {"name", "attribute", "call"}:
                yield method, key, _named(index, path, part)


def _named(index: FactIndex, path: str, part: Expr) -> Resolver:
    """Where a resolver that is named is defined; the innermost argument of what wraps it."""
    while part.kind == "call" and len(part.parts) > 1 and part.parts[-1].kind in {"name", "attribute", "call"}:
        part = part.parts[-1]
    dotted = part.dotted().replace("()", "")
    found = index.resolve(path, dotted)
    if found is not None:
        return found.path, found.symbol.qualname, found.symbol.loc
    return path, dotted, part.loc
