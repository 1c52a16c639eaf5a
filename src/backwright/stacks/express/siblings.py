"""The resources that an Express project has: their routes, the functions that answer, and those that ask the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backwright.core.facts import Call, Expr, Route, Table
from backwright.kit.chains import positional
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms, forms
from backwright.kit.testfiles import is_test_file
from backwright.stacks.express.reading import Sources

OPERATIONS = ("list", "get", "create", "update", "delete")
_DATA = r"([A-Za-z_$][\w$.]*)\.{model}\.(findMany|findUnique|findFirst|findUniqueOrThrow|create|update|delete|count)\b"


@dataclass(frozen=True)
class Endpoint:
    """One route of a resource. `between` are the arguments before the handler; `wrapper` is what the handler stands in."""

    operation: str
    path: str
    verb: str
    address: str  # as registered: `/`, `/:id`
    call: Expr
    between: tuple[str, ...]
    handler: str
    wrapper: str  # `asyncHandler({})`, `{}` where there is none
    answers: Definition | None  # the function that answers
    data: Definition | None  # the function that asks the database, which may be the same

    @property
    def key(self) -> str:
        """The name of the parameter in the address."""
        found = re.search(r":(\w+)", self.address)
        return found[1] if found else ""


@dataclass(frozen=True)
class Resource:
    """An existing resource. `base` is its whole address, `router` the variable of its router."""

    name: NameForms
    table: Table
    endpoints: Mapping[str, Endpoint]
    routes: str
    router: str
    base: str
    client: str = ""  # what stands before the model's name: `prisma`, `this.db`

    @property
    def controller(self) -> str:
        return next((e.answers.path for e in self.endpoints.values() if e.answers), "")

    @property
    def service(self) -> str:
        return next((e.data.path for e in self.endpoints.values() if e.data), "")


def resources_of(index: FactIndex, sources: Sources) -> tuple[Resource, ...]:
    """All resources that have both an entity and routes, those with the most operations first."""
    tables = [t for _, t in index.tables() if t.orm == "prisma"]
    found: dict[str, Resource] = {}
    for path in dict.fromkeys(p for p, _ in index.routes()):
        if is_test_file(path):
            continue
        for router in dict.fromkeys(r.router for p, r in index.routes() if p == path):
            routes = [r for p, r in index.routes() if p == path and r.router == router]
            for base in _bases(routes):
                resource = _resource(path, router, base, routes, tables, index, sources)
                if resource is not None:
                    best = found.get(resource.table.entity)
                    if best is None or len(best.endpoints) < len(resource.endpoints):
                        found[resource.table.entity] = resource
    return tuple(sorted(found.values(), key=lambda r: (-len(r.endpoints), r.routes)))


def _bases(routes: list[Route]) -> list[str]:
    """The addresses below which there is a resource: those of lists and creations."""
    return list(
        dict.fromkeys(
            r.path
            for r in routes
            if r.method in {"GET", "POST"} and not r.path.endswith("}") and not re.search(r":\w+/?$", r.path)
        )
    )


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _resource(
    path: str, router: str, base: str, routes: list[Route], tables: list[Table], index: FactIndex, sources: Sources
) -> Resource | None:
    last = _plain(base.rstrip("/").rpartition("/")[2])
    for table in tables:
        name = forms(table.entity)
        if last not in {_plain(name.snake), _plain(name.snake_plural)}:
            continue
        endpoints = dict(_endpoints(path, base.rstrip("/"), routes, name, index, sources))
        data = next((e.data for e in endpoints.values() if e.data is not None), None)
        if "create" in endpoints and len(endpoints) > 1:
            client = _client(sources.read(data.path), name) if data is not None else ""
            return Resource(name, table, endpoints, path, router, base.rstrip("/"), client)
    return None


def _endpoints(
    path: str, base: str, routes: list[Route], name: NameForms, index: FactIndex, sources: Sources
) -> Iterator[tuple[str, Endpoint]]:
    kinds = {"GET": ("list", "get"), "POST": ("create", ""), "PUT": ("", "update"), "PATCH": ("", "update")}
    for route in routes:
        rest = route.path.removeprefix(base).strip("/")
        if not route.path.startswith(base) or (rest and not re.fullmatch(r":\w+", rest)):
            continue
        operation = {**kinds, "DELETE": ("", "delete")}.get(route.method, ("", ""))[1 if rest else 0]
        call = next((c for c in index.calls(path) if c.loc.end == route.loc.end), None)
        if operation and call is not None:
            endpoint = _endpoint(operation, path, call, name, sources)
            if endpoint is not None:
                yield operation, endpoint


def _endpoint(operation: str, path: str, call: Call, name: NameForms, sources: Sources) -> Endpoint | None:
    given = positional(call.expr)
    if len(given) < 2 or given[0].kind != "string" or call.expr.parts[0].kind != "attribute":
        return None
    handler, wrapper = given[-1], "{}"
    text = sources.at(path, handler.loc)
    if handler.kind == "call" and len(positional(handler)) == 1 and positional(handler)[0].dotted():
        inner = positional(handler)[0]
        wrapper = text.replace(sources.at(path, inner.loc), "{}", 1)
        handler, text = inner, sources.at(path, inner.loc)
    bound = re.match(r"([\w.]+)\.bind\(([\w.]+)\)$", text)
    if bound is not None:
        text, wrapper = bound[1], "{}.bind({owner})"
    answers = sources.function(path, text) if re.fullmatch(r"[\w$.]+", text) else None
    return Endpoint(
        operation,
        path,
        call.expr.parts[0].text,
        given[0].text,
        call.expr,
        tuple(sources.at(path, g.loc) for g in given[1:-1]),
        text,
        wrapper,
        answers,
        _data(answers, name, sources) if answers is not None else None,
    )


def _data(answers: Definition, name: NameForms, sources: Sources) -> Definition | None:
    """The function that asks the database: the handler, or the first one it calls that does."""
    asks = re.compile(_DATA.replace("{model}", re.escape(name.camel)))
    if asks.search(sources.at(answers.path, answers.symbol.loc)):
        return answers
    for call in sources.calls_within(answers.path, answers.symbol.loc):
        found = sources.function(answers.path, call.expr.parts[0].dotted()) if call.expr.kind == "call" else None
        if found is not None and asks.search(sources.at(found.path, found.symbol.loc)):
            return found
    return None


def _client(text: str, name: NameForms) -> str:
    found = re.search(_DATA.replace("{model}", re.escape(name.camel)), text)
    return found[1] if found is not None else ""
