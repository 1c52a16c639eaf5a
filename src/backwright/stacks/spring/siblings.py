"""The resources that a Spring project has: controllers, the services they call, the repositories these ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backwright.core.facts import Route, Symbol, Table
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms, forms
from backwright.kit.testfiles import is_test_file
from backwright.stacks.spring.naming import resource_of
from backwright.stacks.spring.reading import Sources, generic, marks

OPERATIONS = ("list", "get", "create", "update", "delete")
_KINDS = {
    "GET": ("list", "get"),
    "POST": ("create", ""),
    "PUT": ("", "update"),
    "PATCH": ("", "update"),
    "DELETE": ("", "delete"),
}
_REPOSITORY = re.compile(
    r"(?:Jpa|Crud|ListCrud|PagingAndSorting|ListPagingAndSorting|Base|JpaSpecification)\w*(?:Repository|Executor)"
)


@dataclass(frozen=True)
class Endpoint:
    """One handler of a resource. `address` is the whole one: `/api/owners/{id}`."""

    operation: str
    verb: str
    address: str
    handler: Symbol

    @property
    def key(self) -> str:
        """The name of the parameter in the address."""
        found = re.search(r"\{(\w+)[^}]*\}/?$", self.address)
        return found[1] if found else ""


@dataclass(frozen=True)
class Resource:
    """An existing resource. `service` is what the controller calls, an interface where `implementation` is another class.

    `holder` is the name of the field in which the controller has its service (or its repository).
    """

    name: NameForms
    table: Table
    entity: Definition
    endpoints: Mapping[str, Endpoint]
    controller: Definition
    base: str
    repository: Definition
    service: Definition | None = None
    implementation: Definition | None = None
    holder: str = ""


def resources_of(index: FactIndex, sources: Sources) -> tuple[Resource, ...]:
    """All resources that have an entity, a repository and routes, those with the most operations first."""
    repositories = dict(repositories_of(sources))
    tables = [(p, t) for p, t in index.tables() if p.endswith(".java") and not is_test_file(p)]
    found: dict[str, Resource] = {}
    for path in dict.fromkeys(p for p, _ in index.routes()):
        if is_test_file(path) or not path.endswith(".java"):
            continue
        for owner in dict.fromkeys(r.handler.rpartition(".")[0] for p, r in index.routes() if p == path):
            symbol = index.symbols(path).get(owner)
            if symbol is None or symbol.scope or "interface" in symbol.modifiers:
                continue
            routes = [r for p, r in index.routes() if p == path and r.handler.rpartition(".")[0] == owner]
            for base in _bases(routes):
                resource = _resource(Definition(path, symbol), base, routes, tables, repositories, sources)
                best = found.get(resource.table.entity) if resource is not None else None
                if resource is not None and (best is None or len(best.endpoints) < len(resource.endpoints)):
                    found[resource.table.entity] = resource
    return tuple(sorted(found.values(), key=lambda r: (-len(r.endpoints), r.controller.path)))


def repositories_of(sources: Sources) -> Iterator[tuple[str, Definition]]:
    """The entity of each Spring Data repository, and its interface."""
    for definitions in sources.classes.values():
        for definition in definitions:
            for base in definition.symbol.base_exprs:
                if base.kind == "subscript" and _REPOSITORY.fullmatch(base.parts[0].dotted().rpartition(".")[2]):
                    yield base.parts[1].dotted().rpartition(".")[2], definition
                    break


def _bases(routes: list[Route]) -> list[str]:
    """The addresses below which there is a resource: those of lists and creations, in no other resource's."""
    plain = [r.path.rstrip("/") for r in routes if r.method in {"GET", "POST"} and "{" not in r.path]
    return list(dict.fromkeys(p for p in plain if p))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _resource(
    controller: Definition,
    base: str,
    routes: list[Route],
    tables: list[tuple[str, Table]],
    repositories: Mapping[str, Definition],
    sources: Sources,
) -> Resource | None:
    last = _plain(base.rpartition("/")[2])
    for path, table in tables:
        name = forms(resource_of(table.entity))
        repository = repositories.get(table.entity)
        if last not in {_plain(name.snake), _plain(name.snake_plural)} or repository is None:
            continue
        endpoints = dict(_endpoints(controller, base, routes, sources))
        symbol = sources.index.symbols(path).get(table.entity)
        if symbol is None or "create" not in endpoints or len(endpoints) < 2:
            return None
        service, implementation, holder = _service(controller, endpoints, repository, sources)
        if not holder:
            return None  # what is between the controller and the repository is not followed
        entity = Definition(path, symbol)
        return Resource(name, table, entity, endpoints, controller, base, repository, service, implementation, holder)
    return None


def _endpoints(
    controller: Definition, base: str, routes: list[Route], sources: Sources
) -> Iterator[tuple[str, Endpoint]]:
    for route in routes:
        rest = route.path.removeprefix(base).strip("/")
        if not route.path.startswith(base) or (rest and not re.fullmatch(r"\{\w+[^}]*\}", rest)):
            continue
        operation = _KINDS.get(route.method, ("", ""))[1 if rest else 0]
        handler = sources.index.symbols(controller.path).get(route.handler)
        if operation and handler is not None:
            yield operation, Endpoint(operation, route.method, route.path, handler)


def _service(
    controller: Definition, endpoints: Mapping[str, Endpoint], repository: Definition, sources: Sources
) -> tuple[Definition | None, Definition | None, str]:
    """What the handlers call: the service with its implementation, or nothing but the repository itself."""
    text = " ".join(sources.at(controller.path, e.handler.loc) for e in endpoints.values())
    for field in controller.symbol.fields:
        kind = sources.named(generic(field.annotation)[0], controller.path)
        if kind is None or not re.search(rf"\b{re.escape(field.name)}\s*\.", text):
            continue
        if kind.path == repository.path:
            return None, None, field.name
        if _asks(kind, repository, sources):
            return kind, None, field.name
        if "interface" in kind.symbol.modifiers:
            made = [d for d in _implementing(kind, sources) if _asks(d, repository, sources)]
            if made:
                primary = [d for d in made if "Primary" in marks(d.symbol.decorators)]
                return kind, (primary or made)[0], field.name
    return None, None, ""


def _implementing(kind: Definition, sources: Sources) -> Iterator[Definition]:
    for definitions in sources.classes.values():
        yield from (d for d in definitions if kind.symbol.name in {b.split("<")[0] for b in d.symbol.bases})


def _asks(kind: Definition, repository: Definition, sources: Sources) -> bool:
    return any(generic(f.annotation)[0] == repository.symbol.name for f in kind.symbol.fields) or any(
        generic(p.annotation)[0] == repository.symbol.name for m in sources.members(kind) for p in m.params
    )
