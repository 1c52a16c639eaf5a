"""The code and the tests that name a field: what refers to it, and what has to name it too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from backwright.core.archmap import RouteInfo
from backwright.core.errors import Unsupported
from backwright.engine.siblings import Resource, operation_of
from backwright.engine.spelling import Task
from backwright.kit.field_edit import FieldEdit
from backwright.kit.index import Definition, FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.expression_types import Types
from backwright.languages.python.field_uses import FieldUses, Found
from backwright.languages.python.project_types import Key, Kind, Sources, as_json
from backwright.languages.python.scopes import Served


@dataclass(frozen=True)
class Code:
    """The project as code: its expressions' kinds, the classes that have the field, the resource's endpoints."""

    types: Types
    owners: frozenset[Key]
    found: Found
    operations: dict[str, tuple[RouteInfo, Served]]

    def text(self, path: str) -> str:
        source = self.types.sources.source(path)
        return source.text if source is not None else ""


def code_of(task: Task, edit: FieldEdit, resource: Resource, schemas: tuple[Definition, ...]) -> Code:
    """Raises Unsupported where one class shows rows of several entities."""
    types, operations = served_by(task, resource)
    owners = _owners(task.index, edit, schemas, types)
    versions = f"{edit.house.migration.directory}/" if edit.house.migration is not None else "\0"
    paths = [p for p in task.index.files if p.endswith(".py") and not p.startswith(versions)]
    found = FieldUses(types, edit.old or edit.new, owners).search(paths)
    return Code(types, owners, found, operations)


def served_by(task: Task, resource: Resource) -> tuple[Types, dict[str, tuple[RouteInfo, Served]]]:
    """What expressions of the project are, and the endpoints of a resource by operation."""
    types = Types(Sources(task.index, task.read), ())
    types.endpoints = tuple(endpoint_served(types, i) for i in routes_of(task.index))
    operations: dict[str, tuple[RouteInfo, Served]] = {}
    for info in resource.routes:
        operation = operation_of(info, resource.name)
        if operation and operation not in operations:
            operations[operation] = (info, endpoint_served(types, info))
    return types, operations


def routes_of(index: FactIndex) -> Iterator[RouteInfo]:
    yield from (RouteInfo(path, route) for path, route in index.routes() if not is_test_file(path))


def endpoint_served(types: Types, info: RouteInfo) -> Served:
    route = info.route
    segments = tuple("{}" if "{" in s else s for s in route.path.split("/") if s)
    handler = types.sources.nodes(info.path).get(route.handler)
    body: Kind | None = None
    answer: Kind | None = None
    if isinstance(handler, ast.FunctionDef | ast.AsyncFunctionDef):
        for given in (*handler.args.posonlyargs, *handler.args.args, *handler.args.kwonlyargs):
            kind = types.declared.annotation(info.path, given.annotation, {})
            if body is None and kind is not None and kind.name == "row" and kind.of and _is_schema(types, kind.of):
                body = as_json(kind)
        answer = types.declared.annotation(info.path, handler.returns, {})
    if route.response:
        with suppress(SyntaxError):  # what the handler says it returns stands
            answer = types.declared.annotation(info.path, ast.parse(route.response, mode="eval").body, {}) or answer
    return Served(route.method, segments, body, as_json(answer))


def _is_schema(types: Types, key: Key) -> bool:
    """Whether a class says what requests and answers hold, and is no entity."""
    symbol = types.sources.index.symbols(key[0]).get(key[1])
    if symbol is None or any(p == key[0] and t.entity == key[1] for p, t in types.sources.index.tables()):
        return False
    bases = {b.split(".")[-1] for b in types.sources.index.root_bases(Definition(key[0], symbol))}
    return bool(bases & {"BaseModel", "SQLModel"})


def _owners(index: FactIndex, edit: FieldEdit, schemas: tuple[Definition, ...], types: Types) -> frozenset[Key]:
    """The entity and every class that has the field of it, by declaring or by inheriting it."""
    name = edit.old
    start = (
        {(p.path, p.name) for p in edit.places}
        if edit.action == "add"
        else {(d.path, d.symbol.qualname) for d in schemas}
    )
    entity = (edit.path, edit.table.entity)
    if edit.action != "add":
        start |= set(_fed(index, edit, types))
    owners = {entity}
    for definition in index.classes():
        key = (definition.path, definition.symbol.qualname)
        line = [definition, *index.bases(definition)]
        if edit.action == "add":
            if any((d.path, d.symbol.qualname) in start for d in line):
                owners.add(key)
        elif any(f.name == name for d in line for f in d.symbol.fields):
            related = {(d.path, d.symbol.qualname) for d in line}
            if related & (start | {entity}):
                owners |= {(d.path, d.symbol.qualname) for d in line if any(f.name == name for f in d.symbol.fields)}
                owners.add(key)
    return frozenset(owners)


def _fed(index: FactIndex, edit: FieldEdit, types: Types) -> Iterator[Key]:
    """Classes that show the entity inside of another's answer. Raises Unsupported where they show others as well."""
    targets: dict[str, set[str]] = {}
    for _, table in index.tables():
        for relation in table.relations:
            targets.setdefault(relation.name, set()).add(relation.target.strip("\"'"))
    fed: dict[Key, set[str]] = {}
    for definition in index.classes():
        for item in definition.symbol.fields:
            node = types.sources.node((definition.path, definition.symbol.qualname))
            if (
                item.name in targets
                and isinstance(node, ast.ClassDef)
                and _is_schema(types, (definition.path, definition.symbol.qualname))
            ):
                kind = types.declared.member(Kind("row", (definition.path, definition.symbol.qualname)), item.name)
                kind = kind.args[0] if kind is not None and kind.name == "many" and kind.args else kind
                if kind is not None and kind.name == "row" and kind.of and _is_schema(types, kind.of):
                    fed.setdefault(kind.of, set()).update(targets[item.name])
    for key, entities in fed.items():
        fields = {f.name for f in index.symbols(key[0])[key[1]].fields}
        if edit.table.entity in entities and edit.old in fields:
            if len(entities) > 1:
                others = ", ".join(sorted(entities))
                raise Unsupported(
                    f"{key[1]} shows rows of {others}: `{edit.old}` of one alone cannot change there",
                    where=f"{key[0]}:{index.symbols(key[0])[key[1]].loc.line}",
                )
            yield key
