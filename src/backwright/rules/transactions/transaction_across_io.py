"""BW406: nobody waits for another service while a transaction is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc
from backwright.core.findings import Finding
from backwright.kit.aside import Serving, is_command
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.callgraph import Hop, shown
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.database import database
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.shapes import Rule
from backwright.rules.transactions._across import across
from backwright.rules.transactions._outward import Outward, outward

_VOICE = Voice("BW406", "transaction-across-io", "warning")
_ATOMIC = frozenset({"django.db.transaction.atomic", "django.db.transaction.commit_on_success"})
_LATER = re.compile(r"on_commit|after_commit|\.delay$|apply_async|add_task|defer|enqueue|create_task|ensure_future")
# A token that can be refreshed once only is refreshed by one at a time: the lock is there for that.
_ROTATING = re.compile(r"refresh|token|oauth", re.IGNORECASE)
_BEGINNING = frozenset(
    {"Session", "AsyncSession", "Engine", "AsyncEngine", "Connection", "AsyncConnection", "sessionmaker",
     "async_sessionmaker", "scoped_session", "async_scoped_session"}
)  # fmt: skip
_WRITING = frozenset({"insert", "update", "delete"})


@dataclass(frozen=True)
class Open:
    """A transaction of a function: where it begins, because of what, and the places in which it is open."""

    begin: Hop
    start: int
    end: int


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each function that asks somebody else within a transaction."""
    for found_there in across(index, archmap):
        yield _one(found_there.body, found_there.begin, found_there.call, found_there.way)
    index = index.only(("python",))
    out = outward(index)
    for body in Serving(index, archmap).functions():
        if is_command(body.path) or _ROTATING.search(body.scope):
            continue
        found = next(_within(index, out, body), None)
        if found is not None:
            around, link, way = found
            yield _one(body, around.begin, link, way)


def _within(index: FactIndex, out: Outward, body: Body) -> Iterator[tuple[Open, Expr, tuple[Hop, ...]]]:
    """The outward calls of a body that run in one of its transactions."""
    opened = list(_transactions(index, body))
    if not opened:
        return
    own = {link.loc for link, _ in out.calls.get(body.key, ())}
    elsewhere = [c.body for c in body.catches]
    elsewhere += [
        p.loc for c in body.calls for one in links(c.expr) if _LATER.search(shown(one)) for p in one.parts[1:]
    ]
    for call in sorted(body.calls, key=lambda c: c.loc.start):
        for link in links(call.expr):
            around = next((o for o in opened if o.start <= link.loc.start <= o.end), None)
            if around is None or _LATER.search(shown(link)) or _ROTATING.search(shown(link)):
                continue
            if any(inside(link.loc, place) for place in elsewhere):
                continue
            if link.loc in own:
                yield around, link, ()
            elif (way := out.reach.through(body, link)) is not None:
                yield around, link, way


# -- transactions --------------------------------------------------------------------------------------------------
def _transactions(index: FactIndex, body: Body) -> Iterator[Open]:
    symbol = body.symbol
    if symbol is None:
        return
    for decorator in symbol.decorators:
        named = decorator.parts[0] if decorator.kind == "call" else decorator
        if inference(index).origin(body.path, named.dotted()) in _ATOMIC:
            hop = Hop(body.path, decorator.loc, f"all of `{symbol.name}` is one transaction")
            yield Open(hop, symbol.loc.start, symbol.loc.end)
    for context in body.contexts:
        if _begins(index, body, context.value):
            hop = Hop(body.path, context.loc, "the transaction is open from here on")
            yield Open(hop, context.body.start, context.body.end)
    yield from _sent(index, body)


def _begins(index: FactIndex, body: Body, value: Expr) -> bool:
    if value.kind != "call":
        return False
    infer, name, receiver = inference(index), name_of(value), receiver_of(value)
    if infer.origin(body.path, value.parts[0].dotted()) in _ATOMIC:
        return True
    if name not in {"begin", "begin_nested", "transaction"} or receiver is None:
        return False
    found = infer.of(body.path, body.scope, receiver)
    return found is not None and found.last in _BEGINNING


def _sent(index: FactIndex, body: Body) -> Iterator[Open]:
    """From a change or lock that was sent to the database to the commit that ends it, in straight order."""
    calls = sorted(database(index).of(body), key=lambda c: c.link.loc.start)
    first: tuple[Expr, Loc] | None = None
    for call in calls:
        if call.kind not in {"session", "connection"}:
            continue
        if call.method == "commit":
            if first is not None and _follows(body, first[1], call.link.loc):
                hop = Hop(body.path, first[1], f"`{shown(first[0])}` has sent changes that are not committed")
                yield Open(hop, first[1].end, call.link.loc.start)
            first = None
        elif first is None and (call.method == "flush" or _changes(body, call.link)):
            first = call.link, call.link.loc


def _changes(body: Body, link: Expr) -> bool:
    """`execute(update(…))`, also by a variable, and a row that is read with a lock."""
    given = [*link.parts[1:]]
    given += [a.value for p in link.positional() if p.kind == "name" for a in body.targets().get(p.text, ())]
    for part in given:
        for node in walk(part):
            if node.kind == "call" and name_of(node) in {"with_for_update"}:
                return True
            if node.kind == "call" and node.parts[0].kind == "name" and name_of(node) in _WRITING:
                return True
    return False


def _follows(body: Body, first: Loc, commit: Loc) -> bool:
    """Whether the commit stands in the same arm as what was sent, or in one around it; and nothing leaves in between."""
    for start, (end, leaves) in body.arms().items():
        if start <= first.start <= end and leaves and not start <= commit.start <= end:
            return False
    return not any(first.end < c.body.start and inside(commit, c.body) for c in body.catches)


def _one(body: Body, begin: Hop, link: Expr, way: tuple[Hop, ...]) -> Finding:
    return _VOICE.finding(
        body.path,
        link.loc,
        f"`{shown(link)}` waits for somebody else while a transaction is open: its locks and its connection wait too",
        scope=body.scope,
        text=shown(link),
        help="ask before the transaction begins, or after it was committed (an outbox, a task, `on_commit`)",
        related=[begin.related(), *(hop.related() for hop in way)],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
