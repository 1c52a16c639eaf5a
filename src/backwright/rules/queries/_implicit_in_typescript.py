"""Relations that TypeScript reads of one row and its query did not load: they are undefined, or an empty collection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Relation
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.chains import links, name_of
from backwright.kit.held import Held, held_rows
from backwright.kit.index import FactIndex

_ORMS = {"typeorm": '`relations: ["{}"]`', "sequelize": "`include`", "mikroorm": '`populate: ["{}"]`'}
_LOADING = frozenset({"relations", "include", "populate", "join", "loadRelationIds", "loadEagerRelations"})
_FURTHER = frozenset(
    {"populate", "load", "loadItems", "init", "reload", "refresh", "save", "create", "merge", "preload"}
)
_PLAIN = frozenset({"mapping", "string", "constant"})


class Missing(NamedTuple):
    """A relation that was not loaded, where it is read, the query of the row, and what would load it."""

    body: Body
    at: Expr
    held: Held
    relation: Relation
    how: str


def missing(index: FactIndex, archmap: ArchMap) -> Iterator[Missing]:
    """One for each query and relation that is read of its row."""
    rows = held_rows(index)
    relations = {r.name for _, t in index.tables() if t.orm in _ORMS for r in t.relations}
    told: set[tuple[str, int, str]] = set()
    for body in Serving(index, archmap).functions() if relations else ():
        for top in body.expressions():
            for outer in walk(top):
                node = outer.parts[0] if outer.kind == "attribute" else outer  # `order.user.name`, `order.lines.map`
                if outer is node or node.kind != "attribute" or node.text not in relations:
                    continue
                held = rows.of(body, node.parts[0]) if node.parts[0].kind == "name" else None
                if held is None or held.many or held.table.orm not in _ORMS:
                    continue
                relation = next((r for r in held.table.relations if r.name == node.text), None)
                key = held.body.path, held.query.loc.start, node.text
                if relation is not None and key not in told and not _is_loaded(index, body, held, relation, node):
                    told.add(key)
                    yield Missing(body, node, held, relation, _ORMS[held.table.orm].format(relation.name))


def _is_loaded(index: FactIndex, body: Body, held: Held, relation: Relation, node: Expr) -> bool:
    """Whether the query says how relations are loaded, the mapping does, or something may have loaded it since."""
    known = {table.entity for _, table in index.tables()}
    for link in links(held.query):
        if name_of(link) in _FURTHER | {"createQueryBuilder", "scope"}:
            return True
        for number, part in enumerate(link.parts[1:]):
            keys = {key for e in walk(part) for key in e.keys}
            options = (
                part.kind not in _PLAIN and (number or "." not in part.dotted()) and part.dotted() not in {"id", *known}
            )
            if keys & {*_LOADING, "**"} or options:
                return True
    return _is_eager(index, held, relation) or _is_set(body, relation, node) or _is_asked(body, node)


def _is_set(body: Body, relation: Relation, node: Expr) -> bool:
    """Whether the relation was given a value, or the row was handed to something that loads."""
    row = node.parts[0].text
    if any(a.loc.start < node.loc.start for a in body.targets().get(f"{row}.{relation.name}", ())):
        return True
    earlier = (link for call in body.calls for link in links(call.expr) if link.loc.start < node.loc.start)
    return any(
        name_of(link) in _FURTHER and any(e.kind == "name" and e.text == row for p in link.parts for e in walk(p))
        for link in earlier
    )


def _is_asked(body: Body, node: Expr) -> bool:
    """Whether it is asked first whether there is one: `if (order.user) …`, `order.user?.name`."""
    around = (b.condition for b in body.branches if inside(node.loc, b.loc) or inside(node.loc, b.body))
    return any(e.dotted() == node.dotted() for condition in around for e in walk(condition) if e.loc != node.loc)


def _is_eager(index: FactIndex, held: Held, relation: Relation) -> bool:
    """Whether the entity says that it is loaded always, or when it is read."""
    symbol = index.symbols(held.path).get(held.table.entity)
    field = next((f for f in symbol.fields if f.name == relation.name), None) if symbol is not None else None
    if field is None or symbol is None:
        return True
    keys = {key for mark in field.decorators for e in walk(mark) for key in e.keys}
    scoped = any(name_of(mark) in {"DefaultScope", "Scopes"} for mark in symbol.decorators if mark.kind == "call")
    return scoped or "eager" in keys or field.annotation.startswith(("Promise<", "Ref<", "Reference", "Lazy"))
