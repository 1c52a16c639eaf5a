"""BW304: a relation that is read after its query, where loading it then fails: in async code, or without a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc, Relation
from backwright.core.findings import Finding, Fix, Patch
from backwright.kit.annotations import take_apart
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import Hop
from backwright.kit.chains import name_of
from backwright.kit.django.loaders import told_to_load
from backwright.kit.findings import Voice, span_of
from backwright.kit.handlers import Handler, handlers, roles
from backwright.kit.index import Definition, FactIndex
from backwright.kit.loading import Loading, loading
from backwright.kit.shapes import Rule
from backwright.rules.queries._implicit_in_django import Unloaded, unloaded
from backwright.rules.queries._implicit_in_typescript import Missing, missing
from backwright.rules.queries._reads_of_rows import (
    READING,
    Read,
    by_property,
    fields_of,
    handed_over,
    how_to_load,
    load_with_query,
    model_named,
)
from backwright.rules.queries._single_rows import Held, SingleRows

_VOICE = Voice("BW304", "implicit-loading", "warning")
_DEPTH = 3  # response models inside of each other
# What only asks for loaders is no read: `selectinload(order.lines)` does not exist on rows.
_WAYS_AROUND = frozenset({"awaitable_attrs"})


@dataclass(frozen=True)
class Unstated:
    """A relation that nothing loaded: the row, what reads it, and the way there."""

    held: Held
    relation: Relation
    body: Body
    at: Loc
    shown: str
    way: tuple[Hop, ...] = ()


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each query and relation that is read of its row, at the first place that reads it."""
    yield from (_of_typescript(one) for one in missing(index, archmap))
    index = index.only(("python",))
    role = roles(archmap)
    yield from (_of_django(index, d) for d in unloaded(index) if role.get(d.body.path) not in {"test", "migration"})
    follow = loading(index)
    lazy = frozenset(r.name for e in follow.entities.values() for r in e.table.relations if e.lazy(r.name) is not None)
    if not lazy:
        return
    search = _Search(follow, lazy)
    told: set[tuple[str, int, str]] = set()
    for body in bodies(index).functions():
        if role.get(body.path) in {"test", "migration"}:
            continue
        for one in search.in_function(body):
            yield from _told(search, one, told)
    for handler in handlers(index, archmap):
        for one in search.in_response(handler):
            yield from _told(search, one, told)


def _told(search: _Search, one: Unstated, told: set[tuple[str, int, str]]) -> Iterator[Finding]:
    key = one.held.query.path, one.held.query.loc.start, f"{one.held.rows.entity.table.entity}.{one.relation.name}"
    if key not in told:
        told.add(key)
        yield search.finding(one)


class _Search:
    """The reads of relations in one project."""

    def __init__(self, follow: Loading, lazy: frozenset[str]) -> None:
        self.follow = follow
        self.lazy = lazy
        self.rows = SingleRows(follow)
        self.properties = frozenset(
            s.name
            for e in follow.entities.values()
            if (owner := follow.definition(e)) is not None
            for cls in follow.graph.inference.line(owner)
            for s in follow.index.symbols(cls.path).values()
            if s.scope == cls.symbol.qualname and s.decorators
        )
        self._closing = self.rows.closing()

    @cached_property
    def _reading(self) -> frozenset[str]:
        """Names of functions that read an attribute called as a lazy relation is: only these are worth following."""
        found = (b for b in self.follow.graph.bodies.functions() if b.symbol is not None and b.symbol.params)
        return READING | {b.scope.rpartition(".")[2] for b in found if any(n.text in self.lazy for n in _attributes(b))}

    # -- functions -------------------------------------------------------------------------------------------------
    def in_function(self, body: Body) -> Iterator[Unstated]:
        """What a function reads: rows of an async session are awaited, others come from functions that close theirs."""
        asynchronous = body.symbol is not None and body.symbol.is_async
        if not asynchronous and not any(name_of(c.expr) in self._closing for c in body.calls):
            return
        for top in body.expressions():
            for node in _reads(top):
                if node.kind == "attribute":
                    yield from self._attribute(body, node)
                elif name_of(node) in self._reading:
                    yield from self._passed(body, node)

    def _attribute(self, body: Body, node: Expr) -> Iterator[Unstated]:
        owner = node.parts[0]
        if node.text not in self.lazy and node.text not in self.properties:
            return
        if owner.kind not in {"name", "attribute"} or owner.text in _WAYS_AROUND or _is_of_loop(body, owner):
            return
        held = self.rows.held(body, owner)
        if held is None:
            return
        if (relation := held.rows.lazy(node.text)) is not None:
            if not self.rows.is_known(body, owner, held, relation, node.loc):
                yield Unstated(held, relation, body, node.loc, node.dotted())
        elif node.text in self.properties:
            yield from self._elsewhere(body, owner, held, by_property(self.follow, held.rows, node, node.text))

    def _passed(self, body: Body, link: Expr) -> Iterator[Unstated]:
        """The functions, methods of the row and response models that a call hands a row to."""
        receiver = link.parts[0].parts[0] if link.parts[0].kind == "attribute" else None
        given = [receiver] if receiver is not None else []
        for part in (*given, *link.parts[1:]):
            if part.kind != "name" or _is_of_loop(body, part):
                continue
            held = self.rows.held(body, part)
            if held is not None:
                yield from self._elsewhere(body, part, held, handed_over(self.follow, body, link, part.text, held.rows))

    def _elsewhere(self, body: Body, owner: Expr, held: Held, reads: Iterator[Read]) -> Iterator[Unstated]:
        for expr, name, way in reads:
            relation = held.rows.lazy(name) if name in self.lazy else None
            if relation is not None and not self.rows.is_known(body, owner, held, relation, expr.loc):
                yield Unstated(held, relation, body, expr.loc, f"{owner.dotted()}.{name}", way)

    # -- responses -------------------------------------------------------------------------------------------------
    def in_response(self, handler: Handler) -> Iterator[Unstated]:
        """What a response model reads of the one row that a handler returns."""
        if not handler.route.response:
            return
        read = take_apart(handler.route.response)
        schema = model_named(self.follow, handler.path, read.name) if not read.many else None
        for item in handler.body.returns if schema is not None else ():
            held = self.rows.held(handler.body, item.value) if item.value is not None else None
            if schema is None or held is None or item.value is None:
                continue
            yield from self._of_schema(handler, item.value, held, schema, ())

    def _of_schema(
        self, handler: Handler, value: Expr, held: Held, schema: Definition, way: tuple[Hop, ...]
    ) -> Iterator[Unstated]:
        for owner, (name, loc, annotation) in fields_of(self.follow.index, schema):
            hop = Hop(owner.path, loc, f"`{owner.symbol.name}` has the field `{name}`")
            relation = held.rows.lazy(name)
            if relation is not None:
                if not self.rows.is_known(handler.body, value, held, relation, value.loc):
                    yield Unstated(held, relation, handler.body, value.loc, "", (*way, hop))
                continue
            inner = self.rows.beyond(held, name)
            nested = model_named(self.follow, owner.path, take_apart(annotation).name) if inner is not None else None
            if inner is not None and nested is not None and len(way) < _DEPTH:
                yield from self._of_schema(handler, value, inner, nested, (*way, hop))

    # -- what is said ----------------------------------------------------------------------------------------------
    def finding(self, one: Unstated) -> Finding:
        entity, relation = one.held.rows.entity, one.relation
        what = f"`{one.shown}`" if one.shown else f"the response reads `{entity.table.entity}.{relation.name}`, which"
        return _VOICE.finding(
            one.body.path,
            one.at,
            f"{what} is loaded only when it is read, and {one.held.why}",
            scope=one.body.scope,
            text=f"{entity.table.entity}.{relation.name}",
            help=self._help(one),
            related=[
                *(hop.related() for hop in one.way),
                one.held.query.related(),
                Hop(entity.path, relation.loc, f"`{relation.name}` is lazy").related(),
            ],
            fix=load_with_query(self.follow, one.held.rows, relation) if not one.held.made else None,
        )

    def _help(self, one: Unstated) -> str:
        relation, held = one.relation, one.held
        if held.made:
            return f'name it when the row is read back: `await session.refresh(…, ["{relation.name}"])`'
        own = how_to_load(replace(held.rows, query=held.query), relation)
        exemplar = self.rows.exemplar(held.rows.entity, relation, one.body.path)
        return own if exemplar is None else f"{own}; {span_of(*exemplar)} does it the house way"


def _attributes(body: Body) -> Iterator[Expr]:
    return (n for top in body.expressions() for n in walk(top) if n.kind == "attribute")


def _reads(expr: Expr) -> Iterator[Expr]:
    """The attributes and calls of an expression; what a lambda holds is read elsewhere."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if node.kind in {"attribute", "call"}:
            yield node
        if node.kind != "lambda":
            stack.extend(reversed(node.parts))


def _is_of_loop(body: Body, owner: Expr) -> bool:
    """Whether a name is what a loop or a comprehension walks with: BW303 speaks of rows that are many."""
    while owner.kind == "attribute":
        owner = owner.parts[0]
    return any(
        owner.text in loop.target.replace("(", " ").replace(")", " ").replace(",", " ").split()
        and inside(owner.loc, loop.loc)
        for loop in body.loops
    )


def _of_typescript(one: Missing) -> Finding:
    entity, name = one.held.table.entity, one.relation.name
    return _VOICE.finding(
        one.body.path,
        one.at.loc,
        f"`{one.at.dotted()}` is read, and the query of this `{entity}` did not load it",
        scope=one.body.scope,
        text=f"{entity}.{name}",
        help=f"load it with the query: {one.how}",
        related=[
            Hop(one.held.body.path, one.held.query.loc, "this query gives the row").related(),
            Hop(one.held.path, one.relation.loc, f"`{name}` is a relation").related(),
        ],
    )


def _of_django(index: FactIndex, one: Unloaded) -> Finding:
    return _VOICE.finding(
        one.body.path,
        one.at.loc,
        f"`{one.at.dotted()}` is loaded only when it is read, and Django refuses to ask the database in async code",
        scope=one.body.scope,
        text=f"{one.held.model.name}.{one.at.text}",
        help=f'add `.select_related("{one.at.text}")` to the query at {one.held.query.path}:{one.held.query.loc.line}',
        related=[
            one.held.query.related(),
            Hop(one.relation.path, one.relation.loc, f"`{one.relation.name}` is a foreign key").related(),
        ],
        fix=_select(told_to_load(index, one.held, [one.at.text], [])),
    )


def _select(patch: Patch | None) -> Fix | None:
    return Fix("Load it with the query", "review", patches=(patch,)) if patch is not None else None


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
