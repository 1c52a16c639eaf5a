"""Fields of GraphQL types that are resolved by a query of their own for each object of a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Symbol
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, names_in, walk
from backwright.kit.callgraph import Hop, Reach, shown
from backwright.kit.chains import links, mark_of
from backwright.kit.database import database, reaching
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import Graph, libraries, pattern


@dataclass(frozen=True)
class Resolved:
    """A field that a query resolves: the way to that query, and where a list of its type is given."""

    body: Body
    owner: str
    way: tuple[Hop, ...]
    listed: Hop


def resolved(index: FactIndex, archmap: ArchMap) -> Iterator[Resolved]:
    """One for each such field."""
    graphs = {name: libraries(name).graph for name in index.spoken}
    if not any(graph.fields for graph in graphs.values()):
        return
    batched = frozenset(name for graph in graphs.values() for name in graph.batched)
    listed = dict(_listed(index))
    reach = None
    for body in Serving(index, archmap).functions() if listed else ():
        graph = graphs[index.files[body.path].language]
        parent = _parent(body, graph)
        owner = _owner(index, body, graph) if parent else ""
        given = listed.get((owner, _home(index, body.path, owner))) if owner else None
        if given is None:
            continue
        reach = reach or reaching(index, lambda c: c.family == "query" and c.method not in batched)
        way = _way(index, reach, body, parent, graph)
        if way:
            yield Resolved(body, owner, way, given)


def _has(symbol: Symbol, names: tuple[str, ...]) -> bool:
    return any(mark_of(d) in names for d in symbol.decorators)


def _parent(body: Body, graph: Graph) -> set[str]:
    """The names under which a resolver has the object whose field it resolves."""
    symbol = body.symbol
    if symbol is None or not symbol.decorators or not _has(symbol, graph.fields):
        return set()
    return {
        name
        for param in symbol.params
        if any(mark_of(d) in graph.parents for d in param.decorators)
        for name in param.names
    }


def _owner(index: FactIndex, body: Body, graph: Graph) -> str:
    """The type that the class of a resolver names: `@Resolver(() => Order)`."""
    cls = index.symbols(body.path).get(body.scope.rpartition(".")[0])
    for decorator in cls.decorators if cls is not None and _has(cls, graph.owners) else ():
        for part in decorator.parts[1:]:
            last = part.parts[0] if part.kind == "lambda" and part.parts else part
            if last.kind == "name":
                return last.text
    return ""


def _home(index: FactIndex, path: str, name: str) -> str:
    """The file that defines a type as a file names it; `""` for none of this project."""
    found = inference(index).resolve(path, name)
    return found.path if found is not None else ""


def _listed(index: FactIndex) -> Iterator[tuple[tuple[str, str], Hop]]:
    """Types that some query, field or resolver gives a list of: `() => [Order]`."""
    for path in index.files:
        for symbol in index.symbols(path).values():
            holders = [(symbol.name, d) for d in symbol.decorators] if symbol.kind == "method" else []
            holders += [(f"{symbol.name}.{f.name}", d) for f in symbol.fields for d in f.decorators]
            for called, decorator in holders:
                for part in decorator.parts[1:] if decorator.kind == "call" else ():
                    given = part.parts[0] if part.kind == "lambda" and part.parts else None
                    if given is not None and given.kind == "sequence" and len(given.parts) == 1:
                        name = given.parts[0].dotted()
                        yield (name, _home(index, path, name)), Hop(path, given.loc, f"`{called}` gives a list of them")


def _way(index: FactIndex, reach: Reach, body: Body, parent: set[str], graph: Graph) -> tuple[Hop, ...]:
    """From a resolver to the query that its object is passed to; nothing where something batches it."""
    batching = pattern(graph.batching)
    for call in body.calls:
        if any(batching.search(e.text) for e in walk(call.expr) if e.kind in {"name", "attribute"}):
            return ()
    of_parent = set(parent)
    for assign in body.assigns:
        if any(e.text in of_parent for e in names_in(assign.value)):
            of_parent |= {e.text for e in walk(assign.target) if e.kind == "name"}
    direct = {id(c.link): c for c in database(index).of(body)}
    for call in body.calls:
        for link in links(call.expr):
            if not any(e.text in of_parent for part in link.parts[1:] for e in names_in(part)):
                continue
            own = direct.get(id(link))
            if own is not None and own.family == "query" and own.method not in graph.batched:
                return (own.hop(),)
            chain = reach.through(body, link) if own is None else None
            if chain is not None and not any(batching.search(h.text) for h in chain):
                return (Hop(body.path, link.loc, f"calls `{shown(link)}`"), *chain)
    return ()
