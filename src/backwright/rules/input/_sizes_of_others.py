"""Sizes of pages that clients choose in Go, Java and Kotlin, and that reach the query as they came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body, names_in, walk
from backwright.kit.callgraph import CallGraph, Hop, arguments, callgraph, shown
from backwright.kit.chains import links, mark_of, name_of
from backwright.kit.handlers import Handler
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Requests, libraries, pattern
from backwright.kit.pages import LIMIT

_DEPTH = 3
_BOUNDING = re.compile(
    r"(?i)^(min|max|clamp\w*|coerce\w*|bounded?|between|normali[sz]e\w*|valid\w*)$|max|limit.*(size|page)"
)


class Endless(NamedTuple):
    """A limit without a maximum: where it comes from, and where rows are cut by it."""

    path: str
    scope: str
    name: str
    loc: Loc
    cut: Hop


def chosen(index: FactIndex, handler: Handler) -> Endless | None:
    """The size of a page that nothing bounds on its way to a query."""
    known = libraries(index.files[handler.body.path].language).request
    for name, loc in _asked(handler.body, known) if known.cutting else ():
        cut = _cut(callgraph(index), handler.body, name, known, 0)
        if cut is not None:
            return Endless(*handler.body.key, name, loc, cut)
    return None


def _asked(body: Body, known: Requests) -> Iterator[tuple[str, Loc]]:
    """`size, _ := strconv.Atoi(c.Query("size"))`, `@RequestParam int size`."""
    for param in body.symbol.params if body.symbol is not None else ():
        marks = {mark_of(d) for d in param.decorators}
        asked = not marks.isdisjoint(known.asked_in) and LIMIT.match(param.name)
        if asked and not any(pattern(known.maxima).search(m) for m in marks):
            yield param.name, param.loc
    for assign in body.assigns if known.asked else ():
        for node in walk(assign.value):
            given = node.positional() if node.kind == "call" else ()
            if not given or given[0].kind != "string" or not LIMIT.match(given[0].text.replace("-", "_")):
                continue
            if pattern(known.asked).search(node.parts[0].dotted()) and assign.target.kind == "name":
                yield from ((name, assign.loc) for name in _derived(body, assign.target.text))


def _derived(body: Body, name: str) -> list[str]:
    """A variable, and the number that is made of its text."""
    made = [
        a.target.text for a in body.assigns if any(e.text == name for e in names_in(a.value)) and _converts(a.value)
    ]
    return [n for n in dict.fromkeys((name, *made)) if n not in {"_", "err"}]


def _converts(value: Expr) -> bool:
    return value.kind == "call" and bool(re.search(r"(?i)atoi|parseu?int|toint", name_of(value)))


def _cut(graph: CallGraph, body: Body, name: str, known: Requests, depth: int) -> Hop | None:
    """Where rows are cut by a variable, here or in what it is passed to; None where something looks at it before."""
    if _is_bounded(body, name):
        return None
    for call in body.calls:
        for link in links(call.expr):
            given = [p for p in link.parts[1:] if _is_plainly(p, name)]
            if not given:
                continue
            if pattern(known.cutting).search(link.parts[0].dotted()):
                return Hop(body.path, link.loc, f"`{shown(link)}` cuts the rows by it")
            target = graph.target(body, link) if depth < _DEPTH else None
            inner = graph.body_of(target) if target is not None else None
            for param, value in arguments(link, target).items() if target is not None else ():
                found = _cut(graph, inner, param, known, depth + 1) if value in given and inner is not None else None
                if found is not None:
                    return found
    return None


def _is_plainly(expr: Expr, name: str) -> bool:
    """The variable itself, or converted: `int(size)`, `Pageable` made of it is asked for by its own call."""
    if expr.kind == "call" and expr.parts[0].kind == "name" and len(expr.parts) == 2:
        expr = expr.parts[1]
    return expr.kind == "name" and expr.text == name


def _is_bounded(body: Body, name: str) -> bool:
    """Whether a condition compares it, something clamps it, or it is set again."""
    compared = any(
        e.kind == "binary" and e.text in {">", ">=", "<", "<="} and any(n.text == name for n in names_in(e))
        for b in body.branches
        for e in walk(b.condition)
    )
    clamped = any(
        _BOUNDING.search(name_of(link)) and any(n.text == name for p in link.parts[1:] for n in names_in(p))
        for call in body.calls
        for link in links(call.expr)
    )
    return compared or clamped
