"""BW301: SQL is written with bind parameters; outside values are never put into its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc
from backwright.core.findings import Finding, Fix
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import Hop, arguments, callgraph, shown
from backwright.kit.chains import name_of
from backwright.kit.database import Database, database
from backwright.kit.dataflow import Flow, flow
from backwright.kit.dataflow_others import other_flow
from backwright.kit.findings import Voice
from backwright.kit.handlers import handlers, injected, roles
from backwright.kit.handwritten import Hand, plain, statements, values_by_hand
from backwright.kit.index import Definition, FactIndex
from backwright.kit.libraries import libraries
from backwright.kit.quoting import chosen, interpolated, stands_for_value
from backwright.kit.shapes import Rule
from backwright.kit.stores import stores
from backwright.kit.values import Frame, Root, Value
from backwright.rules.queries._binding import bound

_VOICE = Voice("BW301", "interpolated-sql", "error")
_MILD = Voice("BW301", "interpolated-sql", "warning")
_STATEMENTS = frozenset(
    {"execute", "executemany", "executescript", "exec", "scalars", "scalar", "stream", "stream_scalars",
     "exec_driver_sql", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all", "fetch_val", "iterate", "raw"}
)  # fmt: skip
_TEXTS = frozenset({"text", "literal_column", "RawSQL", "TextClause"})
_UNTYPED = frozenset(
    {
        "execute",
        "executemany",
        "executescript",
        "raw",
        "read_sql",
        "read_sql_query",
        "fetchrow",
        "fetchval",
        "fetch_all",
    }
)
_KEYWORDS = ("statement", "query", "sql", "operation", "text", "clause")
_SQL = re.compile(
    r"^\W*(select|insert\s+into|update|delete\s+from|with|create|drop|alter|truncate|merge|replace\s+into|explain|call|grant)\b",
    re.I,
)
_MAX_CALLS = 3
_SENT = "comes from the request"


@dataclass(frozen=True)
class Sink:
    """An expression that becomes SQL, with the way from it to the database. `sure`: the call takes nothing but SQL."""

    body: Body
    expr: Expr
    way: tuple[Hop, ...]
    sure: bool = True
    narrow: bool = False  # a parameter counts only where a value stands
    known: bool = True  # a library is known that takes it; else it only reads as SQL


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each place where an outside value is put into SQL."""
    python, others = index.only(("python",)), index.only(index.spoken - {"python"})
    yield from _search(python, archmap, flow(python), chain(_sinks(python), _written(python)))
    if others.files:
        yield from _search(others, archmap, other_flow(others), chain(_texts(others), _written(others)))


def _search(index: FactIndex, archmap: ArchMap, follow: Flow, sinks: Iterable[Sink]) -> Iterator[Finding]:
    role = roles(archmap)
    left_out = {path for path, its in role.items() if its in {"test", "migration"}}
    entries = {h.body.key for h in handlers(index, archmap)}
    judge = _Judge(index, follow, entries, left_out)
    seen: set[tuple[str, int]] = set()
    queue = [s for s in sinks if s.body.path not in left_out]
    visited: set[tuple[str, int]] = set()
    while queue:
        sink = queue.pop(0)
        at = sink.body.path, sink.expr.loc.start
        if at in visited:
            continue
        visited.add(at)
        value = follow.value(Frame(sink.body), sink.expr)
        if value.built is not None and (sink.sure or _SQL.search(value.literal)):
            where = value.built[0], value.built[1].start
            blamed = next((b for b in (judge.blame(root) for root in value.roots) if b is not None), None)
            if blamed is not None and where not in seen and (not sink.narrow or _counts(follow, value.built, blamed)):
                seen.add(where)
                yield _finding(index, sink, value, value.built, blamed)
                continue
        if by_hand := _values(follow, sink):
            for hand in by_hand:
                place = hand.body.path, hand.made.loc.start
                if place not in seen:
                    seen.add(place)
                    yield _by_value(index, sink, hand)
        elif sink.known and not sink.narrow and value.built is None and (sent := _sent(value)) is not None:
            yield _whole(sink, sent)
        elif not value.outside and not sink.narrow and (hole := chosen(sink.body, sink.expr)) is not None:
            yield _by_hand(sink, hole)
        elif sink.known and value.whole and len(sink.way) <= _MAX_CALLS:
            queue += [s for s in _through(follow, sink, value.whole) if s.body.path not in left_out]


def _sent(value: Value) -> Root | None:
    """The part of the request that a text is."""
    return next((root for root in value.roots if not root.name), None)


def _whole(sink: Sink, sent: Root) -> Finding:
    return _VOICE.finding(
        sink.body.path,
        sink.expr.loc,
        f"`{sent.text}` is the text of this SQL, and it {_SENT}",
        scope=sink.body.scope,
        text=f"{sent.text} as SQL",
        help="look it up in an allow-list of what may be asked for",
        related=[hop.related() for hop in sink.way],
    )


def _values(follow: Flow, sink: Sink) -> list[Hand]:
    """The values that are put into the text by hand and may be anything: where they come from is not known."""
    return [hand for hand in values_by_hand(follow.graph, sink.body, sink.expr) if _is_doubted(follow, hand)]


def _is_doubted(follow: Flow, hand: Hand) -> bool:
    if not plain(hand.hole):
        return False
    found = follow.value(Frame(hand.body), hand.hole)
    untyped = libraries(follow.index.files[hand.body.path].language).untyped
    return found.outside or (not found.known and (hand.quoted or untyped))


def _by_value(index: FactIndex, sink: Sink, hand: Hand) -> Finding:
    """Perhaps nobody outside can choose it today, but the driver would quote it right whatever it is."""
    shown_as = hand.hole.dotted() or name_of(hand.hole) if hand.hole.parts or hand.hole.text else "a value"
    return _MILD.finding(
        hand.body.path,
        hand.made.loc,
        f"`{shown_as}` is put into the text of this SQL where a value stands",
        scope=hand.body.scope,
        text=f"{shown_as} as a value",
        help="pass it as a bind parameter: the driver quotes it, whatever it will be",
        related=[hop.related() for hop in sink.way],
        fix=_bound(index, hand.body, hand.made.loc),
    )


def _counts(follow: Flow, built: tuple[str, Loc], blame: Blame) -> bool:
    """What a client sent counts anywhere, a parameter only where a value stands: others are names of tables and columns."""
    if not blame.root.name or blame.why == _SENT:
        return True
    scopes = follow.graph.bodies.by_path[built[0]].values()
    tops = (top for body in scopes for top in body.expressions() if inside(built[1], top.loc))
    made = next((e for top in tops for e in walk(top) if e.loc == built[1]), None)
    return made is not None and stands_for_value(made, blame.root.loc)


def _texts(index: FactIndex) -> Iterator[Sink]:
    """What other languages send as SQL."""
    for link, text, kind in stores(index).statements():
        hop = Hop(link.body.path, link.expr.loc, f"`{shown(link.expr)}` sends it to the database")
        yield Sink(link.body, text, (hop,), sure=kind.sure or kind.fragment, narrow=True)


def _written(index: FactIndex) -> Iterator[Sink]:
    """What reads as a statement, whatever it is run by."""
    graph = callgraph(index)
    for body in bodies(index).by_key.values():
        for expr in statements(graph, body, libraries(index.files[body.path].language)):
            yield Sink(body, expr, (), narrow=True, known=False)


def _sinks(index: FactIndex) -> Iterator[Sink]:
    db = database(index)
    if not db.present:
        return
    known = {id(c.link) for calls in db.calls.values() for c in calls}
    for link in bodies(index).called({"extra"}):  # of a queryset: `extra(where=[…])`
        for given in (link.expr.keyword("where"), link.expr.keyword("select")):
            if given is not None and db.django:
                yield Sink(link.body, given, (Hop(link.body.path, link.expr.loc, "`extra` puts it into the query"),))
    for link in bodies(index).called(_STATEMENTS | _TEXTS | _UNTYPED):
        method = name_of(link.expr)
        expr = _argument(link.expr)
        if expr is None or expr.kind == "string":
            continue
        hop = Hop(link.body.path, link.expr.loc, f"`{link.expr.parts[0].dotted() or method}` sends it to the database")
        if method in _TEXTS:
            if _is_text(db, link.body, link.expr):
                yield Sink(link.body, expr, (hop,))
        elif id(link.expr) in known and method in _STATEMENTS:
            yield Sink(link.body, expr, (hop,))
        elif method in _UNTYPED and link.expr.parts[0].kind == "attribute":
            yield Sink(link.body, expr, (hop,), sure=False)


def _argument(link: Expr) -> Expr | None:
    positional = link.positional()
    if positional:
        return positional[0]
    return next((e for k in _KEYWORDS if (e := link.keyword(k)) is not None), None)


def _is_text(db: Database, body: Body, link: Expr) -> bool:
    origin = db.inference.origin(body.path, link.parts[0].dotted())
    return origin.partition(".")[0] in {"sqlalchemy", "sqlmodel", "django"}


def _through(follow: Flow, sink: Sink, param: str) -> Iterator[Sink]:
    """The places that pass a text to a function which runs it as it is."""
    if sink.body.symbol is None:
        return
    target = Definition(sink.body.path, sink.body.symbol)
    for body, link in follow.graph.callers(target):
        argument = arguments(link, target).get(param)
        if argument is not None:
            hop = Hop(body.path, link.loc, f"`{sink.body.scope}` takes it as `{param}`")
            yield Sink(body, argument, (hop, *sink.way), sink.sure, sink.narrow)


@dataclass(frozen=True)
class Blame:
    """Why a value counts as outside, with the calls that bring it."""

    root: Root
    why: str
    way: tuple[Hop, ...] = ()


class _Judge:
    """Decides whether a parameter really is outside: every caller may well pass a constant."""

    def __init__(self, index: FactIndex, follow: Flow, entries: set[tuple[str, str]], left_out: set[str]) -> None:
        self.follow = follow
        self.provided = injected(index)
        self.entries = entries
        self.left_out = left_out
        self._known: dict[tuple[str, str, str], Blame | None] = {}

    def blame(self, root: Root, depth: int = 0) -> Blame | None:
        if not root.name:
            return Blame(root, _SENT)
        key = root.path, root.scope, root.name
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._blame(root, depth)
        found = self._known[key]
        return Blame(root, found.why, found.way) if found is not None else None

    def _blame(self, root: Root, depth: int) -> Blame | None:
        body = self.follow.graph.bodies.get(root.path, root.scope)
        if body is None or body.symbol is None:
            return None
        if body.key in self.entries or body in self.provided:
            return Blame(root, _SENT)
        target = Definition(body.path, body.symbol)
        callers = [(b, link) for b, link in self.follow.graph.callers(target) if b.path not in self.left_out]
        if not callers:
            return Blame(root, "is whatever a caller passes")
        if depth >= _MAX_CALLS:
            return None
        for caller, link in callers:
            argument = arguments(link, target).get(root.name)
            value: Value | None = self.follow.value(Frame(caller), argument) if argument is not None else None
            for outer in value.roots if value is not None else ():
                found = self.blame(outer, depth + 1)
                if found is not None:
                    hop = Hop(caller.path, link.loc, f"`{outer.text}` is passed on to `{body.scope}`")
                    return Blame(root, found.why, (hop, *found.way))
        return None


def _finding(index: FactIndex, sink: Sink, value: Value, built: tuple[str, Loc], blame: Blame) -> Finding:
    path, loc = built
    scope = _scope_of(index, path, loc)
    how = "" if sink.narrow else ' (`text("… = :value")` with `{"value": …}`)'
    return _VOICE.finding(
        path,
        loc,
        f"`{blame.root.text}` is put into the text of this SQL, and it {blame.why}",
        scope=scope,
        text=f"{blame.root.text} in {value.literal[:80]}",
        help=f"pass it as a bind parameter{how}; a name of a table or column belongs in an allow-list",
        related=[*(hop.related() for hop in blame.way), *(hop.related() for hop in sink.way)],
        fix=_bound(index, sink.body, loc) if path == sink.body.path else None,
    )


def _by_hand(sink: Sink, hole: Expr) -> Finding:
    """Nothing from outside yet, but the next text that the variable is given may well be."""
    made = interpolated(sink.body, sink.expr) or sink.expr
    return _MILD.finding(
        sink.body.path,
        made.loc,
        f"`{hole.text}` is one of several texts, and it is quoted by hand in this SQL",
        scope=sink.body.scope,
        text=f"{hole.text} by hand",
        help="pass it as a bind parameter: the driver quotes it, whatever it will be",
        related=[hop.related() for hop in sink.way],
    )


def _bound(index: FactIndex, body: Body, built: Loc) -> Fix | None:
    """The values of this text as bind parameters, where the function that builds it runs it; in Python."""
    if index.files[body.path].language != "python":
        return None
    db = database(index)
    return bound(index, body, built, lambda call: _is_text(db, body, call))


def _scope_of(index: FactIndex, path: str, loc: Loc) -> str:
    """The innermost function around a place."""
    around = bodies(index).around(path, loc)
    return around[-1].scope if around else ""


RULE = Rule(
    _VOICE.id,
    _VOICE.name,
    _VOICE.severity,
    ("python", "typescript", "go", "rust", "java", "kotlin", "csharp", "ruby", "php", "elixir"),
    check,
)
