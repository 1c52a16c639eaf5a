"""Numbers of rows that TypeScript reads, changes and writes back: by `save`, or as a value of an `update`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Assign, Expr, Loc
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop
from backwright.kit.chains import awaited, links, receiver_of
from backwright.kit.database import database
from backwright.kit.index import FactIndex
from backwright.kit.libraries import libraries, pattern
from backwright.kit.naming import snake

_ARITHMETIC = frozenset({"-", "*", "/"})
_QUANTITY = re.compile(
    r"(^|_)(amount|quantity|qty|count|price|total|points?|delta|sum|units?|credits?|balance|stock|value|cost|score|size)s?$"
)
_MANY = re.compile(r"(?i)many|all$|findBy(Ids)?$|groupBy|distinct|aggregate|query|paginate")


@dataclass(frozen=True)
class WrittenBack:
    """A field of a row that is written from its own old value, where that is done, and the query that read it."""

    body: Body
    at: Loc
    row: str
    column: str
    query: Hop


def written_back(index: FactIndex, archmap: ArchMap, own: re.Pattern[str]) -> Iterator[WrittenBack]:
    """One for each row of a function; `own` are names of columns that one worker at a time changes."""
    for body in Serving(index, archmap).functions():
        known = libraries(index.files[body.path].language).transactions
        if not known.locking or _is_held(index, body):
            continue
        told: set[str] = set()
        for found in sorted(_changed(index, body), key=lambda item: item[2].start):
            row, column, at = found
            query = _read(index, body, row, at)
            if row in told or query is None or own.search(snake(column)):
                continue
            told.add(row)
            hop = Hop(body.path, query.value.loc, "read here, without a lock")
            yield WrittenBack(body, at, row, column, hop)


def _changed(index: FactIndex, body: Body) -> Iterator[tuple[str, str, Loc]]:
    """Row, field and place: `row.n -= 1` before a `save` of the row, `{ n: row.n - 1 }` in a write."""
    for assign in body.assigns:
        target = assign.target
        if target.kind != "attribute" or target.parts[0].kind != "name":
            continue
        row = target.parts[0].text
        counts = assign.op in {"+=", "-=", "*=", "/="} and (assign.op != "+=" or _is_quantity(assign.value))
        if (counts or _is_computed(assign.value, row, target.text)) and _is_saved(index, body, row, assign.loc):
            yield row, target.text, assign.loc
    for call in database(index).of(body):
        if call.family != "write":
            continue
        for link in links(call.call.expr):
            for part in link.parts[1:]:
                for node in walk(part):
                    yield from _in_mapping(node, call.call.expr)


def _in_mapping(node: Expr, write: Expr) -> Iterator[tuple[str, str, Loc]]:
    """`{ n: row.n - 1 }` in a write that does not ask for `row.n` itself."""
    for key, value in zip(node.keys, node.parts, strict=False) if node.kind == "mapping" else ():
        read = next(
            (e for e in value.parts if e.kind == "attribute" and e.text == key and e.parts[0].kind == "name"), None
        )
        if read is None or not _is_computed(value, read.parts[0].text, key):
            continue
        whole = read.dotted()
        if sum(e.kind == "attribute" and e.dotted() == whole for e in walk(write)) == 1:
            yield read.parts[0].text, key, value.loc


def _is_computed(value: Expr, row: str, column: str) -> bool:
    """`row.n - 1`, `row.n + amount`; texts are joined by `+` too."""
    if value.kind not in {"binary", "concatenation"} or len(value.parts) != 2:
        return False
    if not any(p.kind == "attribute" and p.dotted() == f"{row}.{column}" for p in value.parts):
        return False
    other = next((p for p in value.parts if p.dotted() != f"{row}.{column}"), value.parts[0])
    return value.text in _ARITHMETIC if value.kind == "binary" and value.text != "+" else _is_quantity(other)


def _is_quantity(expr: Expr) -> bool:
    if expr.kind == "constant":
        return expr.text[:1].isdigit()
    return expr.kind in {"name", "attribute"} and _QUANTITY.search(snake(expr.text)) is not None


def _is_saved(index: FactIndex, body: Body, row: str, at: Loc) -> bool:
    """Whether the row itself is saved afterwards: `row.save()`, `repository.save(row)`, or a flush of what is managed."""
    for call in database(index).of(body):
        if call.family != "write" or call.link.loc.end < at.end:
            continue
        receiver = receiver_of(call.link)
        if call.method == "flush" or (receiver is not None and receiver.dotted() == row and call.method == "save"):
            return True
        if call.method in {"save", "persistAndFlush"} and any(
            p.kind == "name" and p.text == row for p in call.link.parts[1:]
        ):
            return True
    return False


def _read(index: FactIndex, body: Body, row: str, at: Loc) -> Assign | None:
    """The query of this function that gave the row: one, and not locked."""
    own = database(index).of(body)
    given = [a for a in body.targets().get(row, ()) if a.loc.end <= at.start]
    if not given or given[-1].op != "=" or given[-1].target.kind == "mapping":
        return None
    value = awaited(given[-1].value)
    call = next((c for c in own if c.family == "query" and c.call.expr.loc == value.loc), None)
    if call is None or _MANY.search(call.method):
        return None
    known = libraries(index.files[body.path].language).transactions
    words = {word for e in walk(value) for word in (e.text, *e.keys) if word}
    locked = any(pattern(known.locking).search(word) for word in words)
    locked = locked or (call.kind == "documents" and "session" in words)  # MongoDB refuses the second of two writes
    return None if locked else given[-1]


def _is_held(index: FactIndex, body: Body) -> bool:
    """Whether a lock is held in a function, or around it."""
    known = libraries(index.files[body.path].language).transactions
    scope = body.scope
    while scope:
        outer = bodies(index).get(body.path, scope)
        for call in (
            outer.calls if outer is not None and outer.symbol is not None and outer.symbol.kind != "class" else ()
        ):
            for node in walk(call.expr):
                words = (node.text, *node.keys) if node.kind in {"name", "attribute", "string", "mapping"} else ()
                if any(pattern(known.holding).search(word) for word in words if word):
                    return True
        scope = scope.rpartition(".")[0]
    return False
