"""Transactions of TypeScript in which somebody else is asked: in the function that is passed to one, or between begin and commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Call, Expr, Loc
from backwright.kit.aside import Serving, is_command
from backwright.kit.bodies import Body, bodies, inside
from backwright.kit.callgraph import Hop, Key, Reach, callgraph, shown
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import Transactions, libraries, pattern


@dataclass(frozen=True)
class Across:
    """A call that waits for somebody else, the transaction that is open then, and the way to where it waits."""

    body: Body
    call: Expr
    begin: Hop
    way: tuple[Hop, ...]


def across(index: FactIndex, archmap: ArchMap) -> Iterator[Across]:
    """The first of each transaction."""
    known = {n: t for n in index.spoken if (t := libraries(n).transactions).taking_function}
    if not known:
        return
    sites: dict[Key, Hop] = {}
    for key, body in bodies(index).by_key.items():
        called = known.get(index.files[body.path].language)
        waits = next(
            (w for call in body.calls if called and (w := _waits(index, called, body, call)) is not None), None
        )
        if waits is not None:
            sites[key] = Hop(body.path, waits.loc, f"`{shown(waits)}` asks another service")
    reach = Reach(callgraph(index), sites) if sites else None
    for body in Serving(index, archmap).functions() if reach is not None else ():
        called = known.get(index.files[body.path].language)
        if called is None or reach is None or is_command(body.path):
            continue
        for begin, where in _open(called, body):
            found = next(_within(index, called, reach, body, where), None)
            if found is not None:
                yield Across(body, found[0], begin, found[1])


def _open(known: Transactions, body: Body) -> Iterator[tuple[Hop, Loc]]:
    """The places of a function in which a transaction is open."""
    for call in body.calls:
        name, receiver = name_of(call.expr), receiver_of(call.expr)
        if receiver is None or not pattern(known.databases).search(receiver.dotted()):
            continue
        hop = Hop(body.path, call.expr.parts[0].loc, f"`{shown(call.expr)}` opens a transaction")
        given = next((part for part in call.expr.parts[1:] if part.kind == "lambda"), None)
        if given is not None and name in known.taking_function:
            yield hop, given.loc
        elif given is None and name in {*known.taking_function, *known.beginning}:
            ended = _ended(known, body, call, receiver.dotted() if name in known.beginning else "")
            if ended is not None:
                yield hop, Loc(call.loc.line, 1, ended.line, 1, call.loc.end, ended.start)


def _ended(known: Transactions, body: Body, begun: Call, runner: str) -> Loc | None:
    """The commit that ends it, where that stands in the same arm: nothing that leaves lies in between."""
    names = {runner} if runner else {a.target.dotted() for a in body.assigns if inside(begun.loc, a.value.loc)}
    for call in body.calls:
        owner = receiver_of(call.expr)
        if (
            owner is not None
            and owner.dotted() in names
            and name_of(call.expr) in known.ending
            and call.loc.start > begun.loc.end
        ):
            return call.loc
    return None


def _within(
    index: FactIndex, known: Transactions, reach: Reach, body: Body, where: Loc
) -> Iterator[tuple[Expr, tuple[Hop, ...]]]:
    """The calls that are awaited in such a place and ask somebody else, themselves or further on."""
    caught = [c.body for c in body.catches]
    for one in bodies(index).with_inner(body):
        for call in sorted(one.calls, key=lambda c: c.loc.start):
            if (
                not where.start <= call.loc.start <= where.end
                or not call.awaited
                or any(inside(call.loc, c) for c in caught)
            ):
                continue
            waits = _waits(index, known, one, call)
            if waits is not None:
                yield waits, ()
                continue
            for link in links(call.expr):
                way = reach.through(one, link) if not any(p.kind == "lambda" for p in link.parts[1:]) else None
                if way is not None:
                    yield link, way
                    break


def _waits(index: FactIndex, known: Transactions, body: Body, call: Call) -> Expr | None:
    """The link of an awaited call that asks somebody else: HTTP, mail, payments, models, clouds."""
    if not call.awaited:
        return None
    for link in links(call.expr):
        dotted = link.parts[0].dotted()
        if dotted and pattern(known.outward).search(dotted) and callgraph(index).target(body, link) is None:
            return link
        receiver = receiver_of(link)
        typed = inference(index).of(body.path, body.scope, receiver) if receiver is not None and known.clients else None
        if typed is not None and typed.last in known.clients and not typed.itself:
            return link
    return None
