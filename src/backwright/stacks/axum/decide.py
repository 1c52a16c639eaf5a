"""From what was asked for to a decided resource: its files, its names, who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import basename

from backwright.blueprints.resource.access import decide_access, levels_of
from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Column, Table
from backwright.core.request import Feature, FieldSpec
from backwright.kit.artifacts import FieldPlan, Target
from backwright.kit.decided import DecidedResource, exists_already, no_target, owner_spec
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms, forms, pascal, singular
from backwright.kit.ref import Ref
from backwright.stacks.axum.reading import Sources, shown
from backwright.stacks.axum.siblings import OPERATIONS, Resource
from backwright.stacks.axum.style import AxumHouse

_RESERVED = frozenset((
    "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "final", "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "union", "unsafe", "use",
    "virtual", "where", "while", "yield",
))  # fmt: skip
KEYS = {
    "BIGINT": "i64",
    "BIGSERIAL": "i64",
    "INT8": "i64",
    "INTEGER": "i32",
    "INT": "i32",
    "SERIAL": "i32",
    "INT4": "i32",
}
_COLUMNS = {"BIGSERIAL": "BIGINT", "SERIAL": "INTEGER"}


@dataclass(frozen=True)
class AxumPlan(DecidedResource):
    """A resource, decided, in the style of `house`."""

    house: AxumHouse
    sources: Sources
    sibling: Resource
    paths: Mapping[str, str]  # role to file: handlers, service, data, model, test; "" for a layer that is not there
    table: str
    key: Column

    @property
    def key_type(self) -> str:
        """The key in Rust."""
        return rust_key(self.key)

    def field(self, name: str) -> FieldPlan:
        """The field that a request calls so. Raises KeyError."""
        for item in self.fields:
            if name in {item.spec.name, item.attr, item.relation}:
                return item
        raise KeyError(name)

    def like(self, text: str) -> str:
        """A text about the exemplar, about this resource."""
        return shown(text, self.sibling.name, self.name)


@dataclass(frozen=True)
class Decided:
    """The plan with what was assumed and asked on the way."""

    plan: AxumPlan
    assumptions: tuple[Assumption, ...]
    questions: tuple[Question, ...]


def sql_type(column: Column) -> str:
    """The type of a column in SQL, as one that refers to it has it."""
    plain = re.sub(r"\s*(GENERATED|DEFAULT|COLLATE)\b.*", "", column.type, flags=re.IGNORECASE).strip()
    return _COLUMNS.get(plain.upper(), plain)


def rust_key(column: Column) -> str:
    """The type of a key in Rust. Raises Unsupported for keys that are neither numbers, UUIDs nor text."""
    plain = column.type.split("(")[0].strip().upper()
    kind = "uuid::Uuid" if plain == "UUID" else KEYS.get(plain, "")
    if kind or plain in {"TEXT", "VARCHAR", "CHARACTER VARYING"}:
        return kind or "String"
    raise Unsupported(f"the key {column.name} is of type {column.type}, which is not spelled yet", where=column.name)


def key_of(table: Table, where: str = "") -> Column:
    """The one column that is the key. Raises Unsupported where there is none, or several."""
    keys = [c for c in table.columns if c.primary_key]
    if len(keys) != 1:
        raise Unsupported(f"the key of {table.table} is not one column", where=where or table.table)
    return keys[0]


def decide_resource(
    feature: Feature, house: AxumHouse, index: FactIndex, read: Callable[[str], str], settings: Mapping[str, str]
) -> Decided:
    """Raises UsageError when the resource exists already or refers to a table that does not, Unsupported for its place."""
    name = forms(feature.resource, feature.plural)
    sibling = house.sibling
    assert sibling is not None, "the caller refuses houses without one"
    tables = {t.table: (path, t) for path, t in index.tables()}
    table = shown(sibling.table.table, sibling.name, name)
    _refuse_names(feature, name, table, tables, house)
    access, assumptions, questions = decide_access(feature, house.auth, house.access[sibling.name.snake], settings)
    own = owner_spec(feature, house.auth)
    owner = _field(own, name, tables) if own is not None else None
    plan = AxumPlan(
        name=name,
        fields=tuple(_field(spec, name, tables) for spec in feature.fields),
        owner_field=owner,
        operations=tuple(op for op in OPERATIONS if op in feature.operations),
        access=levels_of(access),
        listing=feature.listing,
        owner=feature.owner,
        unique_together=feature.unique_together,
        index=index,
        house=house,
        sources=Sources(index, read),
        sibling=sibling,
        paths=_paths(name, sibling, house, index),
        table=table,
        key=key_of(sibling.table),
    )
    _refuse_owner(plan)
    return Decided(plan, tuple(assumptions), tuple(questions))


def _refuse_names(
    feature: Feature, name: NameForms, table: str, tables: Mapping[str, tuple[str, Table]], house: AxumHouse
) -> None:
    if table in tables:
        raise exists_already(name, f"{tables[table][0]}:{tables[table][1].loc.line}")
    if name.snake in _RESERVED:
        raise UsageError(
            f"a resource cannot be called '{name.pascal}' in Rust: `{name.snake}` is a word of the language",
            hints=("choose another name",),
        )
    for spec in feature.fields:
        if spec.name in _RESERVED:
            raise UsageError(f"a field cannot be called '{spec.name}': it is a word of Rust")
        if spec.type == "json":
            raise Unsupported(f"the field `{spec.name}` is JSON, which is not spelled on axum with sqlx yet")
        needs = {"decimal": "rust_decimal", "date": "chrono", "datetime": "chrono", "uuid": "uuid"}.get(spec.type)
        if needs is not None and (needs not in house.crates or needs not in house.crates["sqlx"]):
            raise Unsupported(
                f"the field `{spec.name}` is a {spec.type}, for which this project would need {needs}",
                where="Cargo.toml",
                hints=(
                    f"add the crate {needs}, with serde, and the feature `{needs}` of sqlx; or choose another type",
                ),
            )


def _refuse_owner(plan: AxumPlan) -> None:
    """Raises Unsupported where rows shall belong to users, and no guard says whose key the request has."""
    if plan.owner is None or plan.owner_field is None or plan.owner_field.target is None:
        return
    for op in plan.operations:
        if not needs_user(plan, op):
            continue
        guard = plan.house.guards.get(plan.access[op])
        kind = rust_key(key_of(plan.owner_field.target.facts)).rpartition("::")[2]
        if guard is None or not guard.user or guard.key.rpartition("::")[2] != kind:
            where = guard.path if guard is not None else plan.sibling.handlers
            raise Unsupported(
                "rows cannot belong to users: what signs a user in does not hold the user's key", where=where
            )


def needs_user(plan: AxumPlan, op: str) -> bool:
    """Whether an operation needs to know who asks."""
    if plan.owner is None:
        return False
    return op == "create" or op in plan.owner.ops or (op == "list" and plan.owner.list_own)


def _paths(name: NameForms, sibling: Resource, house: AxumHouse, index: FactIndex) -> dict[str, str]:
    """Role to file: where the exemplar has it."""

    def moved(path: str) -> str:
        head, src, tail = path.rpartition("src/")
        new = f"{head}{src}{shown(tail, sibling.name, name)}"
        if new == path:
            raise Unsupported(
                f"{basename(path)} holds several resources, to which no new one can be added yet",
                where=path,
                hints=("a file for each resource can be imitated",),
            )
        return new

    layers = sibling.layers
    if len(layers) > 2:
        shown_layers = ", ".join(layers)
        raise Unsupported(f"more than a service and a repository are between handlers and database: {shown_layers}")
    out = {"handlers": moved(sibling.handlers), "service": "", "data": ""}
    if len(layers) == 2:
        out["service"] = moved(layers[0])
    if layers:
        out["data"] = moved(layers[-1])
    requests = _requests_file(sibling, index)
    shared = shown(sibling.model, sibling.name, name) == sibling.model
    # Where one file holds the structs of all, a new one stands with what uses it.
    out["requests"] = moved(requests) if requests else out["handlers"] if shared else moved(sibling.model)
    out["model"] = out["requests"] if shared else moved(sibling.model)
    if house.tests:
        own = shown(house.tests, sibling.name, name)
        folder = house.tests.rpartition("/")[0]
        out["test"] = own if own != house.tests else f"{folder}/{name.snake_plural}.rs"
    taken = next((p for p in out.values() if p and p in index.paths), "")
    if taken:
        raise Unsupported(f"there is a file {taken} already, which the new resource would have to be", where=taken)
    return out


def _requests_file(sibling: Resource, index: FactIndex) -> str:
    """The file of what the exemplar's create handler is given."""
    handler = sibling.endpoints["create"].handler
    for param in handler.symbol.params:
        found = re.search(r"<(?:[\w:]+::)?(\w+)>\s*$", param.annotation)
        target = (
            index.resolve(handler.path, found[1]) if found is not None and "State" not in param.annotation else None
        )
        if (
            target is not None
            and target.symbol.kind == "class"
            and shown(target.path, sibling.name, forms("other")) != (target.path)
        ):
            return target.path
    return ""


def _field(spec: FieldSpec, name: NameForms, tables: Mapping[str, tuple[str, Table]]) -> FieldPlan:
    if spec.type != "ref":
        return FieldPlan(spec, spec.name, enum=f"{name.pascal}{pascal(spec.name)}" if spec.type == "enum" else "")
    plain = spec.name.removesuffix("_id")
    return FieldPlan(spec, f"{plain}_id", plain, "", _target(spec, name, tables))


def _target(spec: FieldSpec, name: NameForms, tables: Mapping[str, tuple[str, Table]]) -> Target:
    """The table that a field refers to. Raises UsageError when there is none, Unsupported for the new one."""
    wanted = forms(spec.ref)
    found = next((t for t in (spec.ref, wanted.snake_plural, wanted.snake) if t in tables), "")
    if not found:
        raise no_target(spec, name, "table", tables)
    path, table = tables[found]
    key = key_of(table, path)
    kind = rust_key(key)
    return Target(
        forms(singular(found)).pascal,
        Ref(forms(singular(found)).pascal),
        path,
        found,
        key.name,
        kind,
        sql_type(key),
        forms(singular(found)),
        table,
    )
