"""BW302: one query for all, not one query for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Assign, Call, Expr, Loop
from backwright.core.findings import Finding
from backwright.kit.bodies import Body, bodies, inside, names_in, walk
from backwright.kit.callgraph import Hop, Reach, arguments, callgraph, shown
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.database import DbCall, database, reaching
from backwright.kit.django.asked import asked_in_loops
from backwright.kit.findings import Voice
from backwright.kit.handlers import roles
from backwright.kit.index import Definition, FactIndex
from backwright.kit.shapes import Rule
from backwright.rules.queries._loaders_of_others import repeated
from backwright.rules.queries._statements import asks_another, fills_gap, is_bulk, is_schema

_VOICE = Voice("BW302", "query-in-loop", "warning")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SETUP = re.compile(
    r"(^|[/_])(seeds?|seeders?|seeding|fixtures?|initial_data|init_db|populate|demo|scripts?|fixes|e2e[-_]tests|"
    r"bench(marks?)?|samples?|examples?)([/_.]|$)",
    re.IGNORECASE,
)
_BATCH = re.compile(r"chunk|batch|page|slice|window|partition|bucket|islice|range_?s$", re.IGNORECASE)
_RETRY = re.compile(r"^(_|attempt\w*|retry|retries|tries|try_\w*|n_try)$")
_STREAM = re.compile(r"stream|listen|subscri|consum|poll|tail|watch|scan|receive|messages$|events$", re.IGNORECASE)
_APART = re.compile(r"^(tenant|schema|engine|shard|database|bind)(_?(id|name))?$")
_ENDLESS = frozenset({"count", "repeat", "cycle"})
_CONSTANT = re.compile(r"(^|\.)[A-Z][A-Z0-9_]+$")
# Where optional values and futures are mapped as streams are: what makes a stream, and what only walks one.
_STREAMS = {
    "java": frozenset({"stream", "parallelStream", "of", "range", "rangeClosed", "fromIterable", "entrySet"}),
    "rust": frozenset({"iter", "into_iter", "iter_mut", "drain", "keys", "values", "lines", "par_iter", "chars"}),
}
_WALKS = frozenset({"forEach", "for_each", "removeIf"})
_QUEUEING = frozenset({"Enqueue", "Schedule", "ContinueJobWith", "enqueue", "schedule", "on_commit", "add_task"})
_QUEUED = frozenset({"task", "db_task"})
_DEPTH = 2
_SESSION = re.compile(r"(^|_)(db|session|conn|connection|cursor|uow|tx|transaction)$")


@dataclass(frozen=True)
class Repeated:
    """A query that a loop repeats, with the calls that lead to it."""

    call: Call
    link: Expr
    loop: Loop
    way: tuple[Hop, ...]
    text: str


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each loop, at the first query it repeats."""
    db = database(index)
    role = roles(archmap)
    loads = {(found.body.path, found.load.at.loc.start) for found in repeated(index, archmap)}
    search = _Search(
        index,
        reaching(
            index,
            lambda c: c.family != "change" and not is_schema(c.link),
            lambda d: not _is_cached(d) and not _is_queued(index, d),
        ),
    )
    for body in bodies(index).by_key.values():
        if (
            not body.loops
            or role.get(body.path) in {"test", "migration"}
            or _SETUP.search(body.path)
            or _SETUP.search(body.scope)
        ):
            continue
        told: set[int] = set()
        direct = {c.call.loc.start: c for c in (*db.of(body), *asked_in_loops(index, body))}
        for call in sorted(body.calls, key=lambda c: c.loc.start):
            is_load = (body.path, call.loc.start) in loads  # BW303 says it
            found = search.repeated(body, call, direct) if call.loop >= 0 and not is_load else None
            if found is not None and found.loop.loc.start not in told:
                told.add(found.loop.loc.start)
                yield _finding(body, found)


class _Search:
    """Looks for the query that works on what a loop walks over: in the loop, or behind the calls that it makes."""

    def __init__(self, index: FactIndex, reach: Reach) -> None:
        self.index = index
        self.graph = callgraph(index)
        self.reach = reach
        self._ways: dict[tuple[str, str, frozenset[str]], tuple[Hop, ...] | None] = {}
        self._derived: dict[tuple[str, int], set[str]] = {}

    def repeated(self, body: Body, call: Call, direct: dict[int, DbCall]) -> Repeated | None:
        """The innermost loop over data in which a call sends statements about that data."""
        own = direct.get(call.loc.start)
        if _ends_loop(body, call) or _is_handed_over(body, call):
            return None
        for loop in body.loops_around(call):
            names = self.derived(body, loop)
            if not names or _has_own_session(body, loop, call):
                continue
            if own is not None and own.call is call:
                if self._sends(body, own, names, loop) and not fills_gap(body, loop, own.link):
                    return Repeated(call, own.link, loop, (), own.shown)
                continue
            for link in links(call.expr):
                way = self.behind(body, link, names, 0)
                if way is not None:
                    return Repeated(call, link, loop, way, shown(link))
        return None

    def derived(self, body: Body, loop: Loop) -> set[str]:
        """The names whose value changes with a loop over data; empty for other loops."""
        key = body.path, loop.loc.start
        if key not in self._derived:
            self._derived[key] = _derived(body, loop) if _walks_data(self.index, body, loop) else set()
        return self._derived[key]

    def _sends(self, body: Body, own: DbCall, names: set[str], loop: Loop | None) -> bool:
        if own.family == "flush":
            return _marks(body, loop, names)
        return (
            own.family != "change"
            and not is_schema(own.link)
            and not is_bulk(own.link)
            and not asks_another(own.link, names)
            and _uses(own.call, own.link, names)
        )

    def behind(self, body: Body, link: Expr, names: set[str], depth: int) -> tuple[Hop, ...] | None:
        """The way from a call to a query that uses what is passed to it."""
        if depth > _DEPTH or self.reach.through(body, link) is None:
            return None
        target = self.graph.target(body, link)
        inner = self.graph.body_of(target) if target is not None else None
        if target is None or inner is None or target.symbol.name == "__init__":
            return None
        passed = frozenset(
            p
            for p, a in arguments(link, target).items()
            if any(e.text in names for e in names_in(a)) and not _SESSION.search(p)
        )
        key = target.path, target.symbol.qualname, passed
        if key not in self._ways:
            self._ways[key] = None
            self._ways[key] = self._way(inner, set(passed), depth) if passed else None
        return self._ways[key]

    def _way(self, body: Body, names: set[str], depth: int) -> tuple[Hop, ...] | None:
        names = _closure(body, names)
        for own in database(self.index).of(body):
            if (own.family != "flush" or depth == 0) and self._sends(body, own, names, None):
                return (own.hop(),)
        for call in body.calls:
            for link in links(call.expr):
                rest = self.behind(body, link, names, depth + 1)
                if rest is not None:
                    return (Hop(body.path, link.loc, f"calls `{shown(link)}`"), *rest)
        return None


def _walks_data(index: FactIndex, body: Body, loop: Loop) -> bool:
    """A loop whose length is that of the data: not a retry, not a batch, not a handful of constants."""
    if loop.kind == "while":
        return _drains(body, loop)
    names = _NAME.findall(loop.target)
    if loop.kind == "comprehension" and not _is_walk(index, body, loop):
        return False
    if (
        loop.iterable is None
        or any(_APART.match(n) for n in names)
        or any((_RETRY.match(n) and n != "_") or _BATCH.search(n) for n in names)
        or names == ["_"]
    ):
        return False
    iterable = loop.iterable
    while (
        iterable.kind == "call"
        and iterable.parts[0].text in {"enumerate", "sorted", "list", "set", "reversed", "tuple"}
        and len(iterable.parts) > 1
    ):
        iterable = iterable.parts[1]
    if iterable.kind in {"sequence", "mapping", "string"} and all(p.kind != "other" for p in iterable.parts):
        return False
    if iterable.kind == "call":
        return _is_long(iterable) and iterable.dotted().partition(".")[0] != "kwargs"
    dotted = iterable.dotted()
    if dotted == "kwargs":
        return False
    if (
        _CONSTANT.search(dotted)
        or "settings." in dotted
        or "sorted_tables" in dotted
        or _BATCH.search(dotted.rpartition(".")[2])
    ):
        return False
    return not _is_short(index, body, iterable, loop)


def _is_walk(index: FactIndex, body: Body, loop: Loop) -> bool:
    """Whether a function is called for each element: not for batches of them, nor for the one value of an optional."""
    call = next((link for c in body.calls for link in links(c.expr) if link.loc == loop.loc), None)
    if call is None:
        return True
    if _BATCH.search(name_of(call)):
        return False
    streams = _STREAMS.get(index.files[body.path].language)
    if streams is None or name_of(call) in _WALKS or loop.iterable is None:
        return True
    return not streams.isdisjoint(name_of(link) for link in links(loop.iterable))


def _is_long(iterable: Expr) -> bool:
    name = iterable.parts[0].text
    if name == "range":
        sizes = iterable.positional()
        return len(sizes) < 3 and not all(s.kind == "constant" or _CONSTANT.search(s.dotted() or "") for s in sizes)
    return name not in _ENDLESS and not _BATCH.search(name) and not _STREAM.search(name)


def _is_short(index: FactIndex, body: Body, iterable: Expr, loop: Loop) -> bool:
    """A variable that holds a literal, or an enumeration."""
    if iterable.kind != "name":
        return False
    assigns = [a for a in body.targets().get(iterable.text, ()) if a.loc.start < loop.loc.start and a.op == "="]
    if assigns:
        added = any(
            c.expr.parts[0].kind == "attribute" and c.expr.parts[0].text in {"append", "extend", "add", "update"}
            and c.expr.parts[0].parts[0].dotted() == iterable.text
            for c in body.calls
        )  # fmt: skip
        return not added and all(a.value.kind in {"sequence", "mapping"} for a in assigns)
    found = callgraph(index).inference.resolve(body.path, iterable.text)
    if found is None:
        return False
    if found.symbol.kind == "class":
        return True
    return (
        found.symbol.kind == "variable"
        and found.symbol.value is not None
        and found.symbol.value.kind in {"sequence", "mapping"}
    )


def _drains(body: Body, loop: Loop) -> bool:
    """`while queue:` that pops: a walk over a tree or a list. Polls, batches and retries do not."""
    condition = next(
        (b.condition for b in body.branches if b.loc.start >= loop.loc.start and b.loc.end <= loop.loc.end), None
    )
    if condition is None or not condition.dotted():
        return False
    held = condition.dotted()
    inner = [link for c in body.calls if inside(c.loc, loop.loc) for link in links(c.expr)]
    if any(name_of(link) in {"sleep", "limit", "offset", "fetchmany", "wait"} for link in inner):
        return False
    return any(name_of(link) in {"pop", "popleft"} and (receiver_of(link) or link).dotted() == held for link in inner)


def _derived(body: Body, loop: Loop) -> set[str]:
    """The names whose value changes with the loop; sessions do not count."""
    names = set(_NAME.findall(loop.target)) - {"_"}
    inner = [a for a in body.assigns if inside(a.loc, loop.loc)]
    if loop.kind == "while":
        names = {a.target.dotted() for a in inner}
    return _spread(inner, names)


def _closure(body: Body, names: set[str]) -> set[str]:
    """These names, and those that get their value from them."""
    return _spread(body.assigns, names)


def _spread(assigns: list[Assign], names: set[str]) -> set[str]:
    out = set(names)
    for assign in sorted(assigns, key=lambda a: a.loc.start):
        if any(e.text in out for e in names_in(assign.value)):
            out |= {e.text for e in names_in(assign.target)}
    return {n for n in out - {"self", "cls"} if not _SESSION.search(n)}


def _uses(call: Call, link: Expr, derived: set[str]) -> bool:
    chain = list(links(link))
    receiver = receiver_of(chain[-1])
    if receiver is not None and any(e.text in derived for e in names_in(receiver)) and not _builds(receiver):
        # a session or repository of the loop itself, or a method of the row: only its arguments tell
        return any(e.text in derived for one in chain for part in one.parts[1:] for e in names_in(part))
    return any(e.text in derived for e in names_in(call.expr))


def _builds(receiver: Expr) -> bool:
    """`Repository(session)`, made on the spot."""
    return any(link.parts[0].kind == "name" for link in links(receiver))


def _marks(body: Body, loop: Loop | None, derived: set[str]) -> bool:
    """Whether objects of the loop's own are added or deleted, so that each flush sends a statement."""
    for call in body.calls:
        if (loop is None or inside(call.loc, loop.loc)) and name_of(call.expr) in {"add", "delete", "add_all"}:
            receiver = receiver_of(call.expr)
            if (
                receiver is not None
                and _SESSION.search(receiver.dotted())
                and any(e.text in derived for e in names_in(call.expr))
            ):
                return loop is None or (loop.iterable is not None and loop.iterable.kind in {"name", "attribute"})
    return False


def _has_own_session(body: Body, loop: Loop, call: Call) -> bool:
    """A session opened in the loop: each item is meant to have its own transaction."""
    opened = {
        a.target.dotted()
        for a in body.assigns
        if a.op == "with" and inside(a.loc, loop.loc) and _SESSION.search(a.target.dotted())
    }
    return bool(opened) and any(e.text in opened for e in names_in(call.expr))


def _ends_loop(body: Body, call: Call) -> bool:
    """`return query(x)`: the loop is over with its first answer; a function that is called for each returns to the loop."""
    innermost = next(body.loops_around(call), None)
    each = innermost.loc if innermost is not None and innermost.kind == "comprehension" else None
    return any(
        r.value is not None
        and not r.is_yield
        and inside(call.loc, r.value.loc)
        and not inside(r.loc, each)
        and _is_plain(r.value)
        for r in body.returns
    )


def _is_handed_over(body: Body, call: Call) -> bool:
    """Whether it stands in a function that is put into a queue: `BackgroundJob.Enqueue(() => service.Send(id))`."""
    return any(
        name_of(link) in _QUEUEING and inside(call.loc, link.loc) and link.loc != call.loc
        for other in body.calls
        if other is not call and inside(call.loc, other.loc)
        for link in links(other.expr)
    )


def _is_plain(expr: Expr) -> bool:
    return not any(e.kind in {"comprehension", "lambda"} for e in walk(expr))


def _is_cached(definition: Definition) -> bool:
    return any("cache" in d.dotted().lower() for d in definition.symbol.decorators)


def _is_queued(index: FactIndex, definition: Definition) -> bool:
    """A task that a call only puts into a queue, as Huey's are. Celery's run at once when they are called."""
    for decorator in definition.symbol.decorators:
        called = decorator.parts[0].dotted() if decorator.kind == "call" else decorator.dotted()
        if called.rpartition(".")[2] in _QUEUED:
            return not called.startswith(("app.", "celery")) and not index.origin(definition.path, called).startswith(
                "celery"
            )
    return False


def _finding(body: Body, found: Repeated) -> Finding:
    loop = found.loop
    target = loop.target.strip() or "item"
    over = loop.iterable.dotted() if loop.iterable is not None else ""
    head = Hop(body.path, loop.loc, f"the loop over `{over}` repeats it" if over else "this loop repeats it")
    return _VOICE.finding(
        body.path,
        found.link.loc,
        f"`{found.text}` {'leads to a query' if found.way else 'sends a statement'} for each `{target}` of this loop",
        scope=body.scope,
        text=f"{found.text} for {target}",
        help="ask once before the loop for all of them (`where(Model.key.in_(keys))`, a join, or a bulk statement)",
        related=[head.related(), *(hop.related() for hop in found.way)],
    )


RULE = Rule(
    _VOICE.id,
    _VOICE.name,
    _VOICE.severity,
    ("python", "typescript", "go", "rust", "java", "kotlin", "csharp", "ruby", "php", "elixir"),
    check,
)
