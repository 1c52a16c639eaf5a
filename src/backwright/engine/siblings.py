"""The existing resources of a project, and the one that new resources should imitate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from backwright.core.archmap import Component, EntityInfo, RouteInfo
from backwright.core.errors import Unsupported
from backwright.core.facts import Symbol
from backwright.engine.name_index import NameIndex
from backwright.kit.imitation import pattern_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms, forms

_USERLIKE = frozenset(
    {"user", "account", "token", "session", "refresh_token", "auth_user", "role", "permission", "api_key"}
)


@dataclass(frozen=True)
class Resource:
    """An entity with everything that is named after it. `classes` and `functions` are by role."""

    name: NameForms
    entity: EntityInfo
    routes: tuple[RouteInfo, ...] = ()
    classes: dict[str, Definition] = field(default_factory=dict)
    functions: dict[str, tuple[Definition, ...]] = field(default_factory=dict)
    schemas: tuple[Definition, ...] = ()
    tests: tuple[str, ...] = ()
    score: int = 0

    @property
    def router_path(self) -> str:
        return self.routes[0].path if self.routes else ""

    def operation(self, name: str) -> RouteInfo | None:
        """The route that lists, gets, creates, updates or deletes."""
        return next((r for r in self.routes if operation_of(r, self.name) == name), None)


def operation_of(info: RouteInfo, name: NameForms) -> str:
    """list | get | create | update | delete, `""` for anything else."""
    tail = local_tail(info.route.path, name)
    match info.route.method, tail:
        case "GET", "":
            return "list"
        case "POST", "" | "create" | "add" | "new":
            return "create"
        case "GET", "{}" | "{}/detail":
            return "get"
        case "PUT" | "PATCH", "{}" | "{}/update" | "update/{}":
            return "update"
        case "DELETE", "{}" | "{}/delete" | "delete/{}":
            return "delete"
    if info.route.method == "GET" and tail in {"all", "list"}:
        return "list"
    return ""


def local_tail(path: str, name: NameForms) -> str:
    """What follows the resource's segment, parameters as `{}`; `"?"` when the path is not this resource's."""
    segments = [s for s in path.split("/") if s]
    own = _own_segments(name)
    for i, segment in enumerate(segments):
        if segment.lower() in own:
            rest = [re.sub(r"\{[^}]*\}", "{}", s) for s in segments[i + 1 :]]
            return "/".join(rest)
    return "?"


@cache
def _own_segments(name: NameForms) -> frozenset[str]:
    """How URLs spell the resource, in lower case."""
    spelled = (
        name.snake,
        name.snake_plural,
        name.kebab,
        name.kebab_plural,
        name.camel,
        name.camel_plural,
        name.snake.replace("_", ""),
    )
    return frozenset(word.lower() for word in spelled)


def resources(index: FactIndex, placed: tuple[Component, ...]) -> tuple[Resource, ...]:
    """All resources, the best exemplar first."""
    found = _Found.in_project(index, {c.path: c.role for c in placed})
    out = [_resource(index, EntityInfo(p, t), found) for p, t in index.tables() if found.roles.get(p) != "test"]
    return tuple(sorted(out, key=lambda r: -r.score))


def resource_of(path: str, entity: str, index: FactIndex, placed: tuple[Component, ...]) -> Resource:
    """The resource of an entity that a file declares. Raises Unsupported for one that only tests have."""
    found = next(
        (r for r in resources(index, placed) if (r.entity.path, r.entity.table.entity) == (path, entity)), None
    )
    if found is None:
        raise Unsupported(f"{entity} is declared among the tests", where=path)
    return found


@dataclass(frozen=True)
class _Found:
    """What may be part of a resource."""

    roles: dict[str, str]
    routes: NameIndex[RouteInfo]
    symbols: NameIndex[Definition]
    tests: NameIndex[str]

    @classmethod
    def in_project(cls, index: FactIndex, roles: dict[str, str]) -> _Found:
        routes = [RouteInfo(p, r) for p, r in index.routes() if roles.get(p) != "test"]
        tests = [path for path in index.files if roles.get(path) == "test"]
        return cls(
            roles,
            NameIndex((info, "", {s.lower() for s in info.route.path.split("/")}) for info in routes),
            NameIndex((d, d.symbol.name, _words(d)) for d in _own_symbols(index, roles)),
            NameIndex((path, path.rsplit("/", 1)[-1], set(path.split("/")[:-1])) for path in tests),
        )


def _own_symbols(index: FactIndex, roles: dict[str, str]) -> Iterator[Definition]:
    """Classes and functions at the top of the files that are no tests."""
    for path in index.files:
        if roles.get(path) != "test":
            for symbol in index.symbols(path).values():
                if not symbol.scope and symbol.kind in {"class", "function"}:
                    yield Definition(path, symbol)


def _words(definition: Definition) -> set[str]:
    """Folders, and the file's own name, say whose a function is."""
    *folders, file = definition.path.split("/")
    return {*folders, file.removesuffix(".py")} if definition.symbol.kind == "function" else set()


def _resource(index: FactIndex, entity: EntityInfo, found: _Found) -> Resource:
    name = forms(_bare(entity.table.entity))
    words = (name.snake, name.snake_plural)
    near = found.routes.near(name, _own_segments(name))
    own = tuple(r for r in near if local_tail(r.route.path, name) != "?")
    primary = _primary_file(own, name)
    own = tuple(r for r in own if r.path == primary)
    classes: dict[str, Definition] = {}
    functions: dict[str, tuple[Definition, ...]] = {}
    schemas: list[Definition] = []
    tests = [path for path in found.tests.near(name, words) if _tests_it(path, name)]
    for definition in found.symbols.near(name, words):
        path, symbol = definition.path, definition.symbol
        role = found.roles.get(path, "")
        if symbol.kind == "class":
            kind = _class_role(index, definition, role, name)
            if kind == "schema":
                schemas.append(definition)
            elif kind and (kind not in classes or _is_closer(symbol.name, classes[kind].symbol.name, name)):
                classes[kind] = definition
        elif role in {"repository", "service"} and _function_named(symbol, path, name):
            functions[role] = (*functions.get(role, ()), definition)
    resource = Resource(name, entity, own, classes, functions, tuple(schemas), tuple(tests))
    return Resource(name, entity, own, classes, functions, tuple(schemas), tuple(tests), _score(resource))


def _tests_it(path: str, name: NameForms) -> bool:
    file = path.rsplit("/", 1)[-1]
    return pattern_of(file, name) != file or _dir_named(path, name)


def _bare(entity: str) -> str:
    """`ItemModel`, `DBItem`, `ItemORM` are the entity Item."""
    bare = re.sub(r"(?<=[a-z])(Model|Entity|ORM|Orm|Table|DB|Db)$", "", entity)
    return re.sub(r"^(DB|Db|ORM)(?=[A-Z][a-z])", "", bare) or entity


def _primary_file(own: tuple[RouteInfo, ...], name: NameForms) -> str:
    counts: dict[str, int] = {}
    for info in own:
        counts[info.path] = counts.get(info.path, 0) + (3 if operation_of(info, name) else 1)
    return max(counts, key=lambda p: counts[p]) if counts else ""


def _dir_named(path: str, name: NameForms) -> bool:
    return any(part in {name.snake, name.snake_plural} for part in path.split("/")[:-1])


def _class_role(index: FactIndex, definition: Definition, role: str, name: NameForms) -> str:
    text = definition.symbol.name
    pattern = pattern_of(text, name)
    if "{" not in pattern or (pattern in {"{Pascal}"} and role == "model"):
        return ""
    bases = {b.split(".")[-1] for b in index.root_bases(definition)}
    if bases & {"BaseModel", "SQLModel", "GenericModel"}:
        table = any(k == "table" for k in definition.symbol.base_keys)
        return "" if table else "schema"
    if any(b.endswith(("Exception", "Error")) for b in bases):
        return ""
    if {b.split(".")[-1] for b in definition.symbol.bases} & {"ABC", "Protocol"}:
        return ""  # a port: what implements it is the layer
    shape = pattern.replace("{Pascal}", "").replace("{Pascals}", "").lower()
    if re.search(r"repo|crud|dao|storage|store|gateway|dal|queries", shape):
        return "repository"
    if re.search(r"service|usecase|controller|manager|interactor|handler", shape):
        return "service"
    return role if role in {"repository", "service"} and shape in {"", "s"} else ""


def _is_closer(text: str, known: str, name: NameForms) -> bool:
    """Whether a class is the resource's own and the known one that of a part: `OrderService` beside `OrderItemService`."""
    own, other = pattern_of(text, name), pattern_of(known, name)
    return own != other and own.startswith("{Pascal}") and other.startswith("{Pascal}") and other.endswith(own[8:])


def _function_named(symbol: Symbol, path: str, name: NameForms) -> bool:
    """A function is a resource's when its name says so, or when its file is the resource's own."""
    file = path.rsplit("/", 1)[-1].removesuffix(".py")
    pattern = pattern_of(symbol.name, name)
    return "{" in pattern or file in {name.snake, name.snake_plural} or _dir_named(path, name)


def _score(resource: Resource) -> int:
    operations = {operation_of(r, resource.name) for r in resource.routes} - {""}
    score = 4 * len(operations) + (6 if {"create", "list", "get"} <= operations else 0)
    score += (
        3 * len(resource.classes)
        + 2 * len(resource.functions)
        + min(len(resource.schemas), 4)
        + (3 if resource.tests else 0)
    )
    if resource.name.snake in _USERLIKE:
        score -= 12
    if re.search(r"_(association|link|membership)$", resource.name.snake):
        score -= 6
    score -= max(0, len(resource.routes) - len(operations)) // 2
    return score
