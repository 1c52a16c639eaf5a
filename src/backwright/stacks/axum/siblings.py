"""The resources that an axum project has: their routes, the handlers, and the functions down to the one that asks the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backwright.core.facts import Route, Table
from backwright.kit.imitation import mentions
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms, forms, singular
from backwright.kit.testfiles import is_test_file
from backwright.stacks.axum.reading import SQL, Sources

OPERATIONS = ("list", "get", "create", "update", "delete")
_KINDS = {"GET": ("list", "get"), "POST": ("create", ""), "PUT": ("", "update"), "PATCH": ("", "update")}
_KEY = re.compile(r"\{\w+\}|:\w+")
_CALLED = re.compile(r"(?:\.|::)\s*(\w+)\s*\(")


@dataclass(frozen=True)
class Endpoint:
    """One route of a resource. `below` are the functions that its handler leads to, down to the database."""

    operation: str
    verb: str
    path: str  # the file that registers it
    route: Route
    handler: Definition
    below: tuple[Definition, ...]

    @property
    def data(self) -> Definition:
        """The function that asks the database: the handler itself where nothing is below it."""
        return self.below[-1] if self.below else self.handler


@dataclass(frozen=True)
class Resource:
    """An existing resource. `base` is its whole address, `model` the file of the struct that a row becomes."""

    name: NameForms
    table: Table
    base: str
    endpoints: Mapping[str, Endpoint]
    model: str
    files: tuple[str, ...]  # all that are about it

    @property
    def handlers(self) -> str:
        """The file of its handlers."""
        return next(iter(self.endpoints.values())).handler.path

    @property
    def layers(self) -> tuple[str, ...]:
        """The files below its handlers, the one that asks the database last."""
        best = max(self.endpoints.values(), key=lambda e: len(e.below))
        return tuple(dict.fromkeys(d.path for d in best.below))


def resources_of(index: FactIndex, sources: Sources) -> tuple[Resource, ...]:
    """All resources that have a table, routes and a struct for their rows; those with the most operations first."""
    tables = [t for _, t in index.tables()]
    routes = [(p, r) for p, r in index.routes() if not is_test_file(p)]
    found: dict[str, Resource] = {}
    for _, route in routes:
        base = route.path.rstrip("/")
        if route.method not in {"GET", "POST"} or not base or _KEY.search(base.rpartition("/")[2]):
            continue
        last = _plain(base.rpartition("/")[2])
        for table in tables:
            name = forms(singular(table.entity))
            if last in {_plain(name.snake), _plain(name.snake_plural)} and table.entity not in found:
                resource = _resource(base, name, table, routes, index, sources)
                if resource is not None:
                    found[table.entity] = resource
    return tuple(sorted(found.values(), key=lambda r: (-len(r.endpoints), -len(r.layers), r.base)))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _resource(
    base: str, name: NameForms, table: Table, routes: list[tuple[str, Route]], index: FactIndex, sources: Sources
) -> Resource | None:
    files = tuple(p for p in index.files if not is_test_file(p) and mentions(p.rpartition("src/")[2], name))
    endpoints: dict[str, Endpoint] = {}
    for path, route in routes:
        rest = route.path.removeprefix(base).strip("/")
        if not route.path.startswith(base) or (rest and not _KEY.fullmatch(rest)):
            continue
        operation = {**_KINDS, "DELETE": ("", "delete")}.get(route.method, ("", ""))[1 if rest else 0]
        handler = index.resolve(path, route.handler.replace("::", ".")) or _named(route, files, index)
        if operation and handler is not None and operation not in endpoints:
            below = _below(handler, files, sources)
            endpoints[operation] = Endpoint(operation, route.method.lower(), path, route, handler, below)
    model = _model(name, index, sources)
    if "create" not in endpoints or len(endpoints) < 2 or not model:
        return None
    return Resource(name, table, base, endpoints, model, files)


def _named(route: Route, files: tuple[str, ...], index: FactIndex) -> Definition | None:
    """The handler among the files about the resource, where its path could not be followed."""
    last = re.split(r"::|\.", route.handler)[-1]
    found = [Definition(p, s) for p in files for s in index.symbols(p).values() if s.name == last and s.is_async]
    return found[0] if len(found) == 1 else None


def _model(name: NameForms, index: FactIndex, sources: Sources) -> str:
    """The file of the struct that is called as the resource, and that rows become."""
    having = [
        (p, s)
        for p in index.files
        if not is_test_file(p)
        for s in index.symbols(p).values()
        if s.kind == "class" and s.name == name.pascal and "struct" in s.modifiers
    ]
    rows = [p for p, s in having if "FromRow" in sources.above(p, s) or "sqlx::FromRow" in sources.above(p, s)]
    return next(iter([*rows, *(p for p, _ in having)]), "")


def _below(handler: Definition, files: tuple[str, ...], sources: Sources) -> tuple[Definition, ...]:
    """The functions of this resource that lead from a handler to the database."""
    chain: list[Definition] = []
    current = handler
    while not SQL.search(sources.body(current)):
        called = _CALLED.findall(sources.body(current))
        taken = {handler.path, *(d.path for d in chain)}
        found = [
            d
            for p in files
            if p not in taken
            for d in sources.functions(p)
            if d.symbol.name in called and (d.symbol.is_async or SQL.search(sources.body(d)))
        ]
        # A layer between stands before the one that asks the database.
        found.sort(key=lambda d: (bool(SQL.search(sources.body(d))), called.index(d.symbol.name)))
        if not found:
            return ()
        current = found[0]
        chain.append(current)
    return tuple(chain)
