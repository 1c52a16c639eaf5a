"""Routes: which functions are mounted, under which full path, behind which guards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backwright.core.facts import Call, Expr, Fact, Route, Symbol
from backwright.frameworks.fastapi.dependencies import authenticates, callable_of, depends_argument, needs_of
from backwright.frameworks.fastapi.values import text_of
from backwright.kit.index import FactIndex
from backwright.kit.rendering import source_of

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "options", "head", "trace"})
_MAX_MOUNTS = 8


@dataclass(frozen=True)
class Router:
    """A router object: where it lives, its own prefix, its own guards."""

    path: str
    variable: str
    is_app: bool
    prefix: str
    dependencies: tuple[Expr, ...]
    complete: bool


@dataclass(frozen=True)
class Listed:
    """A router as an element of a list that a loop walks; `path` is the file of the list."""

    path: str
    sequence: Expr
    element: Expr


@dataclass(frozen=True)
class Mount:
    """`parent.include_router(child, prefix=…)`."""

    path: str  # file of the statement
    parent: tuple[str, str]
    child: tuple[str, str]
    prefix: str | None
    dependencies: tuple[Expr, ...]
    call: Call
    listed: Listed | None = None  # where a loop mounts all routers of a list


def routers(index: FactIndex) -> Mapping[tuple[str, str], Router]:
    """Every router and application object, keyed by file and variable."""
    return index.derived(_routers)


def _routers(index: FactIndex) -> dict[tuple[str, str], Router]:
    own = index.derived(_own_kinds)
    out: dict[tuple[str, str], Router] = {}
    for path in index.files:
        for assign in index.assigns(path):
            value = assign.value
            if value.kind != "call" or assign.target.kind not in {"name", "attribute"}:
                continue
            kind = _router_kind(index, path, value.parts[0].dotted(), own)
            if not kind:
                continue
            prefix = value.keyword("prefix")
            text = text_of(index, path, prefix) if prefix is not None else ""
            out[path, assign.target.dotted()] = Router(
                path,
                assign.target.dotted(),
                kind == "app",
                text or "",
                _listed(value.keyword("dependencies")),
                text is not None,
            )
    return out


def _own_kinds(index: FactIndex) -> dict[tuple[str, str], str]:
    """The classes of the project that are routers or applications themselves."""
    named = _descending_by_name(index)
    out = {}
    for found in index.classes():
        if found.symbol.name in named:
            bases = {b.split(".")[-1] for b in index.root_bases(found)}
            if bases & {"APIRouter", "FastAPI"}:
                out[found.path, found.symbol.qualname] = "router" if "APIRouter" in bases else "app"
    return out


def _descending_by_name(index: FactIndex) -> set[str]:
    """The names of all classes that may be routers, whichever class of a name is meant: few, where most are not to be followed."""
    by_base: dict[str, set[str]] = {}
    for found in index.classes():
        for base in found.symbol.bases:
            by_base.setdefault(base.rpartition(".")[2], set()).add(found.symbol.name)
    for path in index.files:
        for item in index.imports(path):
            if item.name and item.alias != item.name:
                by_base.setdefault(item.name, set()).add(item.alias)
    named: set[str] = set()
    queue = ["APIRouter", "FastAPI"]
    while queue:
        more = by_base.get(queue.pop(), set()) - named
        named |= more
        queue += more
    return named


def _router_kind(index: FactIndex, path: str, callee: str, own: Mapping[tuple[str, str], str]) -> str:
    origin = index.origin(path, callee)
    last = origin.split(".")[-1]
    if origin.startswith("fastapi") and last in {"FastAPI", "APIRouter"}:
        return "app" if last == "FastAPI" else "router"
    found = index.resolve(path, callee) if own else None
    return own.get((found.path, found.symbol.qualname), "") if found is not None else ""


def _listed(expr: Expr | None) -> tuple[Expr, ...]:
    return expr.parts if expr is not None and expr.kind == "sequence" else ()


def mounts(index: FactIndex, known: Mapping[tuple[str, str], Router]) -> list[Mount]:
    """Every `include_router`, with the router it mounts followed through imports."""
    out = []
    for path in index.files:
        for call in index.calls(path):
            callee = call.expr.parts[0]
            if callee.kind != "attribute" or callee.text != "include_router":
                continue
            positional = call.expr.positional()
            child_expr = positional[0] if positional else call.expr.keyword("router")
            if child_expr is None:
                continue
            child = _key(index, path, child_expr, known)
            children = [(child, None)] if child is not None else _listed_children(index, path, call, child_expr, known)
            parent = _key(index, path, callee.parts[0], known) or (path, callee.parts[0].dotted())
            prefix = call.expr.keyword("prefix")
            text = text_of(index, path, prefix) if prefix is not None else ""
            guards = _listed(call.expr.keyword("dependencies"))
            out += [Mount(path, parent, key, text, guards, call, listed) for key, listed in children]
    return out


def _listed_children(
    index: FactIndex, path: str, call: Call, expr: Expr, known: Mapping[tuple[str, str], Router]
) -> list[tuple[tuple[str, str], Listed | None]]:
    """The routers of a list, where a loop mounts them all."""
    for assign in index.assigns(path, call.scope):
        if assign.op == "for" and assign.target.dotted() == expr.dotted():
            sequence, place = assign.value, path
            if sequence.kind == "name":
                found = index.resolve(path, sequence.text)
                if found is not None and found.symbol.value is not None:
                    sequence, place = found.symbol.value, found.path
            keys = [(_key(index, place, part, known), Listed(place, sequence, part)) for part in sequence.parts]
            return [(key, listed) for key, listed in keys if key is not None]
    return []


def _key(index: FactIndex, path: str, expr: Expr, known: Mapping[tuple[str, str], Router]) -> tuple[str, str] | None:
    dotted = expr.dotted()
    if (path, dotted) in known:
        return path, dotted
    found = index.resolve(path, dotted)
    if found is not None and (found.path, found.symbol.qualname) in known:
        return found.path, found.symbol.qualname
    return None


def routes(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Route facts per file."""
    known = routers(index)
    all_mounts = mounts(index, known)
    out: dict[str, list[Fact]] = {}
    for path in index.files:
        for symbol in index.symbols(path).values():
            for decorator in symbol.decorators:
                for route in _decorated(index, path, symbol, decorator, known, all_mounts):
                    out.setdefault(path, []).append(route)
        for call in index.calls(path):
            for route in _added(index, path, call, known, all_mounts):
                out.setdefault(path, []).append(route)
    return {p: tuple(r) for p, r in out.items()}


def _decorated(
    index: FactIndex,
    path: str,
    symbol: Symbol,
    decorator: Expr,
    known: Mapping[tuple[str, str], Router],
    all_mounts: list[Mount],
) -> Iterator[Route]:
    if decorator.kind != "call" or decorator.parts[0].kind != "attribute":
        return
    method = decorator.parts[0].text
    if method not in _METHODS and method not in {"api_route", "websocket"}:
        return
    key = _key(index, path, decorator.parts[0].parts[0], known)
    if key is None:
        return
    methods = [m.text for m in _listed(decorator.keyword("methods"))] if method == "api_route" else [method]
    yield from _routes(index, path, symbol, decorator, methods or ["get"], known[key], known, all_mounts)


def _added(
    index: FactIndex, path: str, call: Call, known: Mapping[tuple[str, str], Router], all_mounts: list[Mount]
) -> Iterator[Route]:
    callee = call.expr.parts[0]
    if callee.kind != "attribute" or callee.text != "add_api_route":
        return
    key = _key(index, path, callee.parts[0], known)
    positional = call.expr.positional()
    endpoint = positional[1] if len(positional) > 1 else call.expr.keyword("endpoint")
    found = index.resolve(path, endpoint.dotted()) if endpoint is not None else None
    if key is None or found is None:
        return
    methods = [m.text for m in _listed(call.expr.keyword("methods"))] or ["get"]
    if found.path == path:
        yield from _routes(index, path, found.symbol, call.expr, methods, known[key], known, all_mounts)


def _routes(
    index: FactIndex,
    path: str,
    symbol: Symbol,
    call: Expr,
    methods: list[str],
    router: Router,
    known: Mapping[tuple[str, str], Router],
    all_mounts: list[Mount],
) -> Iterator[Route]:
    positional = call.positional()
    local = text_of(index, path, positional[0] if positional else call.keyword("path"))
    prefixes = list(full_prefixes(router, known, all_mounts)) or [(router.prefix, router.is_app, ())]
    prefix, complete, outer = prefixes[0]
    guards = [*_guards(index, router.path, router.dependencies), *outer_guards(index, outer)]
    guards += _guards(index, path, _listed(call.keyword("dependencies")))
    for need in needs_of(index, path, symbol.params):
        target = callable_of(index, need.path, need.expr)
        if target is not None and authenticates(index, target):
            guards.append(target.symbol.name)
    response, status = call.keyword("response_model"), call.keyword("status_code")
    for method in methods:
        yield Route(
            method=method.upper(),
            path=prefix + (local or ""),
            handler=symbol.qualname,
            loc=symbol.loc,
            router=router.variable,
            response=source_of(response) or symbol.returns,
            status=source_of(status),
            auth=tuple(dict.fromkeys(guards)),
            complete=complete and local is not None,
        )


# What a route only depends on, and is called so, refuses somebody, also where it finds out by other means whom.
_PERMITS = re.compile(r"permission|authori[sz]ation", re.IGNORECASE)


def _guards(index: FactIndex, path: str, dependencies: tuple[Expr, ...]) -> list[str]:
    out = []
    for dependency in dependencies:
        yes, inner = depends_argument(dependency)
        target = callable_of(index, path, inner) if yes else None
        if target is not None and (authenticates(index, target) or _PERMITS.search(target.symbol.name)):
            out.append(target.symbol.name)
    return out


def outer_guards(index: FactIndex, outer: tuple[tuple[str, tuple[Expr, ...]], ...]) -> list[str]:
    """Guards that mounting adds."""
    return [name for path, dependencies in outer for name in _guards(index, path, dependencies)]


Outer = tuple[tuple[str, tuple[Expr, ...]], ...]


def full_prefixes(
    router: Router, known: Mapping[tuple[str, str], Router], all_mounts: list[Mount], depth: int = 0
) -> Iterator[tuple[str, bool, Outer]]:
    """Every (prefix, reaches an application, guards on the way) under which a router is mounted."""
    if router.is_app:
        yield router.prefix, True, ()
        return
    if depth > _MAX_MOUNTS:
        return
    own_mounts = [m for m in all_mounts if m.child == (router.path, router.variable)]
    if not own_mounts:
        # mounted in a way that cannot be followed (passed to a factory): its own prefix is what is known
        yield router.prefix, False, ()
    for mount in own_mounts:
        parent = known.get(mount.parent)
        here: Outer = ((mount.path, mount.dependencies),) if mount.dependencies else ()
        own = (mount.prefix or "") + router.prefix
        if parent is None:
            # an application that arrives as a parameter: `def include(app: FastAPI)`
            yield own, True, here
            continue
        if parent.dependencies:
            here = (*here, (parent.path, parent.dependencies))
        for prefix, complete, outer in full_prefixes(parent, known, all_mounts, depth + 1):
            yield prefix + own, complete and mount.prefix is not None and router.complete, (*outer, *here)
