"""Limits that a client chooses: where they are declared, and what bounds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr, Field, Loc, Param
from backwright.kit.annotations import take_apart
from backwright.kit.bodies import Body, bodies, names_in, walk
from backwright.kit.callgraph import CallGraph, arguments
from backwright.kit.chains import links
from backwright.kit.handlers import injected
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference

LIMIT = re.compile(
    r"^(limit|page_?size|per_?page|page_limit|max_results|items_per_page|results_per_page|size|take|first|top|batch_size)$",
    re.I,
)
PAGING = re.compile(
    r"(^|_)(limit|page|pages|pagination|paging|paginator|offset|skip|cursor|size|per_page|take)(_|$)", re.I
)
_BOUNDING = frozenset({"le", "lt", "Le", "Lt", "Interval", "max_value", "maximum"})
_DEPTH = 3


@dataclass(frozen=True)
class Limit:
    """A parameter or field that says how many rows are wanted. `scope` is the function or class that declares it."""

    path: str
    scope: str
    name: str
    loc: Loc
    annotation: str
    exprs: tuple[Expr, ...]  # its annotation and default


def params_of(index: FactIndex, body: Body) -> Iterator[Param | Field]:
    """The parameters of a handler, and those of what is injected into it."""
    for _, _, item in _declared(index, body):
        yield item


def limits_of(index: FactIndex, body: Body) -> Iterator[Limit]:
    """The limits among the parameters of a handler and of what is injected into it."""
    for path, scope, item in _declared(index, body):
        if not LIMIT.match(item.name) or take_apart(item.annotation).name not in {
            "int",
            "PositiveInt",
            "NonNegativeInt",
            "conint",
        }:
            continue
        default = item.default_expr if isinstance(item, Param) else item.value_expr
        exprs = [e for e in (item.annotation_expr, default) if e is not None]
        yield Limit(path, scope, item.name, item.loc, item.annotation, tuple(exprs))


def _declared(index: FactIndex, body: Body, depth: int = 0) -> Iterator[tuple[str, str, Param | Field]]:
    symbol = body.symbol
    for param in symbol.params if symbol is not None else ():
        yield body.path, body.scope, param
        provider = injected(index).of(body.path, param) if depth < _DEPTH else None
        provider = provider or _model_of(index, body.path, param)
        if provider is not None:
            yield from _provided(index, provider, depth)


def _model_of(index: FactIndex, path: str, param: Param) -> Definition | None:
    """The class whose fields arrive as query parameters: `Annotated[Filter, Query()]`."""
    if param.annotation_expr is None or not any(
        e.kind == "call" and e.parts[0].dotted() == "Query" for e in walk(param.annotation_expr)
    ):
        return None
    found = inference(index).param(path, param)
    return found.definition if found is not None else None


def _provided(index: FactIndex, provider: Definition, depth: int) -> Iterator[tuple[str, str, Param | Field]]:
    if provider.symbol.kind != "class":
        found = bodies(index).get(provider.path, provider.symbol.qualname)
        if found is not None:
            yield from _declared(index, found, depth + 1)
        return
    init = inference(index).method(provider, "__init__")
    if init is not None:
        found = bodies(index).get(init.path, init.symbol.qualname)
        if found is not None:
            yield from _declared(index, found, depth + 1)
        return
    for owner in (provider, *index.bases(provider)):
        for field in owner.symbol.fields:
            yield owner.path, owner.symbol.qualname, field


def is_bounded(graph: CallGraph, limit: Limit) -> bool:
    """Whether a limit has a maximum: declared with it, clamped, compared, or validated."""
    if any(_declares_maximum(graph, limit.path, e) for e in limit.exprs):
        return True
    found = graph.inference.resolve(limit.path, limit.annotation) if limit.annotation.isidentifier() else None
    if found is not None:
        return True  # an alias or a class of this project: whatever it is, it is not a bare int
    body = graph.bodies.get(limit.path, limit.scope)
    if body is None:
        return False
    if body.symbol is not None and body.symbol.kind == "class":
        return _validated(graph, limit)
    return _clamped(graph, body, limit.name, 0)


def _declares_maximum(graph: CallGraph, path: str, expr: Expr) -> bool:
    for node in walk(expr):
        if node.kind != "call":
            continue
        if _BOUNDING & set(node.keys) or node.parts[0].dotted().rpartition(".")[2] in _BOUNDING:
            return True
        named = (graph.inference.resolve(path, a.text) for a in node.parts[1:] if a.kind == "name")
        values = ((n.path, n.symbol.value) for n in named if n is not None and n.symbol.value is not None)
        if any(_declares_maximum(graph, where, value) for where, value in values):
            return True
        if "**" in node.keys:
            return True  # options from elsewhere
    return False


def _validated(graph: CallGraph, limit: Limit) -> bool:
    """A validator or a property of the class that works on the field."""
    prefix = f"{limit.scope}."
    for scope, body in graph.bodies.by_path.get(limit.path, {}).items():
        if not scope.startswith(prefix) or body.symbol is None:
            continue
        named = [e.text for d in body.symbol.decorators for e in walk(d) if e.kind == "string"]
        if limit.name in named:
            return True
        if any(_is_clamp(link, f"self.{limit.name}") for call in body.calls for link in links(call.expr)):
            return True
        if any(_compares(b.condition, f"self.{limit.name}") for b in body.branches):
            return True
    return False


def _clamped(graph: CallGraph, body: Body, name: str, depth: int) -> bool:
    """Whether a function, or one it passes the value to, puts an end to it."""
    if any(_compares(b.condition, name) for b in body.branches):
        return True
    for call in body.calls:
        for link in links(call.expr):
            if _is_clamp(link, name):
                return True
            target = graph.target(body, link) if depth < _DEPTH and _passes(link, name) else None
            inner = graph.body_of(target) if target is not None else None
            if inner is None or target is None:
                continue
            for param, argument in arguments(link, target).items():
                if argument.dotted() == name and _clamped(graph, inner, param, depth + 1):
                    return True
    return any(_conditional(a.value, name) for a in body.assigns)


def _passes(link: Expr, name: str) -> bool:
    return any(part.dotted() == name for part in link.parts[1:])


def _is_clamp(link: Expr, name: str) -> bool:
    return link.parts[0].dotted().rpartition(".")[2] in {"min", "clamp", "clip"} and any(
        node.dotted() == name for part in link.parts[1:] for node in walk(part)
    )


def _compares(condition: Expr, name: str) -> bool:
    """Whether a condition holds a value against something; `limit > 0` is no end."""
    for node in walk(condition):
        if node.kind != "binary" or node.text not in {">", ">=", "<", "<=", "in", "not in"}:
            continue
        others = [p for p in node.parts if p.dotted() != name]
        if len(others) < len(node.parts) and not all(p.kind == "constant" and p.text in {"0", "1"} for p in others):
            return True
    return False


def _conditional(value: Expr, name: str) -> bool:
    return any(
        node.kind == "conditional"
        and len(node.parts) > 1
        and any(n.text == name for n in names_in(node.parts[1]))
        and _compares(node.parts[1], name)
        for node in walk(value)
    )
