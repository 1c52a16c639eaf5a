"""Bodies of requests that no schema has seen: what holds them, in handlers and in the functions that they are passed to."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.annotations import take_apart
from backwright.kit.bodies import Body, walk
from backwright.kit.callgraph import CallGraph, Hop, arguments, shown
from backwright.kit.chains import awaited, links, name_of, receiver_of
from backwright.kit.handlers import Handler

_DEPTH = 3
_READERS = frozenset({"json", "get_json", "form", "body", "get_data"})
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_SAME = frozenset({"dict", "copy", "deepcopy", "to_dict", "loads"})

Raw = tuple[Body, frozenset[str], tuple[Hop, ...]]


def raw_bodies(graph: CallGraph, handler: Handler) -> Iterator[Raw]:
    """The functions that raw data reaches from a handler: each with the names that hold it and the way to it."""
    first = frozenset(_raw_params(handler)) | frozenset(_read(handler.body))
    seen: set[tuple[str, str]] = set()
    queue: list[Raw] = [(handler.body, first, ())] if first else []
    while queue:
        body, names, way = queue.pop(0)
        if body.key in seen:
            continue
        seen.add(body.key)
        names = _copies(body, names)
        yield body, names, way
        if len(way) < _DEPTH:
            queue += _passed(graph, body, names, way)


def _raw_params(handler: Handler) -> Iterator[str]:
    """Parameters that take any JSON object: `data: dict`, without a dependency that makes it."""
    symbol = handler.body.symbol
    for param in symbol.params if symbol is not None else ():
        read = take_apart(param.annotation)
        default = param.default_expr
        if (
            read.name.rpartition(".")[2] not in _MAPPINGS
            or "Depends" in param.annotation
            or "Security" in param.annotation
        ):
            continue
        if default is not None and default.kind == "call" and name_of(default) in {"Depends", "Security"}:
            continue
        if handler.route.method in {"POST", "PUT", "PATCH"} and f"{{{param.name}" not in handler.route.path:
            yield param.name


def _read(body: Body) -> Iterator[str]:
    """`data = await request.json()`."""
    for name, assigns in body.targets().items():
        if "." not in name and any(a.op == "=" and _is_read(a.value) for a in assigns):
            yield name


def _is_read(value: Expr) -> bool:
    expr = awaited(value)
    if expr.kind == "attribute":
        return expr.dotted() in {"request.json", "request.form", "request.data", "request.POST"}
    if expr.kind != "call":
        return False
    receiver = receiver_of(expr)
    return receiver is not None and name_of(expr) in _READERS and receiver.dotted() in {"request", "req"}


def _copies(body: Body, names: frozenset[str]) -> frozenset[str]:
    """What gets all of the data: an alias, a copy."""
    out = set(names)
    for assign in sorted(body.assigns, key=lambda a: a.loc.start):
        value = assign.value
        source = value
        if value.kind == "call" and name_of(value) in _SAME:
            source = receiver_of(value) or next(iter(value.positional()), value)
        if source.kind == "name" and source.text in out and assign.target.kind == "name":
            out.add(assign.target.text)
    return frozenset(out)


def _passed(graph: CallGraph, body: Body, names: frozenset[str], way: tuple[Hop, ...]) -> Iterator[Raw]:
    for call in body.calls:
        for link in links(call.expr):
            if not any(e.kind == "name" and e.text in names for p in link.parts[1:] for e in walk(p)):
                continue
            target = graph.target(body, link)
            inner = graph.body_of(target) if target is not None else None
            if target is None or inner is None:
                continue
            held = frozenset(p for p, a in arguments(link, target).items() if a.kind == "name" and a.text in names)
            if held:
                yield inner, held, (*way, Hop(body.path, link.loc, f"`{body.scope}` passes it to `{shown(link)}`"))
