"""BW308: what a function has just asked the database for, it does not ask again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Assign, Call, Expr, Loc
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.callgraph import CallGraph, Hop, Reach, arguments, callgraph
from backwright.kit.callgraph import shown as shown_call
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.database import DbCall, database, is_access, reaching
from backwright.kit.findings import Voice
from backwright.kit.index import Definition, FactIndex
from backwright.kit.paths import follows
from backwright.kit.shapes import Rule

_VOICE = Voice("BW308", "repeated-query", "advice")
_READING = re.compile(
    r"^_*a?(get|list|find|load|fetch|read|search|count|exists?|query|select|lookup|has)(_|[A-Z]|$|by)"
)
_MAKING = re.compile(
    r"session|engine|connection|client|(or|and)_?(create|insert|update|lock|refresh)|for_update|next|random|token|cursor|lock",
    re.IGNORECASE,
)
# What may change the answer in between, or ask for it to be read anew.
_CHANGING = re.compile(
    r"^_*a?(create|update|delete|add|save|set|send|process|run|sync|apply|mark|insert|remove|put|post|patch|commit|flush|publish|"
    r"refresh|expire|invalidate|rollback|begin|lock|acquire|sleep|wait|clear|reset|execute|bulk|merge|upsert|write|store|"
    r"register|upload|import|move|assign|attach|start|stop|finish|complete|cancel|activate|enable|disable|ensure|handle|"
    r"perform|migrate|seed|populate|trigger|emit|dispatch|enqueue|delay|call|increment|decrement|build|make|generate|do|atomic|transaction)(_|$|[A-Z])"
)
_STATEMENTS = frozenset(
    {"execute", "scalars", "scalar", "exec", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all"}
)
_ASKING = frozenset({"get", "first", "last", "count", "exists", "aggregate", "earliest", "latest", "aget", "afirst", "acount",
                     "aexists", "one", "one_or_none", "scalar", "all", "get_or_404", "first_or_404"})  # fmt: skip
_WRITES = frozenset({"insert", "update", "delete"})
_LOCKING = re.compile(r"lock|acquire|semaphore|transaction|atomic|nested|savepoint", re.IGNORECASE)
_CACHED = re.compile(r"cache|memo", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """One read: the call that asks, the expression that says what is asked, and the way to the query."""

    call: Call
    expr: Expr
    way: tuple[Hop, ...] = ()
    asks: Expr | None = None  # the call whose arguments say what is asked, where another function makes it


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each read that repeats one before it on the same path."""
    index = index.only(("python", "typescript"))
    search = _Search(index)
    for body in Serving(index, archmap).functions():
        told: set[int] = set()
        reads = list(search.reads(body))
        for at, first in enumerate(reads):
            for second in (*reads[at + 1 :], *search.inside(body, first)):
                if second.expr.loc.start not in told and search.repeats(body, first, second):
                    told.add(second.expr.loc.start)
                    yield _one(body, first, second)


class _Search:
    """The reads of one project."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.graph: CallGraph = callgraph(index)
        self.db = database(index)
        self.reads_data: Reach = reaching(index, is_access, lambda d: not _is_cached(d))
        self.writes: Reach = reaching(index, _is_write)
        self.by_identity: Reach = reaching(index, lambda c: c.method in {"get", "get_one"} and c.kind == "session")

    def reads(self, body: Body) -> Iterator[Asked]:
        """The reads that stand in a body, in order."""
        own = {c.link.loc.start: c for c in self.db.of(body) if not _is_write(c)}
        for call in body.calls:
            found = next(
                (own[e.loc.start] for e in links(call.expr) if e.loc.start in own and own[e.loc.start].call is call),
                None,
            )
            if found is not None:
                expr = _question(found)
                if expr is not None:
                    yield Asked(call, expr)
                continue
            for link in links(call.expr):
                way = self._through(body, link)
                if way is not None:
                    yield Asked(call, link, way)
                    break

    def _through(self, body: Body, link: Expr) -> tuple[Hop, ...] | None:
        """The way to the query of a function that only reads; None where it writes, remembers, or asks the session's own map."""
        name = name_of(link)
        if not _READING.match(name) or _MAKING.search(name):
            return None
        way = self.reads_data.through(body, link)
        if (
            way is None
            or self.writes.through(body, link) is not None
            or self.by_identity.through(body, link) is not None
        ):
            return None
        target = self.graph.target(body, link)
        if target is None or _is_cached(target) or self._keeps(Hop(target.path, target.symbol.loc, "")):
            return None
        return way if not any(self._keeps(hop) for hop in way) else None

    def _keeps(self, hop: Hop) -> bool:
        """Whether the function of a hop keeps something in its object: what was read, most often."""
        around = self.graph.bodies.around(hop.path, hop.loc)
        return any(a.target.dotted().startswith(("self.", "this.")) for b in around for a in b.assigns)

    def inside(self, body: Body, first: Asked) -> Iterator[Asked]:
        """The calls after a read that begin with the same read: `get(id)` in the handler and again in `update(id, …)`."""
        wanted = self.graph.target(body, first.expr) if first.way else None
        for call in body.calls if wanted is not None else ():
            link = call.expr
            found = self.graph.target(body, link) if first.expr.loc.end <= link.loc.start else None
            inner = self.graph.body_of(found) if found is not None and wanted is not None and found != wanted else None
            if inner is None or inner is body or found is None or wanted is None:
                continue
            begun = next(iter(self.reads(inner)), None)
            if begun is None or self.graph.target(inner, begun.expr) != wanted or _is_conditional(inner, begun.expr):
                continue
            passed, given = arguments(begun.expr, wanted), arguments(first.expr, wanted)
            handed = {n: a for n, a in passed.items() if not _is_session(n)}
            outer = arguments(link, found)
            if handed and all(
                a.kind == "name" and a.text in outer and n in given and _same(outer[a.text], given[n])
                for n, a in handed.items()
            ):
                hop = Hop(inner.path, begun.expr.loc, f"`{inner.scope}` begins with it")
                yield Asked(call, link, (hop, *begun.way), asks=first.expr)

    def repeats(self, body: Body, first: Asked, second: Asked) -> bool:
        """Whether the second asks the same, nothing in between could change the answer, and it follows the first."""
        if (
            first.call.loop != second.call.loop
            or inside(second.expr.loc, first.expr.loc)
            or inside(first.expr.loc, second.expr.loc)
        ):
            return False
        if first.expr.loc.end > second.expr.loc.start or not _same(first.expr, second.asks or second.expr):
            return False
        if any(inside(second.expr.loc, c.body) and not inside(first.expr.loc, c.body) for c in body.catches):
            return False
        return follows(body, first.expr, second.expr) and not self._changes_between(body, first.expr, second.expr)

    def _changes_between(self, body: Body, first: Expr, second: Expr) -> bool:
        names = {e.text for e in walk(first) if e.kind == "name"}
        for assign in body.assigns:
            if not _is_set_between(assign, first, second):
                continue
            if assign.op == "with" or assign.target.kind != "name" or assign.target.text in names:
                return True
        for call in body.calls:
            if not _is_between(call.loc, first, second) or call.loc.start == second.loc.start:
                continue
            for link in links(call.expr):
                if _LOCKING.search(name_of(link)):
                    return True
                if _CHANGING.match(name_of(link)) and not self._only_reads(body, link):
                    return True
                if self.writes.through(body, link) is not None:
                    return True
            if any(_is_write(c) for c in self.db.of(body) if c.call is call):
                return True
        return False

    def _only_reads(self, body: Body, link: Expr) -> bool:
        """`session.execute(select(…))`."""
        receiver = receiver_of(link)
        return receiver is not None and any(c.link.loc == link.loc and not _is_write(c) for c in self.db.of(body))


def _is_conditional(body: Body, expr: Expr) -> bool:
    either = (
        e
        for top in body.expressions()
        for e in walk(top)
        if e.kind == "conditional" or e.text in {"||", "??", "&&", "or"}
    )
    if any(inside(expr.loc, e.loc) for e in either):  # `given || (await this.get(id))`
        return True
    return any(start <= expr.loc.start <= end for start, (end, _) in body.arms().items())


def _is_session(name: str) -> bool:
    return name in {"session", "db", "db_session", "conn", "connection", "tx"}


def _is_set_between(assign: Assign, first: Expr, second: Expr) -> bool:
    value = assign.value.loc
    return value.end >= first.loc.end and assign.loc.start < second.loc.start and not inside(second.loc, value)


def _is_between(loc: Loc, first: Expr, second: Expr) -> bool:
    """Whether something is done after the first place: what holds it as an argument is done after it too."""
    return first.loc.end < loc.end <= second.loc.start


def _is_write(call: DbCall) -> bool:
    """Whether a call changes data, or may: a statement that is no select."""
    if call.family in {"change", "flush", "write"}:
        return True
    words = {e.text for e in walk(call.link) if e.kind in {"name", "attribute"}}
    if words & _WRITES or call.method in {
        "create",
        "get_or_create",
        "update_or_create",
        "bulk_create",
        "bulk_update",
        "merge",
    }:
        return True
    texts = (e.text.strip().lower() for e in walk(call.link) if e.kind == "string")
    return any(t.startswith(("insert", "update", "delete", "call ", "select nextval", "lock", "set ")) for t in texts)


def _question(found: DbCall) -> Expr | None:
    """What is asked: the statement that is executed, or the whole chain of a query."""
    if found.method in {"get", "get_one"} and found.kind == "session":
        return None  # the session remembers its rows by their keys
    if found.method in _STATEMENTS and found.kind in {"session", "connection"}:
        return found.link
    if found.kind in {"store", "documents"}:
        return found.call.expr if found.call.awaited and found.family == "query" else None
    ended = {name_of(e) for e in links(found.call.expr)}
    return found.call.expr if ended & _ASKING else None


def _is_cached(target: Definition) -> bool:
    return any(
        _CACHED.search(d.dotted() or name_of(d))
        for d in target.symbol.decorators
        if d.kind in {"call", "name", "attribute"}
    )


def _same(a: Expr, b: Expr) -> bool:
    """Whether two expressions say the same, whatever their places."""
    return (
        a.kind == b.kind
        and a.text == b.text
        and a.keys == b.keys
        and len(a.parts) == len(b.parts)
        and all(_same(x, y) for x, y in zip(a.parts, b.parts, strict=True))
    )


def _one(body: Body, first: Asked, second: Asked) -> Finding:
    name = shown_call(second.expr)
    asks = "begins by asking" if second.asks is not None else "asks"
    return _VOICE.finding(
        body.path,
        second.expr.loc,
        f"`{name}` {asks} the database for what line {first.expr.loc.line} has just got",
        scope=body.scope,
        text=name,
        help="keep what the first call gave, and pass it on",
        related=[
            Hop(body.path, first.expr.loc, "the first time").related(),
            *(hop.related() for hop in second.way),
        ],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
