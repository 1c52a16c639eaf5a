"""Which calls make a thread wait: sleeping, synchronous clients of other services, processes, databases, files, hashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal, cast

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body, Link, bodies, inside, walk
from backwright.kit.callbacks import callbacks
from backwright.kit.callgraph import Hop, Reach, callgraph, shown
from backwright.kit.chains import links, mark_of, receiver_of
from backwright.kit.database import BUILDING, TAKING, DbCall, database
from backwright.kit.django.waiting import waiting_rows
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import Inference, inference
from backwright.kit.libraries import libraries
from backwright.kit.waiters import Waiters

Waits = Literal["sleep", "http", "process", "database", "service", "file", "computation", "metadata", "thread"]

# These take no longer than a disk or a processor takes; what the others wait for may never come.
LOCAL = frozenset({"file", "computation", "metadata"})
# These wait only where they are told how long to watch.
_WATCHING = frozenset({"psutil.cpu_percent", "psutil.cpu_times_percent"})
# What is decorated so is run by somebody else, or gives something to await.
_ELSEWHERE = re.compile(
    r"thread|executor|async|task|job|actor|background|worker|spawn|schedul|defer|fixture|command|hook|pool|offload|coroutine|fut",
    re.IGNORECASE,
)
# … and what is kept waits the first time only.
_KEPT = re.compile(r"cache|memoi|singleton|once", re.IGNORECASE)
# What is read once, when the service starts or is first asked.
_ONCE = re.compile(
    r"^_*(init|setup|start|boot|configure|load_?(config|env|settings|models?)|get_?(settings|config)|migrate|ensure|bootstrap)",
    re.IGNORECASE,
)
_SESSIONS = frozenset({"Session", "Connection", "scoped_session", "Engine", "RawConnection"})


@dataclass(frozen=True)
class Wait:
    """A call that makes its thread wait. `what` says for what; `shared`: all statements of a function go to one session."""

    body: Body
    link: Expr
    what: Waits
    shared: bool = False

    @property
    def shown(self) -> str:
        return shown(self.link)

    def hop(self) -> Hop:
        return Hop(self.body.path, self.link.loc, f"`{self.shown}` waits")


class Blocking:
    """The waiting calls of one project by the function they stand in; those in lambdas run elsewhere and are left out."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference: Inference = inference(index)
        self.graph = callgraph(index)
        self.calls: dict[tuple[str, str], list[Wait]] = {}
        self._by_place: dict[tuple[str, int], Wait] = {}
        self._known = libraries("python").waiting
        self._waiters = Waiters(index)
        self._coroutines_only = _is_asynchronous(index)
        self._given = [(link, given) for link, target, given in callbacks(index).given() if _runs_at_once(target)]
        self._lambdas: dict[str, set[Loc]] = {}
        for link, given in self._given:
            if given.kind == "lambda":
                self._lambdas.setdefault(link.body.path, set()).add(given.loc)
        for link in bodies(index).called(self._names()):
            what = None if link.call.awaited and not link.depth else self._waits(link)
            if what is not None:
                self._keep(Wait(link.body, link.expr, what))
        for found in database(index).calls.values():
            for call in found:
                if self._is_sync(call):
                    self._keep(
                        Wait(call.body, call.link, "database", shared=call.kind in {"session", "connection", "cursor"})
                    )
        for link in waiting_rows(index):
            self._keep(Wait(link.body, link.expr, "database"))
        if self._given:
            self._far = self._reach(_runs_at_once, local=False)  # which the next step asks, and adds to
            self._hand_over()
        for waits in self.calls.values():
            waits.sort(key=lambda w: w.link.loc.start)
        self._far = self._reach(_runs_at_once, local=False)
        self._near = self._reach(_runs_each_time, local=True)

    def _names(self) -> frozenset[str]:
        functions = {name.rpartition(".")[2] for name in (*self._known.calls, *_WATCHING)}
        aliases = {
            item.alias
            for path in self.index.files
            for item in self.index.imports(path)
            if item.alias != item.name and f"{item.module}.{item.name}" in self._known.calls
        }
        return frozenset(functions | aliases) | self._waiters.methods()

    def _hand_over(self) -> None:
        """What is given a function that waits, and calls it, waits too."""
        for link, given in self._given:
            target = callbacks(self.index).function(link.body, given)
            way = self._far.chain(target.path, target.symbol.qualname) if target is not None else None
            if way is not None and target is not None and _runs_at_once(target):
                self._keep(Wait(link.body, link.expr, self.at(way[-1]).what))

    def is_deferred(self, body: Body, loc: Loc) -> bool:
        """Whether a place is inside a `lambda` that is not called where it stands."""
        return is_deferred(body, loc, self._lambdas.get(body.path, ()))

    def _keep(self, wait: Wait) -> None:
        known = self._by_place.get((wait.body.path, wait.link.loc.start))
        if (known is None or known.link.loc != wait.link.loc) and not self.is_deferred(wait.body, wait.link.loc):
            self.calls.setdefault(wait.body.key, []).append(wait)
            self._by_place[wait.body.path, wait.link.loc.start] = wait

    def _reach(self, enter: Callable[[Definition], bool], *, local: bool) -> Reach:
        """What leads to waits that are `local`, or to those that are not. Looking a file up is not worth a chain."""
        sites = {}
        for key, waits in self.calls.items():
            first = next((w for w in waits if (w.what in LOCAL) == local and w.what != "metadata"), None)
            if first is not None:
                sites[key] = first.hop()
        return Reach(self.graph, sites, enter)

    def at(self, site: Hop) -> Wait:
        """The wait at the end of a chain."""
        return self._by_place[site.path, site.loc.start]

    def through(self, body: Body, link: Expr) -> tuple[Hop, ...] | None:
        """The way from a call to one that waits: for somebody else first, then for a disk or a computation."""
        far = self._far.through(body, link)
        return far if far is not None else self._near.through(body, link)

    def _waits(self, link: Link) -> Waits | None:
        callee = link.expr.parts[0]
        dotted = callee.dotted()
        origin = self.inference.origin(link.body.path, dotted) if dotted and "()" not in dotted else ""
        if (
            callee.kind == "name"
            and not origin
            and self.inference.function(link.body.path, link.body.scope, callee) is None
        ):
            origin = f"builtins.{dotted}"
        if origin in self._known.calls:
            what = cast(Waits, self._known.calls[origin])
            return None if origin == "time.sleep" and _is_zero(link.expr) else what
        if origin in _WATCHING:
            watched = link.expr.keyword("interval") or next(iter(link.expr.positional()), None)
            return "sleep" if watched is not None and watched.text not in {"0", "None"} else None
        if receiver_of(link.expr) is None:
            return None
        return cast(Waits | None, self._waiters.what(link.body, link.expr))

    def _is_sync(self, call: DbCall) -> bool:
        """A statement on a synchronous session or connection, known by its type, or on a manager of Django."""
        if call.call.awaited or call.family == "change" or _is_managed(call):
            return False
        if call.kind == "manager":
            if call.method in BUILDING and call.body.symbol is not None and call.body.symbol.is_async:
                return _is_taken_whole(call)  # `async for` walks over it without waiting
            return ".objects." in f"{call.link.parts[0].dotted()}." and not call.method.startswith("a")
        if call.kind in {"store", "documents"}:
            return call.waits
        receiver = receiver_of(call.link)
        found = self.inference.of(call.body.path, call.body.scope, receiver) if receiver is not None else None
        if found is None:
            return call.kind == "session" and not self._coroutines_only
        origins = {found.origin}
        if found.definition is not None:
            origins |= self.index.root_bases(found.definition)
        if any("async" in o.lower() or "aio" in o.lower() for o in origins):
            return False
        return any(
            (o.rpartition(".")[2] in _SESSIONS and o.partition(".")[0] in {"sqlalchemy", "sqlmodel"})
            or o.partition(".")[0] in self._known.sync
            for o in origins
        )


def _is_taken_whole(call: DbCall) -> bool:
    """`list(Order.objects.filter(…))`."""
    return any(
        c.expr.parts[0].kind == "name"
        and c.expr.parts[0].text in TAKING
        and call.call.loc in {p.loc for p in c.expr.parts[1:2]}
        for c in call.body.calls
    )


def _is_asynchronous(index: FactIndex) -> bool:
    """Whether a session whose type nobody states may be one that is awaited: some are here, or it is not SQLAlchemy's."""
    modules = {i.module for path in index.files for i in index.imports(path) if not i.level}
    tops = {m.partition(".")[0] for m in modules}
    asynchronous = {"asyncpg", "databases", "aiosqlite", "aiohttp", "tortoise", "gino"} & tops
    return (
        bool(asynchronous)
        or "sqlalchemy.ext.asyncio" in modules
        or not tops & {"sqlalchemy", "sqlmodel"}
        or any(i.name in {"AsyncSession", "create_async_engine"} for path in index.files for i in index.imports(path))
    )


def _is_managed(call: DbCall) -> bool:
    """`async with session.begin()`, `async for row in connection.execute(…)`: what enters or walks it awaits it."""
    return call.method in {"begin", "stream", "stream_scalars"}


def _is_zero(link: Expr) -> bool:
    return [p.text for p in link.positional()] == ["0"]


def _runs_at_once(target: Definition) -> bool:
    """Calling a coroutine or a generator function runs nothing of it; what is decorated may run elsewhere."""
    decorators = {mark_of(d) for d in target.symbol.decorators}
    return not target.symbol.is_async and not any(_ELSEWHERE.search(name) for name in decorators)


def _runs_each_time(target: Definition) -> bool:
    """… and not what is kept, or is done once when the service starts."""
    decorators = {mark_of(d) for d in target.symbol.decorators}
    kept = any(_KEPT.search(name) for name in decorators)
    return _runs_at_once(target) and not kept and not _ONCE.match(target.symbol.name)


def is_deferred(body: Body, loc: Loc, called: Collection[Loc] = ()) -> bool:
    """Whether a place is inside a `lambda`: it runs when and where that is called. Those that are `called` do not count."""
    for top in body.expressions():
        if inside(loc, top.loc):
            lambdas = (e.loc for e in walk(top) if e.kind == "lambda")
            return any(inside(loc, at) and at != loc and at not in called for at in lambdas)
    return False


def waits_of(blocking: Blocking, body: Body) -> Iterator[tuple[Wait, Expr, tuple[Hop, ...]]]:
    """The waiting calls of a body, then its calls that lead to one through functions that run at once, with what they lead to."""
    own = blocking.calls.get(body.key, [])
    yield from ((wait, wait.link, ()) for wait in own)
    for call in body.calls:
        for depth, link in enumerate(links(call.expr)):
            if (call.awaited and not depth) or link.parts[0].kind not in {"name", "attribute"}:
                continue
            way = blocking.through(body, link)
            if way is not None and not blocking.is_deferred(body, link.loc):
                yield blocking.at(way[-1]), link, way


def blocking(index: FactIndex) -> Blocking:
    """The waiting calls of this project, found once."""
    return index.derived(Blocking)
