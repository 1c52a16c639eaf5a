"""BW603: what a coroutine function gives is awaited, and tasks are kept."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Call, Expr
from backwright.core.findings import Finding, Fix
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import CallGraph, callgraph, shown
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.patches import inserted
from backwright.kit.shapes import Rule
from backwright.rules.asynchrony._promises import dropped_writes

_VOICE = Voice("BW603", "unawaited-call", "error")
_TASKS = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.tasks.create_task"})
_LOGIC = frozenset({"and", "or", "not"})


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Calls of this project's coroutine functions that nobody awaits, and tasks that nobody keeps."""
    others = index.only(index.spoken - {"python"})
    for body, call, way in dropped_writes(others, Serving(others, archmap), _dropped) if others.files else ():
        yield _VOICE.finding(
            body.path,
            call.loc,
            f"nobody waits for `{shown(call.expr)}`, which writes: its errors are lost, and the answer comes before it",
            scope=body.scope,
            text=shown(call.expr),
            help="`await` it; where it may fail, catch that",
            related=[hop.related() for hop in way],
            fix=Fix("Await it", "review", patches=(inserted(body.path, call.loc.start, "await "),)),
        )
    index = index.only(("python",))
    graph = callgraph(index)
    serving = Serving(index, archmap)
    for body in bodies(index).by_key.values():
        if body.path not in serving or not body.calls:
            continue
        dropped = {e.loc.start for e in _dropped(body)}
        asked = {e.loc.start for b in body.branches for e in _operands(b.condition)}
        for call in body.calls:
            if call.awaited or call.loc.start not in dropped | asked:
                continue
            yield from _judged(graph, body, call, is_dropped=call.loc.start in dropped)


def _dropped(body: Body) -> Iterator[Expr]:
    """The statements that are a call and nothing else."""
    used = {id(e) for e in _used(body)}
    calls = {c.loc.start: c for c in body.calls}
    for expr in body.expressions():
        if id(expr) not in used and expr.kind == "call" and calls[expr.loc.start].expr is expr:
            yield expr


def _used(body: Body) -> Iterator[Expr]:
    yield from (a.value for a in body.assigns)
    yield from (r.value for r in body.returns if r.value is not None)
    yield from (r.value for r in body.raises if r.value is not None)
    yield from (b.condition for b in body.branches)
    yield from (lp.iterable for lp in body.loops if lp.iterable is not None)


def _operands(condition: Expr) -> Iterator[Expr]:
    """The calls whose truth a condition asks for; a coroutine is always true."""
    if condition.kind == "call":
        yield condition
    elif condition.kind in {"binary", "other"} and condition.text in _LOGIC | {"parenthesized_expression"}:
        for part in condition.parts:
            yield from _operands(part)


def _judged(graph: CallGraph, body: Body, call: Call, *, is_dropped: bool) -> Iterator[Finding]:
    name = shown(call.expr)
    if is_dropped and graph.inference.origin(body.path, call.expr.parts[0].dotted()) in _TASKS:
        yield _VOICE.finding(
            body.path,
            call.loc,
            f"nothing keeps the task of `{name}`: it may be collected before it is done, and its errors are lost",
            scope=body.scope,
            text=name,
            help="keep the task until it is done (a set with `add_done_callback(tasks.discard)`), or use a `TaskGroup`",
        )
        return
    target = graph.target(body, call.expr)
    inner = graph.body_of(target) if target is not None else None
    if target is None or inner is None or not target.symbol.is_async or target.symbol.decorators:
        return
    if any(r.is_yield for r in inner.returns) or target.symbol.name.startswith("__"):
        return
    problem = "its body never runs" if is_dropped else "a coroutine is always true, and its body never runs"
    in_coroutine = body.symbol is not None and body.symbol.is_async
    yield _VOICE.finding(
        body.path,
        call.loc,
        f"`{name}` is a coroutine function and is not awaited: {problem}",
        scope=body.scope,
        text=name,
        help=f"write `await {name}(…)`; it is defined at {place(target.path, target.symbol.loc)}"
        if in_coroutine
        else f"await it from a coroutine, or run it with `asyncio.run`; it is defined at {place(target.path, target.symbol.loc)}",
        fix=Fix("Await it", "review", patches=(inserted(body.path, call.loc.start, "await "),))
        if in_coroutine
        else None,
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
