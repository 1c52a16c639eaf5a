"""BW306: a query brings what is used of its rows, not all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Column, Expr, Loc, Loop, Table
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.callgraph import Hop
from backwright.kit.chains import name_of
from backwright.kit.database import database
from backwright.kit.django.querysets import QuerySets, querysets
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.loading import Loading, loading
from backwright.kit.shapes import Rule
from backwright.rules.queries._whole_in_typescript import Used, used

_VOICE = Voice("BW306", "over-fetching", "advice")
_FEW = 2  # columns that are read
_WIDE = 8  # columns that an entity has
_HEAVY = re.compile(r"(^|\.)(Text|JSON\w*|JSONB|LargeBinary|BLOB|CLOB|TextField|JSONField|BinaryField|HSTORE|Vector)\b")
_OBJECT = re.compile(r"(File|Image|Filer\w*)(Path)?(Field)?\b")  # what the ORM makes more of than a value
_MANY = 5  # columns, where one of them is heavy
_NARROWED = frozenset({"load_only", "only", "defer", "values", "values_list", "with_for_update", "select_for_update"})
_STAR = re.compile(r"^\s*select\s+(\w+\.)?\*\s+from\s+[\w\"`.\[\]]+", re.IGNORECASE)
_NAMED = re.compile(r"^\s*select\s+(distinct\s+)?[\w\"`.]+\s*(,|from\b|as\b)", re.IGNORECASE)
# What takes all there is, and tools beside the service.
_COPYING = re.compile(r"(^|/)tools?/|backup|export|dump|copy|archive|snapshot|mirror|migrat", re.IGNORECASE)
_STYLE = 4


@dataclass(frozen=True)
class Whole:
    """Rows that a query of this function loads whole: their entity, the query, and how its ORM names columns."""

    table: Table
    query: Hop
    django: bool


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each loop that reads few columns of whole rows, each count of loaded rows, and each `SELECT *`."""
    yield from (_of_typescript(one) for one in used(index, archmap))
    index = index.only(("python", "typescript"))
    search = _Search(index)
    stars: list[Finding] = []
    named = 0
    for body in Serving(index, archmap).functions():
        if body.loops or body.calls:
            yield from search.in_loops(body)
            yield from search.in_counts(body)
        for loc, text in _statements(index, body) if not _COPYING.search(f"{body.path}.{body.scope}") else ():
            named += bool(_NAMED.match(text))
            if _STAR.match(text):
                stars.append(_of_star(body, loc, text))
    if len(stars) >= _STYLE and len(stars) > named:
        yield _VOICE.style(
            stars,
            f"{len(stars)} statements select `*`, {named} name their columns",
            help="statements that name their columns bring less, and break loudly when a column goes",
        )
    else:
        yield from stars


def _of_typescript(one: Used) -> Finding:
    entity = one.held.table.entity
    shown = " and ".join(f"`{name}`" for name in one.read)
    what = f"only {shown} of each row is read" if one.read else "only their number is asked for"
    how = "name the columns: `select`, `attributes`" if one.read else "let the database count: `count`"
    return _VOICE.finding(
        one.body.path,
        one.at.loc,
        f"all columns of these rows of `{entity}` are loaded, and {what}",
        scope=one.body.scope,
        text=f"{entity} {','.join(one.read)}",
        help=how,
        related=[Hop(one.body.path, one.held.query.loc, "this query loads them").related()],
    )


class _Search:
    """The queries of one project whose rows are used where they are loaded."""

    def __init__(self, index: FactIndex) -> None:
        self.loading: Loading = loading(index)
        self.querysets: QuerySets = querysets(index)
        self.tables = {(path, table.entity): table for path, table in index.tables()}

    def whole(self, body: Body, expr: Expr) -> Whole | None:
        """The rows that an expression holds, if their query is in this function and loads all columns."""
        rows = self.loading.rows(body, expr)
        if rows is not None:
            query, table, many, django = rows.query, rows.entity.table, rows.many, False
        else:
            held = self.querysets.rows(body, expr)
            known = self.tables.get(held.model.key) if held is not None else None
            if held is None or known is None:
                return None
            query, table, many, django = held.query, known, held.many, True
        if query is None or not many or query.path != body.path or body.symbol is None:
            return None
        if (
            not inside(query.loc, body.symbol.loc)
            or _is_narrowed(body, query.loc)
            or self._is_relation(body, query.loc)
        ):
            return None
        return Whole(table, query, django)

    def _is_relation(self, body: Body, query: Loc) -> bool:
        """Whether the rows come by a relation of another row: they may have been loaded with it."""
        begun = next((n for n in _nodes_at(body, query) if n.loc == query), None)
        if begun is None or begun.kind != "attribute":
            return False
        return self.querysets.models.of_class(body.path, begun.parts[0].dotted()) is None

    # -- loops -------------------------------------------------------------------------------------------------------
    def in_loops(self, body: Body) -> Iterator[Finding]:
        for loop in body.loops:
            if loop.iterable is None or not loop.target.isidentifier():
                continue
            read = _read(body, loop)
            if not 0 < len(read) <= _FEW or not _only_walked(body, loop.iterable):
                continue
            whole = self.whole(body, loop.iterable)
            if whole is None or not _is_wide(whole.table, read) or not _are_columns(whole.table, read):
                continue
            yield _of_loop(body, loop, whole, sorted(read))

    # -- counts ------------------------------------------------------------------------------------------------------
    def in_counts(self, body: Body) -> Iterator[Finding]:
        for call in body.calls:
            given = call.expr.positional()
            if call.expr.parts[0].dotted() != "len" or len(given) != 1:
                continue
            rows = given[0]
            if rows.kind == "name" and sum(n.text == rows.text for n in _names(body)) != 1:
                continue
            whole = self.whole(body, rows) if rows.kind in {"name", "call", "await"} else None
            if whole is not None:
                yield _of_count(body, call.expr, whole)


def _read(body: Body, loop: Loop) -> set[str]:
    """The attributes that a loop reads of its rows; nothing where a row is used in any other way."""
    target = loop.target
    if any(_root(a.target) == target and inside(a.loc, loop.loc) and a.op != "for" for a in body.assigns):
        return set()
    names, attributes = 0, list[str]()
    for node in _nodes(body, loop.loc):
        if node.kind == "attribute" and node.parts[0].kind == "name" and node.parts[0].text == target:
            attributes.append(node.text)
        names += node.kind == "name" and node.text == target
    bound = 1 if loop.kind == "comprehension" else 0  # the target itself is part of a comprehension
    return set(attributes) if names == len(attributes) + bound else set()


def _tops(body: Body) -> list[Expr]:
    """What a function reads: `kept[row.id] = …` reads in its target too."""
    return [*body.expressions(), *(a.target for a in body.assigns if a.target.kind == "subscript")]


def _nodes(body: Body, within: Loc) -> Iterator[Expr]:
    for top in _tops(body):
        if top.loc.end >= within.start and top.loc.start <= within.end:
            yield from (n for n in walk(top) if inside(n.loc, within))


def _names(body: Body) -> Iterator[Expr]:
    return (n for top in _tops(body) for n in walk(top) if n.kind == "name")


def _root(expr: Expr) -> str:
    return expr.dotted().partition(".")[0]


def _only_walked(body: Body, iterable: Expr) -> bool:
    """Whether rows that have a name are used by this one loop only, or asked whether there are any."""
    if iterable.kind != "name":
        return iterable.kind in {"call", "await"}
    asked = {b.condition.loc.start for b in body.branches if b.condition.kind == "name"}
    asked |= {p.loc.start for b in body.branches if b.condition.text == "not" for p in b.condition.parts}
    uses = {n.loc.start for n in _names(body) if n.text == iterable.text}
    return uses - asked == {iterable.loc.start}


def _is_narrowed(body: Body, query: Loc) -> bool:
    """Whether the query names columns, or locks the rows; a statement that is built before it does so there."""
    around = [n for n in _nodes_at(body, query) if n.kind == "call"]
    built = {n.text for n in around for n in walk(n) if n.kind == "name"}
    around += [c for a in body.assigns if a.target.dotted() in built for c in walk(a.value) if c.kind == "call"]
    return any(name_of(n) in _NARROWED for n in around)


def _nodes_at(body: Body, place: Loc) -> Iterator[Expr]:
    for top in body.expressions():
        if inside(place, top.loc):
            yield from walk(top)


def _is_wide(table: Table, read: set[str]) -> bool:
    others = [c for c in table.columns if c.name not in read]
    return len(table.columns) >= _WIDE or (len(table.columns) >= _MANY and any(_is_heavy(c) for c in others))


def _is_heavy(column: Column) -> bool:
    return bool(_HEAVY.search(column.type) or _HEAVY.search(column.source.partition(":")[2].strip()))


def _are_columns(table: Table, read: set[str]) -> bool:
    known = {c.name for c in table.columns if not _OBJECT.search(c.type)}
    return all(name in known or name.removesuffix("_id") in known or name in {"id", "pk"} for name in read)


def _statements(index: FactIndex, body: Body) -> Iterator[tuple[Loc, str]]:
    """The texts of statements that a function sends as text."""
    for call in database(index).of(body):
        given = call.link.parts[1:2]
        for part in given:
            if part.kind == "call" and name_of(part) == "text":
                part = next(iter(part.positional()), part)
            if part.kind == "interpolation" and part.parts:
                part = part.parts[0]
            if part.kind == "string":
                yield part.loc, part.text


def _of_loop(body: Body, loop: Loop, whole: Whole, read: list[str]) -> Finding:
    entity = whole.table.entity
    shown = " and ".join(f"`{name}`" for name in read)
    are = "is" if len(read) == 1 else "are"
    if whole.django:
        flat = ", flat=True" if len(read) == 1 else ""
        mend = f".values_list({', '.join(map(repr, read))}{flat})"
    else:
        mend = f"select({', '.join(f'{entity}.{name}' for name in read)})"
    return _VOICE.finding(
        body.path,
        whole.query.loc,
        f"this query loads all {len(whole.table.columns)} columns of `{entity}`, and only {shown} {are} read",
        scope=body.scope,
        text=f"{entity}: {', '.join(read)}",
        help=f"ask for what is read: `{mend}`",
        related=[Hop(body.path, loop.loc, "the only use of the rows").related()],
    )


def _of_count(body: Body, call: Expr, whole: Whole) -> Finding:
    entity = whole.table.entity
    mend = "`.count()`" if whole.django else f"`select(func.count()).select_from({entity})`"
    return _VOICE.finding(
        body.path,
        whole.query.loc,
        f"this query loads whole rows of `{entity}`, and only their number is used",
        scope=body.scope,
        text=f"{entity}: len",
        help=f"let the database count: {mend}",
        related=[Hop(body.path, call.loc, "the only use of the rows").related()],
    )


def _of_star(body: Body, loc: Loc, text: str) -> Finding:
    shown = " ".join(text.split())[:60]
    return _VOICE.finding(
        body.path,
        loc,
        f"`{shown}` brings every column there is, and those that come later",
        scope=body.scope,
        text=shown,
        help="name the columns that are used",
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
