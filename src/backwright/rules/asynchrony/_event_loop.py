"""Synchronous calls on the way of requests, where one thread serves all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, inside
from backwright.kit.callgraph import Hop, Reach, callgraph, shown
from backwright.kit.chains import links, name_of
from backwright.kit.handlers import handlers
from backwright.kit.index import FactIndex
from backwright.kit.inference import Inference, inference
from backwright.kit.libraries import libraries, pattern

# What runs when a service starts, and what makes the one instance of something.
_ONCE = re.compile(
    r"^_*(constructor|getInstance|instance|init|connect|setup|start|boot|configure|load(Config|Env|Settings))", re.I
)
# Where a function inside of another is mostly one that is handed to a thread.
_SEPARATE = frozenset({"rust", "java", "kotlin"})
_TOOLS = re.compile(r"(^|/)(bin|cli|tools|setup|install)[-/\w]*(/|\.\w+$)")


Place = tuple[Body, Expr, str, tuple[Hop, ...]]


def on_the_way(index: FactIndex, archmap: ArchMap) -> Iterator[Place]:
    """Each waiting call in a handler, and each call of one that leads to such, with what for and the way."""
    serving, waits = Serving(index, archmap), _waiting(index, archmap)
    sites = {
        key: Hop(key[0], first.loc, f"`{shown(first)}` waits")
        for key, found in waits.items()
        if (first := next((link for link, what in found if what != "metadata"), None)) is not None
    }
    kinds = {(key[0], link.loc): what for key, found in waits.items() for link, what in found}
    reach = Reach(callgraph(index), sites, lambda d: not _ONCE.match(d.symbol.name))
    told: set[tuple[tuple[str, str], Loc]] = set()
    for handler in handlers(index, archmap):
        if handler.body.path not in serving or _TOOLS.search(handler.body.path):
            continue
        if not _is_on_loop(index, handler.body):
            continue
        is_one = index.files[handler.body.path].language in _SEPARATE
        for body in (handler.body,) if is_one else bodies(index).with_inner(handler.body):
            for link, what in waits.get(body.key, ()):
                if (body.key, link.loc) not in told:
                    told.add((body.key, link.loc))
                    yield body, link, what, ()
            led = (
                (call.expr, way)
                for call in body.calls
                if (way := reach.through(body, call.expr)) is not None and not _is_elsewhere(index, body, call.expr)
            )
            for link, way in islice(led, 1):
                within, step, rest = _innermost(index, body, link, way)
                sites_of = (way[-1].path, ""), way[-1].loc
                if (within.key, step.loc) not in told and not (is_one and sites_of in told):
                    yield within, step, kinds[way[-1].path, way[-1].loc], rest
                told |= {(within.key, step.loc), sites_of}


def _waiting(index: FactIndex, archmap: ArchMap) -> dict[tuple[str, str], list[tuple[Expr, str]]]:
    """The waiting calls of each function, with what they wait for."""
    infer, out = inference(index), {}
    for body in Serving(index, archmap).functions():
        found = [
            (link, what)
            for call in body.calls
            for link in links(call.expr)
            if (what := _waits(index, infer, body, link)) and not _is_elsewhere(index, body, link)
        ]
        if found:
            out[body.key] = found
    return out


def _innermost(index: FactIndex, body: Body, link: Expr, way: tuple[Hop, ...]) -> tuple[Body, Expr, tuple[Hop, ...]]:
    """The last asynchronous function on the way: what many handlers lead to is said once, where it can be changed."""
    found = body, link, way
    for at, hop in enumerate(way):
        holder = _holder(index, hop)
        if holder is not None and holder[0].symbol is not None and holder[0].symbol.is_async:
            found = (*holder, way[at + 1 :])
    return found


def _holder(index: FactIndex, hop: Hop) -> tuple[Body, Expr] | None:
    """The function that a step of a way stands in, with the call that is the step."""
    for body in bodies(index).by_path.get(hop.path, {}).values():
        for call in body.calls:
            for link in links(call.expr):
                if link.loc == hop.loc:
                    return body, link
    return None


def _is_on_loop(index: FactIndex, body: Body) -> bool:
    """Whether a handler runs on the event loop: always in TypeScript, as `async` or its result says in others."""
    language = index.files[body.path].language
    if language == "typescript" or body.symbol is None:
        return language == "typescript"
    known = libraries(language).waiting
    return body.symbol.is_async or pattern(known.waiting_on).search(body.symbol.returns) is not None


def _is_elsewhere(index: FactIndex, body: Body, link: Expr) -> bool:
    """Whether a call stands in a block that runs on a thread of its own: `withContext(Dispatchers.IO) { … }`."""
    names = libraries(index.files[body.path].language).waiting.elsewhere
    return bool(names) and any(
        part.kind == "lambda" and inside(link.loc, part.loc)
        for call in body.calls
        for one in links(call.expr)
        if name_of(one) in names
        for part in one.parts[1:]
    )


def _waits(index: FactIndex, infer: Inference, body: Body, link: Expr) -> str:
    """What a call waits for, `""` for none."""
    known = libraries(index.files[body.path].language).waiting
    dotted = link.parts[0].dotted()
    if not dotted or not (known.calls or known.patterns):
        return ""
    origin = infer.origin(body.path, dotted).removeprefix("node:").replace(".default.", ".").replace("::", ".")
    by_name = next((what for what, text in known.patterns.items() if pattern(text).search(dotted)), "")
    return known.calls.get(origin or dotted, by_name)
