"""Calls that make all routes of a resource: `resources :posts`, `router.register("users", UserViewSet)`."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Call, Expr, Route
from backwright.kit.chains import argument, by_name, joined, links, methods_in, name_of, place_of, text_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.mounting import Mounting
from backwright.kit.patterns import Resources
from backwright.kit.routes.called import Found, counts
from backwright.kit.routes.handling import guards_of, handler_name, last_name

Action = tuple[str, str, str]  # method, path below the resource, function


def resources(index: FactIndex, pattern: Resources, mounting: Mounting) -> Found:
    """The routes of every resource."""
    calls = index.derived(by_name)
    for name in pattern.names:
        for path, call, link in calls.get(name, ()):
            if counts(path, link, pattern):
                yield from _resource(index, pattern, mounting, path, call, link)


def _resource(index: FactIndex, pattern: Resources, mounting: Mounting, path: str, call: Call, link: Expr) -> Found:
    behind = {name_of(one): one for one in links(call.expr)}
    only = _listed(argument(link, pattern.only) or _given(behind.get(pattern.only)))
    left = _listed(argument(link, pattern.leave) or _given(behind.get(pattern.leave))) or set()
    for word, kept in pattern.narrowed.items():
        only = set(kept) if word in behind and only is None else only
    handler = argument(link, pattern.handler)
    target = index.resolve(path, handler.dotted()) if handler is not None else None
    actions, guards = pattern.actions, guards_of(index, target) if target is not None else ()
    if target is not None and pattern.bases:
        actions = _of_class(index, pattern, target)
    for one in _names(index, path, link, pattern):
        owner = handler_name(index, path, handler) if handler is not None else one.strip("/")
        sign = "." if handler is not None else "#"
        for prefix in mounting.prefixes(path, call, link):
            for method, below, action in actions:
                if (only is None or action in only) and action not in left:
                    whole = joined(joined(prefix, one), below) if below else joined(prefix, one)
                    name = f"{owner}{sign}{action}"
                    yield path, Route(method, whole, name, place_of(link), auth=guards, complete=True)


def _of_class(index: FactIndex, pattern: Resources, found: Definition) -> tuple[Action, ...]:
    """The actions that a class has by its bases, its own methods, and those that it marks as further ones."""
    family = [found, *index.bases(found)]
    names = {base.rpartition(".")[2] for d in family for base in d.symbol.bases}
    own = {
        symbol.name: symbol
        for d in reversed(family)
        for symbol in index.symbols(d.path).values()
        if symbol.scope == d.symbol.qualname and symbol.kind == "method"
    }
    offered = {action for name in names for action in pattern.bases.get(name, ())} | set(own)
    kept = [action for action in pattern.actions if action[2] in offered] or list(pattern.actions)
    for name, symbol in own.items():
        for mark in symbol.decorators:
            if mark.kind == "call" and last_name(mark) == pattern.further:
                kept += _further(name, mark)
    return tuple(kept)


def _further(name: str, mark: Expr) -> Iterator[Action]:
    """`@action(detail=True, methods=["post"], url_path="pay")`."""
    path, detail = mark.keyword("url_path"), mark.keyword("detail")
    below = path.text if path is not None and path.kind == "string" else name
    one = "/{pk}" if detail is not None and detail.text == "True" else ""
    for method in methods_in(mark.keyword("methods")) or ["GET"]:
        yield method, f"{one}/{below}", name


def _names(index: FactIndex, path: str, link: Expr, pattern: Resources) -> Iterator[str]:
    """`resources :a, :b` are two; `path:` says what it is called in the address."""
    other = argument(link, "path")
    if other is not None and other.kind == "string" and pattern.path == 0 and "" in pattern.receivers:
        yield other.text
        return
    first = argument(link, pattern.path)
    if first is not None and first.kind == "mapping":
        yield from first.keys
        return
    given = [p for k, p in zip(link.keys[1:], link.parts[1:], strict=False) if k == "" and p.kind == "string"]
    text = text_of(index, path, first)
    if pattern.handler is None and len(given) > 1:
        yield from (p.text for p in given)
    elif text is not None:
        yield text


def _given(link: Expr | None) -> Expr | None:
    return argument(link, 0) if link is not None else None


def _listed(expr: Expr | None) -> set[str] | None:
    if expr is None:
        return None
    return {p.text for p in (expr.parts or (expr,)) if p.kind == "string"}
