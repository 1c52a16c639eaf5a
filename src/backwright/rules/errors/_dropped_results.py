"""Errors that are values and nobody looks at: in Go and Rust, of calls that write to the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.facts import Branch, Call, Expr, Loc
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import Hop, shown
from backwright.kit.chains import awaited, links, name_of
from backwright.kit.database import DbCall, database, reaching
from backwright.kit.index import FactIndex

# What may fail, since nothing depends on it: what only tidies up, and what only keeps books about use.
_MAY_FAIL = re.compile(
    r"(?i)close|clean|rollback|cancel|stop|release|unlock|shutdown|flush|reset|delete|remove|purge|expire|prune|log|audit|track|"
    r"touch|seen|drop|temp|error|fail|metric|stat|count|event|notif|cache|view|visit|usage|ping|heartbeat"
)
_NO_DATA = re.compile(
    r"\s*(drop|rollback|savepoint|release|begin|commit|create|alter|pragma|set|vacuum|analyze|lock)\b", re.I
)
_ERROR = re.compile(r"^\w*[eE]rr(or)?$")
_LANGUAGES = frozenset({"go", "rust"})


class Dropped(NamedTuple):
    """Where an error is dropped: `what` says of which call, `way` how it leads to a write."""

    body: Body
    loc: Loc
    what: str
    way: tuple[Hop, ...]


def dropped(index: FactIndex, serving: Serving) -> Iterator[Dropped]:
    """The results of writes that are thrown away, and the checks of errors that do nothing."""
    index = index.only(index.spoken & _LANGUAGES)
    if not index.files:
        return
    reach = reaching(index, _is_write)
    for body in bodies(index).by_key.values():
        if body.path not in serving or body.symbol is None or _MAY_FAIL.search(body.scope.rpartition(".")[2]):
            continue
        if index.files[body.path].language == "go":
            yield from _unchecked(body)
        told: set[int] = set()
        writes = {id(c.call): c for c in database(index).of(body) if _is_write(c)}
        for call in _thrown_away(index, body):
            if call.loc.start in told or _is_schema(call.expr):
                continue
            told.add(call.loc.start)
            own = writes.get(id(call))
            if own is not None:
                if not _MAY_FAIL.search(f"{own.method} {own.shown}"):
                    yield Dropped(body, call.loc, own.shown, (own.hop(),))
                continue
            for link in links(call.expr):
                way = reach.through(body, link)
                if way is not None and not _MAY_FAIL.search(shown(link)):
                    yield Dropped(body, call.loc, shown(link), way)
                    break


def _is_write(call: DbCall) -> bool:
    return call.family == "write"


def _is_schema(expr: Expr) -> bool:
    """A statement about the schema or a transaction, by its text or by the variable that holds it."""
    nodes = list(walk(expr))
    return any(e.kind == "string" and _NO_DATA.match(e.text) for e in nodes) or any(
        e.kind == "name" and _NO_DATA.match(e.text.replace("_", " ")) for e in nodes
    )


def _unchecked(body: Body) -> Iterator[Dropped]:
    """`if err != nil {}`, without a word why."""
    for branch in body.branches:
        condition = branch.condition
        if condition.kind != "binary" or condition.text != "!=" or condition.parts[1].text != "nil":
            continue
        is_error = _ERROR.match(condition.parts[0].dotted()) is not None
        if is_error and branch.body is not None and _is_empty(branch, branch.body):
            yield Dropped(body, branch.loc, "", ())


def _is_empty(branch: Branch, arm: Loc) -> bool:
    """An opening brace, a line break, the indentation and a closing brace: no room for a statement or a comment."""
    return not branch.exits and arm.end - arm.start <= 3 + arm.end_col and arm.end_line - arm.line <= 1


def _thrown_away(index: FactIndex, body: Body) -> Iterator[Call]:
    """`_ = save(x)`, `let _ = save(x).await`, `save(x).await.ok();`."""
    by_place = {call.loc.start: call for call in reversed(body.calls)}
    kept = [a.value.loc for a in body.assigns if a.target.text != "_"]
    for assign in body.assigns:
        if assign.target.text != "_" or assign.target.kind not in {"name", "other"} or assign.value.loc in kept:
            continue
        if assign.target.kind == "other" and assign.loc.end - assign.value.loc.end > 1:
            continue  # `?;` stands behind it
        found = by_place.get(_called(assign.value).loc.start)
        if found is not None:
            yield found
    if index.files[body.path].language == "rust":
        yield from _made_options(body)


def _called(value: Expr) -> Expr:
    """The call behind `.await`, `.Error` and `.ok()`."""
    while value.kind in {"await", "attribute"} and value.parts:
        value = value.parts[0]
    return value


def _made_options(body: Body) -> Iterator[Call]:
    """`save(x).await.ok();` as a statement of its own."""
    if body.symbol is None or "Option" in body.symbol.returns:
        return
    used = [a.value.loc for a in body.assigns] + [r.value.loc for r in body.returns if r.value is not None]
    used += [b.condition.loc for b in body.branches] + [lp.iterable.loc for lp in body.loops if lp.iterable is not None]
    for call in body.calls:
        if name_of(call.expr) != "ok" or len(call.expr.parts) != 1 or any(inside(call.loc, u) for u in used):
            continue
        if any(other is not call and inside(call.loc, other.loc) for other in body.calls):
            continue
        asked = call.expr.parts[0].parts[0]
        inner = awaited(asked)
        found = next((c for c in body.calls if c.loc == inner.loc), None)
        if found is not None:
            yield found
