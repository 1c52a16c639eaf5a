"""Loops over lists that stand in the code: a call in such a loop is one call per element."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from backwright.core.facts import Call, Expr, Loop
from backwright.kit.index import FactIndex

_MOST = 200  # elements
_DEEP = 12


def unrolled(index: FactIndex, path: str, call: Call) -> Iterator[Call]:
    """The call for each element of the list that its loop runs over; itself where that is not known."""
    loop = index.derived(_loops).get((path, call.loop))
    names = re.findall(r"[\w$]+", loop.target) if loop is not None else []
    elements = _elements(index, path, loop) if loop is not None and names and _reads(call.expr, set(names)) else ()
    for element in elements:
        held = _held(names, loop.target if loop is not None else "", element)
        yield msgspec.structs.replace(call, expr=_filled(call.expr, held))
    if not elements:
        yield call


def _loops(index: FactIndex) -> dict[tuple[str, int], Loop]:
    return {(path, fact.loc.start): fact for path in index.files for fact in index.loops(path)}


def _reads(expr: Expr, names: set[str], depth: int = 0) -> bool:
    if expr.kind == "name":
        return expr.text in names
    return depth < _DEEP and any(_reads(part, names, depth + 1) for part in expr.parts)


def _elements(index: FactIndex, path: str, loop: Loop) -> tuple[Expr, ...]:
    """The elements of the list that a loop runs over: written there, or in a variable of this file."""
    value = loop.iterable
    if value is not None and value.kind in {"name", "attribute"}:
        name = value.dotted()
        symbol = index.symbols(path).get(name)
        local = [a.value for a in index.assigns(path) if a.scope == loop.scope and a.target.dotted() == name]
        value = local[-1] if local else symbol.value if symbol is not None else None
    return value.parts if value is not None and value.kind == "sequence" and len(value.parts) <= _MOST else ()


def _held(names: list[str], target: str, element: Expr) -> dict[str, Expr]:
    """What the variables of a loop hold for one element. Several take it apart, by keys or by place."""
    if target.strip().startswith("{"):
        return {name: part for name in names if (part := element.keyword(name)) is not None}
    if len(names) > 1 and element.kind == "sequence":
        return dict(zip(names, element.parts, strict=False))
    return {names[0]: element}


def _filled(expr: Expr, held: dict[str, Expr], depth: int = 0) -> Expr:
    """The expression with what the variables hold in their place."""
    if depth > _DEEP:
        return expr
    if expr.kind == "name":
        return held.get(expr.text, expr)
    if expr.kind == "attribute" and expr.parts[0].kind == "name" and expr.parts[0].text in held:
        found = held[expr.parts[0].text].keyword(expr.text)
        return found if found is not None else expr
    parts = tuple(_filled(part, held, depth + 1) for part in expr.parts)
    return (
        expr
        if all(a is b for a, b in zip(parts, expr.parts, strict=True))
        else msgspec.structs.replace(expr, parts=parts)
    )
