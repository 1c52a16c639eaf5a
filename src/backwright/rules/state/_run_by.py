"""The functions that a handler runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from backwright.kit.bodies import Body
from backwright.kit.callgraph import CallGraph, Hop, shown
from backwright.kit.chains import links, name_of
from backwright.kit.index import Definition

Way = tuple[Hop, ...]


def run_by(
    graph: CallGraph,
    starts: Iterable[Body],
    depth: int,
    names: frozenset[str] | None = None,
    enter: Callable[[Definition], bool] = lambda _: True,
) -> Iterator[tuple[Body, Way]]:
    """Where it starts, and the functions of this project that are called from there, to a depth of calls.

    `names` are those of functions that are worth following, None for all; `enter` says into which to go.
    """
    queue: list[tuple[Body, Way]] = [(b, ()) for b in starts]
    seen = {b.key for b, _ in queue}
    while queue:
        body, way = queue.pop(0)
        yield body, way
        for call in body.calls if len(way) < depth else ():
            for link in links(call.expr):
                target = graph.target(body, link) if names is None or name_of(link) in names else None
                inner = graph.body_of(target) if target is not None and enter(target) else None
                if inner is not None and inner.key not in seen:
                    seen.add(inner.key)
                    queue.append((inner, (*way, Hop(body.path, link.loc, f"calls `{shown(link)}`"))))
