"""Synchronous methods that are called in a coroutine although an asynchronous form of them stands beside."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import CallGraph, callgraph
from backwright.kit.chains import links
from backwright.kit.index import Definition, FactIndex


def passed_over(index: FactIndex, coroutine: Body) -> Iterator[tuple[Expr, str]]:
    """Each such call, with the name of the form that could be awaited: `self.request(…)` beside `request_async`."""
    graph = callgraph(index)
    for call in coroutine.calls:
        for depth, link in enumerate(links(call.expr)):
            if (call.awaited and not depth) or link.parts[0].kind != "attribute":
                continue
            target = graph.target(coroutine, link)
            form = _form(graph, target) if target is not None else None
            if form is not None and form.symbol.qualname != coroutine.scope:
                yield link, form.symbol.name


def _form(graph: CallGraph, target: Definition) -> Definition | None:
    """The coroutine of the same class that does the same and awaits something; a method that says what it does is followed itself."""
    owner, name = target.symbol.scope, target.symbol.name
    if not owner or target.symbol.is_async or not _is_abstract(graph, target):
        return None
    for form in (f"{name}_async", f"a{name}", f"async_{name}", f"{name}_aio"):
        found = graph.index.symbols(target.path).get(f"{owner}.{form}")
        if found is not None and found.is_async and _awaits(graph, form):
            return Definition(target.path, found)
    return None


def _is_abstract(graph: CallGraph, target: Definition) -> bool:
    marks = {d.dotted().rpartition(".")[2] for d in target.symbol.decorators}
    body = graph.body_of(target)
    return "abstractmethod" in marks or (
        body is not None and not body.calls and any(_refuses(r.value) for r in body.raises)
    )


def _refuses(value: Expr | None) -> bool:
    return value is not None and "NotImplementedError" in (value.text, value.parts[0].text if value.parts else "")


def _awaits(graph: CallGraph, name: str) -> bool:
    """Whether some method of this name awaits anything."""
    return any(
        any(call.awaited for call in body.calls)
        for body in bodies(graph.index).functions()
        if body.scope.rpartition(".")[2] == name
    )
