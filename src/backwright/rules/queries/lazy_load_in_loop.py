"""BW303: what a loop or a response reads of each row is loaded with the rows."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc, Relation
from backwright.core.findings import Finding, Related
from backwright.kit.annotations import take_apart
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import Hop, arguments
from backwright.kit.chains import links
from backwright.kit.findings import Voice, heading, span_of
from backwright.kit.handlers import Handler, handlers, roles
from backwright.kit.index import Definition, FactIndex
from backwright.kit.loading import Loading, Rows, loading
from backwright.kit.shapes import Rule
from backwright.rules.queries._fields_of_graphs import Resolved, resolved
from backwright.rules.queries._loaders_of_others import Repeated, repeated
from backwright.rules.queries._reads_of_rows import (
    Read,
    by_property,
    fields_of,
    handed_over,
    how_to_load,
    is_passed,
    load_with_query,
    model_named,
)
from backwright.rules.queries._relations_of_others import OneByOne, one_by_one
from backwright.rules.queries._rows_of_django import rows_of_django

_VOICE = Voice("BW303", "lazy-load-in-loop", "warning")


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each relation that a loop or a list response reads row by row."""
    for one in one_by_one(index, archmap):
        yield _of_others(one)
    yield from (_by_call(found) for found in repeated(index, archmap))
    yield from (_by_field(found) for found in resolved(index, archmap))
    index = index.only(("python",))
    yield from rows_of_django(index, archmap, _VOICE)
    follow = loading(index)
    if not any(entity.table.relations for entity in follow.entities.values()):
        return
    role = roles(archmap)
    unloaded = {r.name for e in follow.entities.values() for r in e.table.relations if e.lazy(r.name) is not None}
    seen: set[tuple[str, int, str]] = set()
    for body in bodies(index).by_key.values():
        if not body.loops or role.get(body.path) in {"test", "migration"}:
            continue
        for finding, key in _loops(follow, body, unloaded):
            if key not in seen:
                seen.add(key)
                yield finding
    for handler in handlers(index, archmap):
        for finding, key in _responses(follow, handler, unloaded):
            if key not in seen:
                seen.add(key)
                yield finding


Keyed = tuple[Finding, tuple[str, int, str]]


def _loops(follow: Loading, body: Body, lazy: set[str]) -> Iterator[Keyed]:
    for loop in body.loops:
        target = loop.target.strip()
        if loop.iterable is None or not target.isidentifier():
            continue
        reads = [r for r in _reads(body, loop.loc, target, loop.iterable) if r[1] in lazy]
        passed = list(_passed(body, loop.loc, target))
        asked = [r for r in _reads(body, loop.loc, target, loop.iterable) if r[1] not in lazy]
        rows = _walked(follow, body, loop.iterable) if reads or passed or asked else None
        if rows is None or not rows.many:
            continue
        reads += [r for expr, name, _ in asked for r in by_property(follow, rows, expr, name) if r[1] in lazy]
        reads += [r for link in passed for r in handed_over(follow, body, link, target, rows) if r[1] in lazy]
        told: set[str] = set()
        for expr, name, way in sorted(reads, key=lambda r: r[0].loc.start):
            relation = rows.lazy(name)
            if relation is not None and name not in told:
                told.add(name)
                yield _in_loop(follow, body, expr, rows, relation, (target, way)), (body.path, loop.loc.start, name)


def _walked(follow: Loading, body: Body, iterable: Expr) -> Rows | None:
    """The rows that a loop walks over: its own, or those that some caller passes."""
    rows = follow.rows(body, iterable)
    if rows is not None or iterable.kind != "name" or iterable.text in body.targets() or body.symbol is None:
        return rows
    target = Definition(body.path, body.symbol)
    for caller, link in follow.graph.callers(target):
        given = arguments(link, target).get(iterable.text)
        rows = follow.rows(caller, given) if given is not None else None
        if rows is not None and rows.loaded is not None:
            return rows
    return None


def _reads(body: Body, within: Loc, target: str, iterable: Expr) -> list[Read]:
    """Every `target.name` inside a loop, outermost expression first."""
    tops = [e for e in body.expressions() if e.loc.end >= within.start and e.loc.start <= within.end]
    nodes = (n for top in tops for n in walk(top) if n.kind == "attribute" and n.parts[0].kind == "name")
    return [
        (n, n.text, ())
        for n in nodes
        if n.parts[0].text == target and inside(n.loc, within) and not inside(n.loc, iterable.loc)
    ]


def _passed(body: Body, within: Loc, target: str) -> Iterator[Expr]:
    """The calls in a loop that take the row, or are methods of it."""
    for call in body.calls:
        if inside(call.loc, within):
            for link in links(call.expr):
                if is_passed(link, target):
                    yield link


def _in_loop(
    follow: Loading, body: Body, expr: Expr, rows: Rows, relation: Relation, where: tuple[str, tuple[Hop, ...]]
) -> Finding:
    target, way = where
    read = expr.dotted() if expr.kind == "attribute" else f"{target}.{relation.name}"
    return _VOICE.finding(
        body.path,
        expr.loc,
        f"`{read}` is loaded for each `{target}` of this loop: "
        f"its query does not load `{rows.entity.table.entity}.{relation.name}`",
        scope=body.scope,
        text=f"{rows.entity.table.entity}.{relation.name}",
        help=how_to_load(rows, relation),
        related=[*(hop.related() for hop in way), *_evidence(rows, relation)],
        fix=load_with_query(follow, rows, relation),
    )


def _evidence(rows: Rows, relation: Relation) -> Iterator[Related]:
    if rows.query is not None:
        yield rows.query.related()
    yield Related(f"`{relation.name}` is lazy", span_of(rows.entity.path, relation.loc))


# -- responses -------------------------------------------------------------------------------------------------------
def _responses(follow: Loading, handler: Handler, lazy: set[str]) -> Iterator[Keyed]:
    """Rows that a handler returns, against the fields of its response model."""
    symbol = handler.body.symbol
    schema = _schema(follow, handler.path, handler.route.response)
    if symbol is None or not handler.route.response:
        return
    for item in handler.body.returns:
        if item.value is None:
            continue
        pairs = [(item.value, schema)] if schema is not None else list(_enveloped(follow, handler, item.value))
        for value, model in pairs:
            fields = [(o, f) for o, f in fields_of(follow.index, model) if f[0] in lazy]
            rows = follow.rows(handler.body, value) if fields else None
            if rows is None or not rows.many:
                continue
            for owner, (name, loc, _) in fields:
                relation = rows.lazy(name)
                if relation is not None and rows.query is not None:
                    chain = (
                        Hop(owner.path, loc, f"`{owner.symbol.name}` has the field `{name}`"),
                        Hop(handler.path, heading(symbol), "answers with it"),
                    )
                    yield (
                        _in_response(follow, rows, rows.query, relation, owner, chain),
                        (rows.query.path, rows.query.loc.start, name),
                    )


def _schema(follow: Loading, path: str, annotation: str) -> Definition | None:
    """The element of `list[Schema]`."""
    read = take_apart(annotation)
    if not read.many:
        return None
    return model_named(follow, path, read.name)


def _enveloped(follow: Loading, handler: Handler, value: Expr) -> Iterator[tuple[Expr, Definition]]:
    """`OrdersPublic(data=orders, count=count)`: each argument with the model of its field."""
    if value.kind != "call":
        return
    envelope = model_named(follow, handler.path, value.parts[0].dotted())
    if envelope is None:
        return
    annotations = {f[0]: (o, f[2]) for o, f in fields_of(follow.index, envelope)}
    for key, part in zip(value.keys[1:], value.parts[1:], strict=True):
        owner, annotation = annotations.get(key, (None, ""))
        model = _schema(follow, owner.path, annotation) if owner is not None else None
        if model is not None:
            yield part, model


def _in_response(
    follow: Loading, rows: Rows, query: Hop, relation: Relation, schema: Definition, chain: tuple[Hop, ...]
) -> Finding:
    return _VOICE.finding(
        query.path,
        query.loc,
        f"the response reads `{rows.entity.table.entity}.{relation.name}` of each row, and this query does not load it",
        scope=schema.symbol.name,
        text=f"{rows.entity.table.entity}.{relation.name} in {schema.symbol.name}",
        help=how_to_load(rows, relation),
        related=[
            *(hop.related() for hop in chain),
            Related(f"`{relation.name}` is lazy", span_of(rows.entity.path, relation.loc)),
        ],
        fix=load_with_query(follow, rows, relation),
    )


def _of_others(one: OneByOne) -> Finding:
    relation, entity = one.relation.name, one.table.entity
    return _VOICE.finding(
        one.body.path,
        one.at.loc,
        f"`{one.at.dotted() or one.at.text}` loads `{relation}` of one `{entity}` after the other in this loop",
        scope=one.body.scope,
        text=f"{entity}.{relation}",
        help=f"load `{relation}` with the query that gives them",
        related=[
            Hop(one.body.path, one.query.loc, "the query, which does not load it").related(),
            Hop(one.body.path, one.loop.loc, "the loop").related(),
        ],
    )


def _by_call(found: Repeated) -> Finding:
    load = found.load
    return _VOICE.finding(
        found.body.path,
        load.at.loc,
        f"`{load.what}` is loaded for each `{load.root}` of this loop",
        scope=found.body.scope,
        text=f"{load.what} of {load.root}",
        help=f"load `{load.what}` with the query that gives the rows (`include`, `Preload`, `populate`, `Repo.preload` of all, a join)",
        related=[Hop(found.body.path, found.loop.loc, "the loop").related(), *(hop.related() for hop in load.way)],
    )


def _by_field(found: Resolved) -> Finding:
    name = found.body.scope.rpartition(".")[2]
    return _VOICE.finding(
        found.body.path,
        found.way[0].loc,
        f"`{name}` is asked for each `{found.owner}` of a list, with a query of its own",
        scope=found.body.scope,
        text=f"{found.owner}.{name}",
        help="load it for all of them at once: with a DataLoader, or with the query that gives the list",
        related=[*(hop.related() for hop in found.way), found.listed.related()],
    )


RULE = Rule(
    _VOICE.id,
    _VOICE.name,
    _VOICE.severity,
    ("python", "typescript", "go", "rust", "java", "kotlin", "csharp", "ruby", "php", "elixir"),
    check,
)
