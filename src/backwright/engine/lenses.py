"""The way of a request, for who looks at its route: through which functions it comes to the database, and how often it asks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

import msgspec

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import CallGraph, callgraph
from backwright.kit.chains import links
from backwright.kit.database import DbCall, database, is_access
from backwright.kit.handlers import Handler, handlers, injected, roles, views
from backwright.kit.index import Definition, FactIndex

_MOST = 300  # functions that are followed for one route
_DEPTH = 8


class Stop(msgspec.Struct, frozen=True):
    """A function on the way: `name` as the file calls it, `role` of the file, `""` where it has none."""

    name: str
    path: str
    line: int
    role: str


class Way(msgspec.Struct, frozen=True):
    """The way of one route. `stops` lead from the handler to the nearest access to data; where none is known, as deep into
    services and repositories as calls could be followed.

    `statements` are the places with an access that the handler can come to, each counted once; `repeated` says that one of
    them, or a call on the way to it, is in a loop. `tables` are those that the accesses name.
    """

    method: str
    route: str
    line: int
    stops: tuple[Stop, ...]
    tables: tuple[str, ...]
    statements: int
    repeated: bool


def ways(index: FactIndex, archmap: ArchMap, path: str) -> Iterator[Way]:
    """The ways of the routes whose handlers are in one file, in the order of the file."""
    role = roles(archmap)
    tables = {table.entity: table.table for _, table in index.tables()}
    seen: set[tuple[str, str]] = set()
    found = [h for h in (*handlers(index, archmap), *views(index, archmap)) if h.path == path]
    for handler in sorted(found, key=lambda h: h.body.symbol.loc.start if h.body.symbol is not None else 0):
        if handler.body.key not in seen:
            seen.add(handler.body.key)
            yield _way(index, handler, role, tables)


class _Walk:
    """All that one handler can come to, nearest first."""

    def __init__(self, index: FactIndex, start: Body) -> None:
        self.graph: CallGraph = callgraph(index)
        self.index = index
        self.cause: dict[tuple[str, str], Body | None] = {start.key: None}
        self.repeated: set[tuple[str, str]] = set()
        self.reached: list[Body] = []
        queue = deque([(start, 0)])
        while queue and len(self.reached) < _MOST:
            body, depth = queue.popleft()
            self.reached.append(body)
            if depth < _DEPTH:
                queue += [(found, depth + 1) for found in self._following(body, first=depth == 0)]

    def _following(self, body: Body, *, first: bool) -> Iterator[Body]:
        called = [(target, call.loop >= 0) for call in body.calls for target in self._targets(body, call.expr)]
        params = body.symbol.params if first and body.symbol is not None else ()
        provided = (injected(self.index).of(body.path, param) for param in params)
        called += [(definition, False) for definition in provided if definition is not None]
        for definition, looped in called:
            found = self.graph.body_of(definition)
            if found is not None and found.key not in self.cause:
                self.cause[found.key] = body
                if looped or body.key in self.repeated:
                    self.repeated.add(found.key)
                yield found
        for inner in bodies(self.index).with_inner(body):
            if inner.key not in self.cause:
                self.cause[inner.key] = body
                yield inner

    def _targets(self, body: Body, call: Expr) -> Iterator[Definition]:
        for link in links(call):
            target = self.graph.target(body, link)
            if target is not None:
                yield target

    def to(self, body: Body) -> list[Body]:
        """The functions from the start to one that was reached."""
        way, here = [body], self.cause[body.key]
        while here is not None:
            way.append(here)
            here = self.cause[here.key]
        return way[::-1]


def _way(index: FactIndex, handler: Handler, role: Mapping[str, str], tables: Mapping[str, str]) -> Way:
    walked = _Walk(index, handler.body)
    accesses: list[tuple[Body, DbCall]] = []
    for body in walked.reached:
        accesses += [(body, call) for call in database(index).of(body) if is_access(call)]
    nearest = walked.to(accesses[0][0]) if accesses else _deepest(walked, role)
    named = dict.fromkeys(
        tables[e.text]
        for _, call in accesses
        for e in walk(call.link)
        if e.kind in {"name", "attribute"} and e.text in tables
    )
    line = handler.body.symbol.loc.line if handler.body.symbol is not None else handler.route.loc.line
    return Way(
        method=handler.route.method,
        route=handler.route.path,
        line=line,
        stops=tuple(_stop(body, role) for body in nearest),
        tables=tuple(named),
        statements=len(accesses),
        repeated=any(call.call.loop >= 0 or body.key in walked.repeated for body, call in accesses),
    )


def _deepest(walked: _Walk, role: Mapping[str, str]) -> list[Body]:
    """The longest way to a function of a layer below, the handler alone where calls lead to none."""
    ways_down = (walked.to(body) for body in walked.reached if role.get(body.path) in ("service", "repository"))
    return max(ways_down, key=len, default=[walked.reached[0]])


def _stop(body: Body, role: Mapping[str, str]) -> Stop:
    line = body.symbol.loc.line if body.symbol is not None else 1
    return Stop(body.scope, body.path, line, role.get(body.path, ""))
