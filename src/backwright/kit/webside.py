"""What belongs to the web layer in other languages than Python: classes and functions that the framework runs around handlers."""

from __future__ import annotations

from backwright.core.facts import Symbol
from backwright.kit.bodies import Body, bodies
from backwright.kit.chains import mark_of
from backwright.kit.index import FactIndex
from backwright.kit.libraries import libraries, pattern


def is_around_handlers(index: FactIndex, body: Body) -> bool:
    """Whether a function is a guard, filter, interceptor, pipe, middleware or strategy, or stands in one."""
    known = libraries(index.files[body.path].language).web
    scope = body.scope
    while scope:
        outer = bodies(index).get(body.path, scope)
        symbol = outer.symbol if outer is not None else None
        if symbol is not None and (
            any(pattern(known.params).search(p.annotation) for p in symbol.params)
            or not _kinds(symbol).isdisjoint(known.owners)
        ):
            return True
        scope = scope.rpartition(".")[0]
    return False


def _kinds(cls: Symbol) -> set[str]:
    """What a class is derived from and decorated with, by last names."""
    return {mark_of(named) for named in (*cls.base_exprs, *cls.decorators)} if cls.kind == "class" else set()
