"""The resources that a project has: their routes, and the functions that each leads through to the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backwright.core.facts import Expr, Route, Table
from backwright.kit.chains import positional
from backwright.kit.imitation import mentions
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms
from backwright.stacks.gin.imitating import resource_name
from backwright.stacks.gin.sources import Sources, is_code

OPERATIONS = ("list", "get", "create", "update", "delete")
_VERBS = r"(?:create|new|add|store|update|edit|change|delete|remove|list|all|get|show|detail|details|find)"
_SHAPE = re.compile(r"(Request|Response|Input|Output|D[Tt][Oo]|Payload|Form|Body|Params|Query|Serializer|Validator)$")
_MODELS = {"Model", "BaseModel", "Base"}


@dataclass(frozen=True)
class Endpoint:
    """One route of a resource. `between` are the arguments between address and handler; `chain` the functions it leads through."""

    operation: str
    path: str
    route: Route
    call: Expr
    address: str  # as registered: `""`, `/:id`
    verb: str  # GET
    between: tuple[str, ...]
    handler: str  # as written: `bookHandler.Create`
    chain: tuple[Definition, ...]

    @property
    def key(self) -> str:
        """The name of the parameter in the address."""
        found = re.search(r":(\w+)", self.route.path)
        return found[1] if found else ""


@dataclass(frozen=True)
class Resource:
    """An existing resource. `base` is its whole address."""

    name: NameForms
    table: Table
    model: str  # file
    endpoints: Mapping[str, Endpoint]
    base: str

    @property
    def chain(self) -> tuple[Definition, ...]:
        """The functions of the operation that leads through most layers."""
        return max((e.chain for e in self.endpoints.values()), key=len)

    @property
    def routes(self) -> str:
        return next(iter(self.endpoints.values())).path


def resources_of(index: FactIndex, sources: Sources) -> tuple[Resource, ...]:
    """All resources that have both an entity and routes, those with the most operations first."""
    routes = [(p, r) for p, r in index.routes() if is_code(p)]
    found = []
    for path, table in index.tables():
        if table.orm == "gorm" and is_code(path) and table.entity not in _MODELS:
            resource = _resource(path, table, routes, index, sources)
            if resource is not None:
                found.append(resource)
    return tuple(sorted(found, key=lambda r: (-len(r.endpoints), r.base)))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _resource(
    path: str, table: Table, routes: list[tuple[str, Route]], index: FactIndex, sources: Sources
) -> Resource | None:
    name = resource_name(table.entity)
    words = {_plain(name.snake), _plain(name.snake_plural)}
    bases: dict[str, dict[str, Endpoint]] = {}
    for file, route in routes:
        segments = route.path.rstrip("/").split("/")
        at = next((n for n in range(len(segments) - 1, -1, -1) if _plain(segments[n]) in words), -1)
        if at < 0 or any(s.startswith(":") for s in segments[:at]):
            continue
        operation = _operation(route.method, segments[at + 1 :])
        if operation == "list" and re.search(r"by_?id|single|one$", route.handler, re.IGNORECASE):
            continue  # the key is asked for in the query
        endpoint = _endpoint(operation, file, route, name, index, sources) if operation else None
        if endpoint is not None:
            bases.setdefault("/".join(segments[: at + 1]), {}).setdefault(operation, endpoint)
    whole = {b: found for b, found in bases.items() if "create" in found and len(found) > 1}
    if not whole:
        return None
    base = max(whole, key=lambda b: len(whole[b]))
    return Resource(name, table, path, whole[base], base)


def _operation(method: str, rest: list[str]) -> str:
    """What a route does, `""` for anything but the usual five."""
    words = [s for s in rest if not s.startswith(":")]
    keyed = len(rest) > len(words)
    if len(rest) - len(words) > 1 or any(not re.fullmatch(_VERBS, w, re.IGNORECASE) for w in words) or len(words) > 1:
        return ""
    kinds = {"GET": ("list", "get"), "POST": ("create", ""), "PUT": ("", "update"), "PATCH": ("", "update")}
    return {**kinds, "DELETE": ("", "delete")}.get(method, ("", ""))[1 if keyed else 0]


def _endpoint(
    operation: str, path: str, route: Route, name: NameForms, index: FactIndex, sources: Sources
) -> Endpoint | None:
    call = next((c for c in index.calls(path) if c.loc.end == route.loc.end and c.loc.line == route.loc.line), None)
    if call is None:
        return None
    given = positional(call.expr)
    if len(given) < 2 or given[0].kind not in {"string", "name", "attribute", "concatenation"}:
        return None
    handler = sources.at(path, given[-1].loc)
    between = tuple(sources.at(path, g.loc) for g in given[1:-1])
    chain = tuple(_chain(handler, name, sources))
    if not chain:
        return None
    address = given[0].text if given[0].kind == "string" else ""
    return Endpoint(operation, path, route, call.expr, address, route.method, between, handler, chain)


def _chain(handler: str, name: NameForms, sources: Sources) -> Iterator[Definition]:
    """The handler, and the functions about the resource that each of them calls in turn."""
    called = re.split(r"[.(]", handler.partition("(")[0])[-1]
    found = _about([d for d in sources.functions(called) if takes_context(d)], name)
    seen: list[Definition] = []
    while found is not None and len(seen) < 4:
        seen.append(found)
        yield found
        found = _called(found, name, sources, seen)


def takes_context(definition: Definition) -> bool:
    """Whether a function answers requests."""
    return any(p.annotation == "*gin.Context" for p in definition.symbol.params)


def _about(candidates: list[Definition], name: NameForms) -> Definition | None:
    """The one that is about the resource, by its type, its own name or its file."""
    named = (d for d in candidates if _inside(f"{d.symbol.scope} {d.symbol.name}", name))
    return next(named, None) or next((d for d in candidates if mentions(d.path.replace(".go", ""), name)), None)


def _inside(text: str, name: NameForms) -> bool:
    """Whether a text is about the resource, though its names join words without a mark: `bookRepo`."""
    joined = rf"(?<![A-Za-z])({name.camel}|{name.camel_plural})(?=[A-Z])|{name.pascal}(?![a-z])|{name.pascal_plural}(?![a-z])"
    return mentions(text, name) or re.search(joined, text) is not None


def _called(definition: Definition, name: NameForms, sources: Sources, seen: list[Definition]) -> Definition | None:
    """The first function about the resource that another layer has, and that this one calls."""
    before = {(d.path, d.symbol.scope) for d in seen}
    for call in sources.calls_within(definition):
        callee = call.parts[0]
        if callee.kind != "attribute":
            continue
        found = [
            d
            for d in sources.functions(callee.text)
            if (d.path, d.symbol.scope) not in before
            and d.symbol.scope not in _entities(name)
            and not _SHAPE.search(d.symbol.scope)
        ]
        package, kind = _package(callee.parts[0].dotted(), definition, sources)
        near = [d for d in found if sources.index.module(d.path) == package]
        near = [d for d in near if d.symbol.scope == kind] or near
        chosen = _about(near, name) or (_about(found, name) if not near else None)
        if chosen is not None and "." not in chosen.symbol.scope:
            return chosen
    return None


def _package(receiver: str, definition: Definition, sources: Sources) -> tuple[str, str]:
    """The package and the type of what a method is called on: an imported one, or those of a field or a parameter."""
    path, symbol = definition.path, definition.symbol
    imports = sources.imports_of(path)
    if receiver in imports:
        return imports[receiver], ""
    head, _, field = receiver.rpartition(".")
    if head:
        owner = sources.index.symbols(path).get(symbol.scope)
        kind = next((f.annotation for f in owner.fields if f.name == field), "") if owner is not None else ""
    else:
        kind = next((p.annotation for p in symbol.params if p.name == receiver), "")
    alias, dot, rest = kind.lstrip("*").partition(".")
    if dot:
        return imports.get(alias, ""), rest
    return (sources.index.module(path), alias) if kind else ("", "")


def _entities(name: NameForms) -> set[str]:
    """The type whose methods are no layer: those that make an answer of a row."""
    return {name.pascal, f"{name.pascal}Entity", f"{name.pascal}Model"}
