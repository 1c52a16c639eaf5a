"""Promises of writes that nobody waits for, in languages whose calls start when they are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from backwright.core.facts import Call, Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop, callgraph, shown
from backwright.kit.chains import name_of
from backwright.kit.database import database, reaching
from backwright.kit.index import FactIndex

_HANDLED = frozenset({"then", "catch", "finally", "exec", "on", "cursor", "stream", "asCallback", "nodeify"})
_BESIDE = re.compile(
    r"audit|log(?!in)|track|metric|event|notif|analytic|record|telemetry|stat(s|istics)|cleanup|refresh", re.I
)


def dropped_writes(
    index: FactIndex, serving: Serving, dropped: Callable[[Body], Iterator[Expr]]
) -> Iterator[tuple[Body, Call, tuple[Hop, ...]]]:
    """Statements of asynchronous functions that start a write, or a function that leads to one, and go on at once."""
    writes = reaching(index, lambda c: c.family == "write")
    graph = callgraph(index)
    for body in serving.functions():
        if body.symbol is None or not body.symbol.is_async:
            continue
        own = {id(c.call) for c in database(index).of(body) if c.family == "write"}
        lost = {e.loc.start for e in dropped(body)}
        for call in body.calls:
            if call.awaited or call.loc.start not in lost or name_of(call.expr) in _HANDLED:
                continue
            if _BESIDE.search(shown(call.expr)) or (body.symbol.body or call.loc).start == call.loc.start:
                continue  # what may be lost, and what `() => call()` gives back
            if id(call) in own:
                yield body, call, ()
                continue
            target = graph.target(body, call.expr)
            way = writes.through(body, call.expr) if target is not None and target.symbol.is_async else None
            if way is not None:
                yield body, call, way
