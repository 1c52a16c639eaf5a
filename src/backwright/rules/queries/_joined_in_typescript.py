"""Collections that one query of TypeORM or Sequelize joins: `relations`, `leftJoinAndSelect`, `include`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.facts import Expr, Table
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import argument, links, name_of, positional, receiver_of
from backwright.kit.index import FactIndex

_LANGUAGE = "typescript"
_FINDING = (
    *("find", "findOne", "findOneOrFail", "findAndCount", "findBy", "findOneBy", "findAll", "findByPk"),
    *("findAndCountAll", "findOneByOrFail"),
)
_JOINING = frozenset({"leftJoinAndSelect", "innerJoinAndSelect"})


class Joined(NamedTuple):
    """A query, the entity that it asks for, and the collections that it joins, each with its place."""

    body: Body
    entity: str
    names: list[tuple[str, Expr]]


def joined(index: FactIndex) -> Iterator[Joined]:
    """The queries that join several collections of one entity."""
    tables = {
        t.entity: t for p, t in index.tables() if t.orm in {"typeorm", "sequelize"} and any(r.many for r in t.relations)
    }
    if not tables:
        return
    for link in bodies(index).called((*_FINDING, "createQueryBuilder")):
        if index.files[link.body.path].language != _LANGUAGE:
            continue
        table = _asked(index, tables, link.body, link.expr)
        if table is None:
            continue
        many = {r.name: r for r in table.relations if r.many}
        if name_of(link.expr) == "createQueryBuilder":
            names = list(_of_builder(link.call.expr, link.expr, set(many)))
        elif table.orm == "sequelize":
            names = list(_of_include(argument(link.expr, "include"), table))
        else:
            names = list(_of_relations(link.expr, set(many)))
        if len({name for name, _ in names}) > 1:
            yield Joined(link.body, table.entity, names)


def _asked(index: FactIndex, tables: dict[str, Table], body: Body, link: Expr) -> Table | None:
    """The entity that is asked for: of `Repository<Order>`, `getRepository(Order)`, `manager.find(Order, …)`, `Order.findAll()`."""
    receiver, given = receiver_of(link), positional(link)
    if receiver is None:
        return None
    if given and given[0].kind == "name" and given[0].text in tables:
        return tables[given[0].text]
    if receiver.kind == "call" and (inner := positional(receiver)) and name_of(receiver) == "getRepository":
        return tables.get(inner[0].dotted().rpartition(".")[2])
    last = receiver.dotted().rpartition(".")[2]
    if last in tables:
        return tables[last]
    found = callgraph(index).inference.of(body.path, body.scope, receiver)
    return next((tables[arg] for arg in found.args if arg in tables), None) if found is not None else None


def _of_relations(link: Expr, many: set[str]) -> Iterator[tuple[str, Expr]]:
    """`{ relations: ["lines", "tags"] }`, `{ relations: { lines: true, tags: true } }`; not where each is queried by itself."""
    strategy, given = argument(link, "relationLoadStrategy"), argument(link, "relations")
    if given is None or (strategy is not None and strategy.text == "query"):
        return
    if given.kind == "sequence":
        yield from ((p.text, p) for p in given.parts if p.kind == "string" and p.text in many)
    elif given.kind == "mapping":
        pairs = zip(given.keys, given.parts, strict=False)
        yield from ((key, value) for key, value in pairs if key in many and value.text != "false")


def _of_builder(chain: Expr, begun: Expr, many: set[str]) -> Iterator[tuple[str, Expr]]:
    """`createQueryBuilder("order").leftJoinAndSelect("order.lines", "line")`."""
    alias = next((p.text for p in positional(begun) if p.kind == "string"), "")
    for link in reversed(list(links(chain))):
        first = next(iter(positional(link)), None)
        if name_of(link) in _JOINING and first is not None and first.kind == "string":
            owner, _, name = first.text.rpartition(".")
            if owner == alias and alias and name in many:
                yield name, first


def _of_include(given: Expr | None, table: Table) -> Iterator[tuple[str, Expr]]:
    """`{ include: [Line, { model: Tag, as: "tags" }] }`; not what is loaded by a query of its own."""
    for part in given.parts if given is not None and given.kind == "sequence" else ():
        model = part.keyword("model") if part.kind == "mapping" else part
        separate = part.keyword("separate") if part.kind == "mapping" else None
        called = part.keyword("as") if part.kind == "mapping" else None
        target = model.dotted().rpartition(".")[2] if model is not None else ""
        name = called.text if called is not None else part.text if part.kind == "string" else ""
        for relation in table.relations:
            fits = relation.name == name if name else relation.target == target
            if relation.many and fits and (separate is None or separate.text != "true"):
                yield relation.name, part
                break
