"""What is read of rows elsewhere than where they are held, and how the query would bring it along."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Expr, Loc, Relation
from backwright.core.findings import Fix
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import Hop, arguments
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.loading import Loading, Rows
from backwright.kit.patches import imported, inserted

_DEPTH = 2  # functions that hand a row on to each other
_STORING = frozenset({"save", "delete", "update"})  # a statement for each row is what these are for
READING = frozenset({"model_validate", "from_orm", "validate_python", "parse_obj"})
# What reads a row, the name of what is read, and the way there.
Read = tuple[Expr, str, tuple[Hop, ...]]


def by_property(follow: Loading, rows: Rows, expr: Expr, name: str) -> Iterator[Read]:
    """What a property of the entity reads of its own row."""
    owner = follow.definition(rows.entity)
    found = follow.graph.inference.method(owner, name) if owner is not None else None
    inner = follow.graph.body_of(found) if found is not None else None
    if (
        found is None
        or inner is None
        or not {d.text for d in found.symbol.decorators} & {"property", "cached_property"}
    ):
        return
    for top in inner.expressions():
        for node in walk(top):
            if node.kind == "attribute" and node.parts[0].dotted() == "self":
                yield expr, node.text, (Hop(inner.path, node.loc, f"`{name}` reads `{node.dotted()}`"),)


def handed_over(follow: Loading, body: Body, link: Expr, target: str, rows: Rows, depth: int = 0) -> Iterator[Read]:
    """What a function of this project reads of a row that it is passed, and a response model by its fields."""
    if name_of(link) in READING:
        yield from _by_schema(follow, body, link)
        return
    found, params = _taking(follow, body, link, target, rows)
    inner = follow.graph.body_of(found) if found is not None and found.symbol.name not in _STORING else None
    if found is None or inner is None:
        return
    for top in inner.expressions():
        for node in walk(top):
            if node.kind == "attribute" and node.parts[0].dotted() in params:
                yield link, node.text, (Hop(inner.path, node.loc, f"`{found.symbol.name}` reads `{node.dotted()}`"),)
    if depth >= _DEPTH:
        return
    for call in inner.calls:
        for further in links(call.expr):
            for param in params:
                if is_passed(further, param):
                    hop = Hop(inner.path, further.loc, f"`{found.symbol.name}` calls `{name_of(further)}`")
                    for _, name, way in handed_over(follow, inner, further, param, rows, depth + 1):
                        yield link, name, (hop, *way)


def _taking(follow: Loading, body: Body, link: Expr, target: str, rows: Rows) -> tuple[Definition | None, list[str]]:
    """The method of a row, or the function that takes one, with what it calls the row."""
    receiver = receiver_of(link)
    if receiver is not None and receiver.dotted() == target:
        owner = follow.definition(rows.entity)
        return follow.graph.inference.method(owner, name_of(link)) if owner is not None else None, ["self"]
    found = follow.graph.target(body, link)
    given = arguments(link, found) if found is not None else {}
    return found, [p for p, a in given.items() if a.kind == "name" and a.text == target]


def is_passed(link: Expr, target: str) -> bool:
    """Whether a call takes what a variable holds, or is a method of it."""
    return any(p.kind == "name" and p.text == target for p in (*link.parts[1:], *link.parts[0].parts))


def _by_schema(follow: Loading, body: Body, link: Expr) -> Iterator[Read]:
    """`OrderRead.model_validate(order)` reads every field of `OrderRead`."""
    name = link.parts[0].parts[0].dotted() if link.parts[0].parts else ""
    found = follow.graph.inference.resolve(body.path, name)
    if found is None or found.symbol.kind != "class":
        return
    for owner, field in fields_of(follow.index, found):
        yield link, field[0], (Hop(owner.path, field[1], f"`{owner.symbol.name}` has the field `{field[0]}`"),)


def fields_of(index: FactIndex, schema: Definition) -> Iterator[tuple[Definition, tuple[str, Loc, str]]]:
    """The fields that a response model writes out: the class that has it; its name, place and annotation."""
    for owner in (schema, *index.bases(schema)):
        for field in owner.symbol.fields:
            if field.annotation and "exclude=True" not in field.value.replace(" ", ""):
                yield owner, (field.name, field.loc, field.annotation)


def model_named(follow: Loading, path: str, name: str) -> Definition | None:
    """The class of this project that a name in a file means, if it is no entity."""
    found = follow.graph.inference.resolve(path, name)
    if found is None or found.symbol.kind != "class" or (found.path, found.symbol.qualname) in follow.entities:
        return None
    return found


def load_with_query(follow: Loading, rows: Rows, relation: Relation) -> Fix | None:
    """The loader as an option of the query, where the function that runs it selects the entity once."""
    query = rows.query
    around = bodies(follow.index).around(query.path, query.loc) if query is not None else []
    around = [b for b in around if b.symbol is not None and b.symbol.kind != "class"]
    if query is None or not around:
        return None
    selects = [s for body in around for s in _selects(follow, body, rows)]
    selects = [s for s in selects if inside(s.loc, query.loc)] or selects
    loader = "selectinload" if relation.many else "joinedload"
    known = imported(follow.index, query.path, "sqlalchemy.orm", loader)
    if len(selects) != 1 or known is None:
        return None
    option = f".options({loader}({selects[0].positional()[0].dotted()}.{relation.name}))"
    patch = inserted(query.path, selects[0].loc.end, option)
    return Fix("Load it with the query", "review", patches=(*known, patch))


def _selects(follow: Loading, body: Body, rows: Rows) -> Iterator[Expr]:
    """`select(Order)` and `session.query(Order)` of the rows' entity."""
    for top in body.expressions():
        for node in walk(top):
            given = node.positional() if node.kind == "call" and name_of(node) in {"select", "query"} else ()
            if len(given) == 1 and follow.entity(body.path, given[0].dotted()) == rows.entity:
                yield node


def how_to_load(rows: Rows, relation: Relation) -> str:
    """What to add to the query, and where it is."""
    loader = "selectinload" if relation.many else "joinedload"
    where = f" at {rows.query.path}:{rows.query.loc.line}" if rows.query is not None else ""
    return f"add `.options({loader}({rows.entity.table.entity}.{relation.name}))` to the query{where}"
