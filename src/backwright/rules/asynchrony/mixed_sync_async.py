"""BW604: a component reaches the database in one way: on the event loop, or waiting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.blocking import blocking, is_deferred
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop, shown
from backwright.kit.database import database
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule

_VOICE = Voice("BW604", "mixed-sync-async", "advice")
# What runs a function where waiting hurts nobody.
_ELSEWHERE = ("run_sync", "to_thread", "run_in_threadpool", "run_in_executor", "sync_to_async", "submit")
_STYLE = 4

Place = tuple[Body, Expr]


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each file with both, at the first call of the rarer kind."""
    serving = Serving(index, archmap)
    elsewhere = _elsewhere(index)
    awaited: dict[str, list[Place]] = defaultdict(list)
    waiting: dict[str, list[Place]] = defaultdict(list)
    for body in serving.functions():
        if body.symbol is None or body.symbol.name in elsewhere or any(r.is_yield for r in body.returns):
            continue  # what provides sessions provides both
        for call in database(index).of(body):
            if call.call.awaited and call.kind in {"session", "connection"} and not is_deferred(body, call.link.loc):
                awaited[body.path].append((body, call.link))
        sent = {c.link.loc for c in database(index).of(body) if c.kind in {"session", "connection"}}
        for wait in blocking(index).calls.get(body.key, ()):
            if wait.what == "database" and wait.link.loc in sent:
                waiting[body.path].append((body, wait.link))
    found = [_one(awaited[path], waiting[path]) for path in sorted(awaited.keys() & waiting.keys())]
    if len(found) >= _STYLE:
        yield _VOICE.style(
            found,
            f"{len(found)} files reach the database both with sessions that are awaited and with some that wait",
            help="where a query is needed in both ways, keep the waiting one in files of its own",
        )
    else:
        yield from found


def _elsewhere(index: FactIndex) -> frozenset[str]:
    """The names of functions that are handed to a thread, or to `AsyncSession.run_sync`."""
    return frozenset(
        e.text
        for link in bodies(index).called(_ELSEWHERE)
        for part in link.expr.parts[1:]
        for e in walk(part)
        if e.kind in {"name", "attribute"}
    )


def _one(awaited: list[Place], waiting: list[Place]) -> Finding:
    few, many = (waiting, awaited) if len(waiting) <= len(awaited) else (awaited, waiting)
    (body, link), (other, usual) = few[0], many[0]
    kinds = ("waits for", "awaits") if few is waiting else ("awaits", "waits for")
    return _VOICE.finding(
        body.path,
        link.loc,
        f"`{shown(link)}` {kinds[0]} the database; {len(many)} of {len(few) + len(many)} calls of this file "
        f"{_OTHERS[kinds[1]]}",
        scope=body.scope,
        text="both",
        help="keep one way in a component: what needs both kinds of sessions cannot share its functions, transactions or tests",
        related=[Hop(other.path, usual.loc, f"`{shown(usual)}` {kinds[1]} it").related()],
    )


_OTHERS = {"awaits": "are awaited", "waits for": "wait"}

RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python",), check)
