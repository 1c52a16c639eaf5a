"""Relations that are read for each row, matched to the query that the rows come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr, Loop
from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop, arguments
from backwright.kit.chains import name_of
from backwright.kit.django.admin import Admin
from backwright.kit.django.held import EVERYTHING, Held
from backwright.kit.django.models import Model
from backwright.kit.django.pages import Pages
from backwright.kit.django.querysets import QuerySets, querysets
from backwright.kit.django.reads import Read, Reads, Row
from backwright.kit.django.serializers import Serializers
from backwright.kit.django.tables import Tables
from backwright.kit.django.views import Views
from backwright.kit.index import Definition, FactIndex


@dataclass(frozen=True)
class Lazy:
    """A relation that sends a query for each row. `by` is what reads it: a loop's variable, or a serializer's name."""

    held: Held
    read: Read
    by: str
    loop: Loop | None = None
    passed: tuple[Hop, ...] = ()
    scope: str = ""  # the function of the loop


def lazy_reads(index: FactIndex) -> Iterator[Lazy]:
    """Everything of one project that is read row by row."""
    follow = querysets(index)
    if not follow.models.by_key:
        return
    reads = Reads(follow)
    for body in follow.graph.bodies.by_key.values():
        for loop in body.loops:
            yield from _in_loop(follow, reads, body, loop)
    yield from _in_feeds(follow, reads)
    for held, read, template in Pages(follow, reads).lazy():
        if _is_lazy(follow, held, read):
            yield Lazy(held, read, template)
    for held, read, shown in (*Admin(follow, reads).lazy(), *Tables(follow, reads).lazy()):
        if _is_lazy(follow, held, read):
            yield Lazy(held, read, shown)
    serializers = Serializers(reads)
    for answer in Views(follow, serializers).answers():
        for read in serializers.of(answer.serializer, answer.held.model):
            if _is_lazy(follow, answer.held, read):
                yield Lazy(answer.held, read, answer.serializer.symbol.name)


def _in_feeds(follow: QuerySets, reads: Reads) -> Iterator[Lazy]:
    """Feeds and sitemaps: `items` asks, and what takes an item is run for each."""
    for cls in follow.index.classes():
        if not any(base.rpartition(".")[2].endswith(("Feed", "Sitemap")) for base in cls.symbol.bases):
            continue
        asking = follow.inference.method(cls, "items")
        body = follow.graph.body_of(asking) if asking is not None else None
        held = follow.returned(body) if body is not None else None
        if held is None or not held.many:
            continue
        yield from _by_address(follow, reads, cls, held)
        for method in follow.inference.methods(cls):
            name = method.scope.rpartition(".")[2]
            params = method.symbol.params[1:2] if method.symbol is not None else ()
            if not params or not name.startswith(("item_", "location", "lastmod")):
                continue
            for read in reads.of(method, Row(params[0].name, held.model)):
                if _is_lazy(follow, held, read):
                    yield Lazy(held, read, name)


def _by_address(follow: QuerySets, reads: Reads, cls: Definition, held: Held) -> Iterator[Lazy]:
    """Each item is listed by its address, which the model gives where the class does not."""
    if follow.inference.method(cls, "location") is not None or follow.inference.method(cls, "item_link") is not None:
        return
    found = follow.inference.method(held.model.definition, "get_absolute_url")
    body = follow.graph.body_of(found) if found is not None else None
    if body is None or body.symbol is None or not body.symbol.params:
        return
    for read in reads.of(body, Row(body.symbol.params[0].name, held.model)):
        if _is_lazy(follow, held, read):
            yield Lazy(held, read, cls.symbol.name)


def _by_key(follow: QuerySets, reads: Reads, body: Body, loop: Loop) -> Iterator[Lazy]:
    """`users[key].badge` in a loop over keys: rows that were asked for at once and are looked up one by one."""
    names = {
        a.target.text for a in body.assigns if a.target.kind == "name" and a.value.text == "dictionary_comprehension"
    }
    for name in sorted(names):
        first = next(a for a in body.targets()[name] if a.value.text == "dictionary_comprehension")
        held = follow.rows(body, first.value)
        if held is None or not held.many or first.loc.start > loop.loc.start:
            continue
        for read in reads.of(body, Row(name, held.model, (), loop.loc)):
            if _is_lazy(follow, held, read):
                yield Lazy(held, read, name, loop, (), body.scope)


def _in_loop(follow: QuerySets, reads: Reads, body: Body, loop: Loop) -> Iterator[Lazy]:
    yield from _by_key(follow, reads, body, loop)
    target, iterable = _walked(loop)
    if iterable is None or not target.isidentifier():
        return
    for held, passed in _held(follow, body, iterable):
        if not held.many:
            continue
        for read in reads.of(body, Row(target, held.model, (), loop.loc)):
            if _is_lazy(follow, held, read):
                yield Lazy(held, read, target, loop, passed, body.scope)


def _walked(loop: Loop) -> tuple[str, Expr | None]:
    """The variable that holds a row, and what is walked over: `for i, order in enumerate(orders)` too."""
    iterable = loop.iterable
    if iterable is not None and iterable.kind == "call" and name_of(iterable) == "enumerate" and iterable.positional():
        return loop.target.strip("()").rpartition(",")[2].strip(), iterable.positional()[0]
    return loop.target.strip(), iterable


def _held(follow: QuerySets, body: Body, iterable: Expr) -> Iterator[tuple[Held, tuple[Hop, ...]]]:
    held = follow.rows(body, iterable)
    if held is not None:
        yield held, ()
    elif iterable.kind == "name" and iterable.text not in body.targets():
        for rows, hop in _passed(follow, body, iterable.text):
            yield rows, (hop,)


def _passed(follow: QuerySets, body: Body, name: str) -> Iterator[tuple[Held, Hop]]:
    """The rows that callers pass as a parameter of a function."""
    if body.symbol is None or not any(p.name == name for p in body.symbol.params):
        return
    target = Definition(body.path, body.symbol)
    for caller, link in follow.graph.callers(target):
        argument = arguments(link, target).get(name)
        held = follow.rows(caller, argument) if argument is not None else None
        if held is not None:
            yield held, Hop(caller.path, link.loc, f"passes them to `{body.scope}`")


def _is_lazy(follow: QuerySets, held: Held, read: Read) -> bool:
    if read.asks:
        return True
    path = follow.models.collapsed(held.model, read.path)
    if held.loaded is None or not path:
        return False
    if EVERYTHING in held.loaded and _is_single(held.model, follow, path):
        return False
    for cut in range(1, len(path)):
        if f"{'__'.join(path[:cut])}__{EVERYTHING}" in held.loaded:
            return False
    return held.has(path) is False


def _is_single(model: Model, follow: QuerySets, path: tuple[str, ...]) -> bool:
    current: Model | None = model
    for name in path:
        relation = current.relations.get(name) if current is not None else None
        if relation is None or relation.many or relation.null:
            return False  # `select_related()` does not follow what may be empty
        current = follow.models.get(relation.target)
    return True
