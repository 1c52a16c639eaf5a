"""Rows that TypeScript loads whole and uses little of: only their number, or one or two columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.chains import links, name_of
from backwright.kit.held import Held, held_rows
from backwright.kit.index import FactIndex

_NARROWING = frozenset(
    {
        "select",
        "attributes",
        "fields",
        "columns",
        "omit",
        "exclude",
        "projection",
        "lock",
        "include",
        "relations",
        "populate",
    }
)
_NARROWED = frozenset({"select", "distinct", "populate", "setLock"})
_FEW = 2  # columns that are read
_WIDE = 8  # columns that an entity has
_WALKING = frozenset({"map", "forEach", "flatMap", "some", "every"})


class Used(NamedTuple):
    """Rows of a query, where they are used, and the columns that are read; none of them where only their number is."""

    body: Body
    at: Expr
    held: Held
    read: tuple[str, ...]


def used(index: FactIndex, archmap: ArchMap) -> Iterator[Used]:
    """One for each query of many rows that are used up in the same function."""
    rows = held_rows(index)
    for body in Serving(index, archmap).functions() if rows.tables else ():
        for assign in body.assigns:
            held = rows.of(body, assign.value) if assign.target.kind == "name" and assign.op == "=" else None
            if held is None or not held.many or held.body is not body or _is_narrowed(held.query):
                continue
            found = _use(index, body, assign.target.text, held)
            if found is not None:
                yield Used(body, found[0], held, found[1])


def _is_narrowed(query: Expr) -> bool:
    """Whether the query says which columns it wants, loads relations too, or takes options that are made elsewhere."""
    for link in links(query):
        if name_of(link) in _NARROWED:
            return True
        for number, part in enumerate(link.parts[1:]):
            if part.kind == "mapping" and (set(part.keys) & _NARROWING or "**" in part.keys):
                return True
            if part.kind not in {"mapping", "constant"} and (number or not part.text[:1].isupper()):
                return True  # a projection of Mongoose, or options in a variable
    return False


def _use(index: FactIndex, body: Body, name: str, held: Held) -> tuple[Expr, tuple[str, ...]] | None:
    """The one thing that is done with rows that have a name: asked for their length, or walked over."""
    tops = [top for inner in bodies(index).with_inner(body) for top in _tops(inner)]
    nodes = [e for top in tops for e in walk(top) if e.loc.start > held.query.loc.end]
    places = {e.loc.start for e in nodes if e.kind == "name" and e.text == name}
    if len(places) != 1 or len(body.targets().get(name, ())) != 1:
        return None
    for node in nodes:
        if node.kind != "attribute" or node.parts[0].kind != "name" or node.parts[0].loc.start not in places:
            continue
        if node.text == "length":
            return node, ()
        call = next((e for e in nodes if e.kind == "call" and e.parts[0] is node), None)
        read = _columns(index, body, call, held) if call is not None and node.text in _WALKING else ()
        return (node, read) if read else None
    return None


def _tops(body: Body) -> list[Expr]:
    return [*body.expressions(), *(a.target for a in body.assigns)]


def _columns(index: FactIndex, body: Body, call: Expr, held: Held) -> tuple[str, ...]:
    """The columns that `rows.map((row) => row.id)` reads of a wide entity; none where a row is used in any other way."""
    given = next((p for p in call.parts[1:] if p.kind == "lambda"), None)
    own = bodies(index).by_path[body.path].values() if given is not None else ()
    inner = next((b for b in own if b.symbol is not None and given is not None and b.symbol.loc == given.loc), None)
    params = inner.symbol.params if inner is not None and inner.symbol is not None else ()
    names = [p.name for p in params] or [key for key in (given.keys if given is not None else ()) if key]
    if given is None or len(names) != 1:
        return ()
    row = names[0]
    within = bodies(index).with_inner(inner) if inner is not None else ()
    tops = [*given.parts, *(top for b in within for top in _tops(b))]
    nodes = [e for top in tops for e in walk(top) if inside(e.loc, given.loc)]
    whole = {e.loc.start for e in nodes if e.kind == "name" and e.text == row}
    owned = [e for e in nodes if e.kind == "attribute" and e.parts[0].kind == "name" and e.parts[0].text == row]
    read, columns = {e.text for e in owned}, {c.name for c in held.table.columns}
    if not read or whole - {e.parts[0].loc.start for e in owned} or len(read) > _FEW or len(columns) < _WIDE:
        return ()
    return tuple(sorted(read)) if read <= columns else ()
