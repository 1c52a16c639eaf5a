"""BW402: what belongs together is written in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, inside
from backwright.kit.callgraph import Hop, Reach, callgraph, shown
from backwright.kit.chains import links, name_of
from backwright.kit.database import DbCall, database, reaching
from backwright.kit.django.writes import Half, writes
from backwright.kit.findings import Voice
from backwright.kit.handlers import handlers, injected
from backwright.kit.index import FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.paths import follows
from backwright.kit.shapes import Rule
from backwright.rules.transactions._each_alone import Apart, EachAlone

_VOICE = Voice("BW402", "writes-without-transaction", "error")
_MILD = Voice("BW402", "writes-without-transaction", "warning")
_ADVICE = Voice("BW402", "writes-without-transaction", "advice")
_PROGRESS = re.compile(r"(^|_)(status|state|stage|progress|phase|started_at|finished_at|attempts|last_\w+)$")
_TRANSACTION = re.compile(r"transaction|atomic|unit_of_work|uow|begin", re.IGNORECASE)
# What is written beside the matter, and may stay when it fails.
_BESIDE = re.compile(
    r"audit|log|track|metric|event|notif|session|token|attempt|history|stat(s|us)|progress|job|task|cache|lock",
    re.IGNORECASE,
)
# What is named as reading may write to remember what it read.
_READING = re.compile(
    r"^_*(get|list|find|load|fetch|read|search|check|is|has|ensure|resolve|validate|compute|count|init)(_|$)"
)
_STYLE = 4
_STYLE_OF_ROWS = 12  # so many of one project are said once


@dataclass(frozen=True)
class Write:
    """A place in a function that ends with a commit: the commit itself, or a call that leads to one."""

    link: Expr
    way: tuple[Hop, ...]


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each operation that commits one part of itself before the next; one where that is the style."""
    yield from _of_sessions(index.only(("python",)), archmap)
    others = index.only(index.spoken - {"python"})
    if others.files:
        yield from _of_statements(others, archmap)


def _of_statements(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Where every statement is committed by itself."""
    search = EachAlone(index, archmap)
    pairs = list(search.found())
    apart, whole = index.counts.of("BW402 alone", len(pairs)), index.counts.of("BW402 together", search.whole)
    usual = apart >= _STYLE and apart > whole
    found = [_apart(pair, _VOICE if pair.always and not usual else _MILD) for pair in pairs]
    if usual and apart >= _STYLE_OF_ROWS and found:
        yield _VOICE.style(
            found,
            f"{apart} operations write more than once without a transaction, {whole} in one: "
            "an error in between leaves half of them",
            help="put what belongs together into one transaction",
        )
    else:
        yield from found


def _apart(pair: Apart, voice: Voice) -> Finding:
    ways = [hop for write in (pair.first, pair.second) for hop in write.way[-1:]]
    around = "put the loop into one transaction, or write all at once", "put both into one transaction"
    return _told(voice, pair.body, pair.first.link, pair.second.link, around, ways)


def _told(
    voice: Voice, body: Body, first: Expr, second: Expr, around: tuple[str, str], ways: Sequence[Hop] = ()
) -> Finding:
    """Two writes that belong together, or one in a loop where both are the same; `around` says what to put around a loop, and two."""
    if first is second:
        return voice.finding(
            body.path,
            second.loc,
            f"`{shown(second)}` writes once for each element, without a transaction around the loop: "
            "an error here leaves a part of them",
            scope=body.scope,
            text=f"{shown(second)} in a loop",
            help=around[0],
        )
    return voice.finding(
        body.path,
        second.loc,
        f"`{shown(second)}` writes after `{shown(first)}`, without a transaction around both: "
        "an error here leaves half of the operation",
        scope=body.scope,
        text=f"{shown(first)} then {shown(second)}",
        help=around[1],
        related=[hop.related() for hop in (Hop(body.path, first.loc, "the first part"), *ways)],
    )


def _of_sessions(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    layers = layers_of(index, archmap)
    serving = Serving(index, archmap)
    yield from _django(index, serving)
    handled = {h.body.key for h in handlers(index, archmap)}
    commits = reaching(index, lambda c: c.method == "commit")
    found: list[Finding] = []
    whole = 0
    for body in serving.functions():
        if body in injected(index) or (body.key not in handled and layers.role.get(body.path) != "service"):
            continue
        writes = _writes(index, commits, body)
        if _is_one_transaction(index, body):
            whole += 1
        elif (pair := _pair(body, writes)) is not None:
            found.append(_one(body, *pair))
    apart, whole = index.counts.of("BW402 in parts", len(found)), index.counts.of("BW402 in one", whole)
    if apart >= _STYLE and apart > whole and found:
        yield _VOICE.style(
            found,
            f"{apart} operations commit more than once, so that an error in between leaves half of them",
            help="`flush` within an operation, and commit once at its end",
        )
    else:
        yield from found


def _django(index: FactIndex, serving: Serving) -> Iterator[Finding]:
    """The same for Django's ORM, which commits each statement that no transaction is around."""
    halves = list(writes(index).halves(serving.functions()))
    split = [half for half in halves if isinstance(half, Half)]
    nobody = not index.counts.of("BW402 atomic", len(halves) - len(split))  # uses transactions here
    for repeated, several in ((False, _STYLE_OF_ROWS), (True, _STYLE)):
        found = [_half(half) for half in split if (half.first is half.second) is repeated]
        times = index.counts.of(f"BW402 {'loops' if repeated else 'rows'}", len(found))
        if nobody and times >= several and found:
            where = "in a loop, each row" if repeated else "several rows, each"
            yield _MILD.style(
                found,
                f"{times} functions write {where} in a transaction of its own",
                help="`transaction.atomic` around an operation lets an error take all of it back",
                of="loops" if repeated else "",
            )
        else:
            yield from found


def _half(half: Half) -> Finding:
    around = (
        "put `with transaction.atomic():` around the loop, or write all at once: `bulk_create`, `update`",
        "put `with transaction.atomic():` around both",
    )
    return _told(_ADVICE if half.mild else _MILD, half.body, half.first, half.second, around)


def _writes(index: FactIndex, commits: Reach, body: Body) -> list[Write]:
    own = {c.link.loc.start: c for c in database(index).of(body) if c.method == "commit"}
    out = []
    for call in sorted(body.calls, key=lambda c: c.loc.end):
        direct = own.get(call.loc.start)
        if direct is not None and call.loop < 0:
            out.append(Write(direct.link, ()))
            continue
        for link in links(call.expr):
            way = commits.through(body, link) if call.loop < 0 else None
            if (
                way is not None
                and not _READING.match(name_of(link))
                and not _BESIDE.search(name_of(link))
                and not _BESIDE.search(shown(link))
            ):
                target = callgraph(index).target(body, link)
                if target is not None and target.symbol.name != "__init__" and _changes(index, way):
                    out.append(Write(link, way))
                    break
    return out


def _changes(index: FactIndex, way: tuple[Hop, ...]) -> bool:
    """Whether the function that commits at the end of a chain also writes something of its own."""
    last = way[-1]
    for body in bodies(index).by_path.get(last.path, {}).values():
        calls = database(index).of(body)
        if any(c.link.loc == last.loc for c in calls):
            return any(c.family == "change" or _is_statement(c) for c in calls) or _sets(body)
    return False


def _is_statement(call: DbCall) -> bool:
    names = {name_of(n) for n in _inner(call.link)}
    return call.family == "query" and bool(names & {"insert", "update", "delete"})


def _inner(expr: Expr) -> Iterator[Expr]:
    for part in expr.parts[1:]:
        yield from links(part)


def _sets(body: Body) -> bool:
    return any(a.target.kind == "attribute" and a.target.parts[0].dotted() not in {"self", "cls"} for a in body.assigns)


def _is_one_transaction(index: FactIndex, body: Body) -> bool:
    """Several writes with one commit, or an explicit transaction around."""
    if any(a.op == "with" and _TRANSACTION.search(a.value.dotted() or method_of_value(a.value)) for a in body.assigns):
        return True
    symbol = body.symbol
    if symbol is not None and any(_TRANSACTION.search(d.dotted()) for d in symbol.decorators):
        return True
    if any(_TRANSACTION.search(name_of(c.expr)) for c in body.calls):
        return True
    calls = database(index).of(body)
    return sum(c.family == "change" for c in calls) > 1 and sum(c.method == "commit" for c in calls) == 1


def method_of_value(value: Expr) -> str:
    """The method that a `with` statement enters."""
    return name_of(value) if value.kind == "call" else ""


def _pair(body: Body, writes: list[Write]) -> tuple[Write, Write] | None:
    """Two writes of which the second always follows the first, both outside of the handling of errors."""
    for first, second in pairwise(writes):
        places = (first.link.loc, second.link.loc)
        if any(inside(p, c.body) for p in places for c in body.catches):
            continue
        if not follows(body, first.link, second.link) or _marks_progress(body, second.link):
            continue
        if first.link.parts[0].dotted() == second.link.parts[0].dotted() and first.way and _same_subject(first, second):
            continue
        if not second.way and not _writes_between(body, first, second):
            continue
        return first, second
    return None


def _same_subject(first: Write, second: Write) -> bool:
    return [p.dotted() for p in first.link.parts[1:]] == [p.dotted() for p in second.link.parts[1:]]


def _writes_between(body: Body, first: Write, second: Write) -> bool:
    """Whether something is added or deleted between two commits; a refresh or another attribute is no second part."""
    return any(
        first.link.loc.end < c.loc.start < second.link.loc.start
        and name_of(c.expr) in {"add", "add_all", "delete", "merge"}
        for c in body.calls
    )


def _marks_progress(body: Body, second: Expr) -> bool:
    """A commit that makes progress visible to others is meant to stand alone."""
    before = [a for a in body.assigns if a.target.kind == "attribute" and a.loc.end <= second.loc.start]
    return any(_PROGRESS.search(a.target.text) for a in before)


def _one(body: Body, first: Write, second: Write) -> Finding:
    return _VOICE.finding(
        body.path,
        second.link.loc,
        f"`{shown(second.link)}` writes after `{shown(first.link)}` was committed: an error here leaves half of the operation",
        scope=body.scope,
        text=f"{shown(first.link)} then {shown(second.link)}",
        help="`flush` the first part, and commit once at the end",
        related=[
            Hop(body.path, first.link.loc, "the first part").related(),
            *(hop.related() for hop in first.way[-1:]),
            *(hop.related() for hop in second.way[-1:]),
        ],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust", "java", "kotlin"), check)
