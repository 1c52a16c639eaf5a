"""A resource that exists as what new ones are spelled from: its columns as fields, the resource as a plan of nothing new."""

from __future__ import annotations

import re

from backwright.core.errors import UsageError
from backwright.core.facts import Column, Table
from backwright.core.request import FieldSpec, FieldType, Listing
from backwright.kit.artifacts import FieldPlan, ResourcePlan
from backwright.kit.house import House
from backwright.kit.index import Definition, FactIndex
from backwright.kit.modules import module_of
from backwright.kit.naming import forms, snake
from backwright.kit.targets import bare_entity, find_target
from backwright.kit.testfiles import is_test_file

# What the type of a column says, the more telling words first.
_TYPES: tuple[tuple[str, FieldType], ...] = (
    (r"datetime|timestamp", "datetime"),
    (r"\bdate\b", "date"),
    (r"json|dict|array|list\[|tuple\[|set\[", "json"),
    (r"uuid|guid", "uuid"),
    (r"bool", "boolean"),
    (r"numeric|decimal", "decimal"),
    (r"float|double|real", "float"),
    (r"int\b|integer", "integer"),
    (r"text", "text"),
    (r"str\b|string|char|email|url", "string"),
)


def find_entity(wanted: str, index: FactIndex) -> tuple[str, Table]:
    """The entity that a name means, with its file. Raises UsageError naming those that there are."""
    name = forms(wanted)
    known = [(path, table) for path, table in index.tables() if not is_test_file(path)]
    for path, table in known:
        own = forms(bare_entity(table.entity))
        if own.snake in (name.snake, forms(snake(wanted).removesuffix("s")).snake) or table.table in (
            name.snake, name.snake_plural,
        ) or table.entity == wanted:  # fmt: skip
            return path, table
    have = ", ".join(sorted(t.entity for _, t in known)) or "none"
    raise UsageError(f"{wanted} is not an entity of this project", hints=(f"entities: {have}",))


def find_column(name: str, path: str, table: Table) -> Column:
    """The column that a name means, `customer` for `customer_id`. Raises UsageError naming those that there are."""
    found = next((c for c in table.columns if c.name in (name, f"{name}_id")), None)
    found = found or _nearest(name, table)
    if found is None:
        names = ", ".join(c.name for c in table.columns)
        raise UsageError(
            f"{table.entity} has no field `{name}`", where=f"{path}:{table.loc.line}", hints=(f"fields: {names}",)
        )
    return found


def _nearest(name: str, table: Table) -> Column | None:
    """The one column that ends or begins with a name as people say it: `date` is `created_at`, `price` `unit_price`."""
    words = set(name.split("_"))
    if words <= {"date", "time", "newest", "oldest", "creation", "created", "latest", "age"}:
        made = [
            c for c in table.columns if re.match(r"(?:creat|insert|add)ed?_?(?:at|on|date|time)?$|date_created", c.name)
        ]
        dated = [c for c in table.columns if re.search(r"date|_on$|_at$", c.name) and not c.name.startswith("updat")]
        return made[0] if made else dated[0] if len(dated) == 1 else None
    near = [c for c in table.columns if c.name.startswith(f"{name}_") or c.name.endswith(f"_{name}")]
    return near[0] if len(near) == 1 else None


def enum_of(column: Column, path: str, index: FactIndex) -> Definition | None:
    """The enumeration of the project that a column holds; None where it holds none."""
    written = [column.python, *re.findall(r"Enum\(\s*([\w.]+)", column.type), *re.findall(r"\w+", column.type)]
    for name in filter(None, written):
        found = index.resolve(path, name)
        if found is not None and found.symbol.kind == "class":
            roots = {base.rpartition(".")[2] for base in index.root_bases(found)}
            if any(root.endswith("Enum") for root in roots):
                return found
    return None


def enum_values(definition: Definition) -> tuple[str, ...]:
    """The values of an enumeration that are written out as texts."""
    values = [f.value_expr for f in definition.symbol.fields]
    return tuple(v.text for v in values if v is not None and v.kind == "string")


def field_of(column: Column, path: str, table: Table, house: House, index: FactIndex) -> FieldPlan | None:
    """A column as the field that it would be asked for as; None where its type is not known."""
    if column.foreign_key:
        referred = column.foreign_key.rpartition(".")[0].rpartition(".")[2]
        entity = next((t.entity for _, t in index.tables() if t.table.rpartition(".")[2] == referred), "")
        if not entity:
            return None
        target = find_target(entity, house, index, column.name)
        spec = FieldSpec(column.name.removesuffix("_id"), "ref", nullable=column.nullable, ref=entity)
        return FieldPlan(spec, column.name, target=target)
    made = enum_of(column, path, index)
    if made is not None:
        spec = FieldSpec(column.name, "enum", nullable=column.nullable, values=enum_values(made))
        return FieldPlan(spec, column.name, enum=made.symbol.name)
    text = f"{column.type} {column.python}".lower()
    kind = next((kind for words, kind in _TYPES if re.search(words, text)), None)
    if kind is None:
        return None
    return FieldPlan(FieldSpec(column.name, kind, nullable=column.nullable, unique=column.unique), column.name)


def existing_plan(
    path: str,
    table: Table,
    house: House,
    index: FactIndex,
    *,
    fields: tuple[FieldPlan, ...] = (),
    listing: Listing | None = None,
) -> ResourcePlan:
    """The resource of an entity as emitters read it, with nothing to be made but what `fields` and `listing` say."""
    key = next((c for c in table.columns if c.primary_key), None)
    return ResourcePlan(
        name=forms(bare_entity(table.entity)),
        class_name=table.entity,
        table=table.table,
        fields=fields,
        operations=(),
        access={},
        listing=listing or Listing(),
        owner=None,
        owner_field=None,
        unique_together=(),
        house=house,
        index=index,
        paths={"model": path, "schema": path},
        schemas={},
        functions={},
        segment="",
        key=key.name if key is not None else "id",
        modules={"model": module_of(path, index)},
    )
