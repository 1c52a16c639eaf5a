"""The migration that creates the table of a new resource, and drops it again."""

from __future__ import annotations

import ast
import hashlib
import re
from datetime import UTC, datetime

from backwright.core.errors import Unsupported
from backwright.core.facts import Column
from backwright.frameworks.alembic.constraints import constraint_name
from backwright.kit.artifacts import Emission, FieldPlan, Piece, ResourcePlan
from backwright.kit.house import MigrationStyle
from backwright.kit.rendering import source_of
from backwright.kit.spelling import length_of, precision_of
from backwright.kit.templates import render

_PYTHON_TYPES = {
    "int": "sa.Integer()",
    "str": "sa.String()",
    "bool": "sa.Boolean()",
    "datetime": "sa.DateTime()",
    "datetime.datetime": "sa.DateTime()",
    "date": "sa.Date()",
    "float": "sa.Float()",
    "Decimal": "sa.Numeric()",
    "UUID": "sa.Uuid()",
    "uuid.UUID": "sa.Uuid()",
    "UUID4": "sa.Uuid()",
}
_KEYS = {"int": "sa.Integer()", "uuid": "sa.Uuid()", "str": "sa.String()"}
RULES = {"restrict": "RESTRICT", "cascade": "CASCADE", "set_null": "SET NULL"}


def emit_migration(plan: ResourcePlan) -> tuple[Emission, ...]:
    """One revision on top of the present head. Raises Unsupported when there is no single head to stand on."""
    style = plan.house.migration
    if style is None:
        return ()
    if style.exists and style.head is None:
        raise Unsupported(
            f"there are {len(style.heads)} migration heads ({', '.join(style.heads)}), so a new migration has no place to stand",
            where=style.directory,
            hints=("merge them first: alembic merge heads",),
        )
    now = datetime.now(UTC)
    revision = _revision(plan, style)
    imports: set[str] = {"from alembic import op", "import sqlalchemy as sa"}
    if style.typed:
        imports.add("from collections.abc import Sequence")
    columns = [
        *_inherited_columns(plan, imports),
        *(_column(f, plan, imports) for f in plan.columns),
        *_stamps(plan, imports),
    ]
    body = render(
        "alembic/migration.py.jinja",
        title=f"Add {plan.name.human_plural}",
        revision=revision,
        down=style.head,
        created=now.strftime("%Y-%m-%d %H:%M:%S.%f"),
        imports=sorted(imports, key=lambda line: (not line.startswith("from collections"), line)),
        typed=style.typed,
        table=plan.table,
        columns=columns,
        constraints=_constraints(plan),
        indexes=[
            {"name": constraint_name(plan.house.model.naming, "ix", plan.table, (column,)), "column": column}
            for column in (
                *(c.name for c in _brought(plan) if c.index),
                *(f.attr for f in plan.columns if f.target is not None),
            )
        ],
        schema=plan.house.model.schema,
    )
    name = file_name(style, revision, f"add_{plan.name.snake_plural}", now)
    indexed = ", ".join(f.attr for f in plan.columns if f.target is not None)
    summary = (
        "create table"
        + (f", index {indexed}" if indexed else "")
        + "; downgrade drops "
        + ("both" if indexed else "it")
    )
    return (Piece("migration", f"{style.directory}/{name}.py", (), body, "up and down", "", summary),)


def _revision(plan: ResourcePlan, style: MigrationStyle) -> str:
    if style.numbered and style.head is not None:
        return str(int(style.head) + 1).zfill(len(style.head))
    seed = f"{plan.table}:{style.head}:{','.join(f.attr for f in plan.columns)}"
    return hashlib.sha256(seed.encode()).hexdigest()[:12]


def file_name(style: MigrationStyle, revision: str, slug: str, now: datetime) -> str:
    template = style.file_template.replace("%%", "%")
    values = {
        "rev": revision,
        "slug": slug[:40],
        "year": now.year,
        "month": now.month,
        "day": now.day,
        "hour": now.hour,
        "minute": now.minute,
        "second": now.second,
        "epoch": int(now.timestamp()),
    }
    try:
        return template % values
    except (KeyError, ValueError, TypeError):
        return f"{revision}_{slug[:40]}"


def _inherited_columns(plan: ResourcePlan, imports: set[str]) -> list[str]:
    """The key and every column that a base or mixin brings, timestamps apart: those come last."""
    style = plan.house.model
    stamps = {c.name for c in style.timestamps}
    out = []
    key = style.key
    if key is None:
        out.append('sa.Column("id", sa.Integer(), nullable=False)')
    elif not key.origin:
        out.append(_written(key, plan, imports))
    out += [_written(c, plan, imports) for c in style.inherited if c.name not in stamps]
    return out


def _brought(plan: ResourcePlan) -> list[Column]:
    """Columns that the house brings: key, timestamps, those of bases and mixins."""
    style = plan.house.model
    known = {c.name: c for c in (*((style.key,) if style.key else ()), *style.inherited, *style.timestamps)}
    return list(known.values())


def _stamps(plan: ResourcePlan, imports: set[str]) -> list[str]:
    return [_written(c, plan, imports) for c in plan.house.model.timestamps]


def _written(column: Column, plan: ResourcePlan, imports: set[str]) -> str:
    """A column that exists in the models, as a migration writes it."""
    parts = [f'"{column.name}"', type_source(column, plan, imports)]
    if column.server_default:
        parts.append(f"server_default={server_default(column.server_default, plan, imports)}")
    parts.append(f"nullable={column.nullable}")
    return f"sa.Column({', '.join(parts)})"


def server_default(text: str, plan: ResourcePlan, imports: set[str]) -> str:
    """The default as the database has it: a constant of the project by its value, a class of it by its import."""
    if re.match(r"(func|text|true|false|null)\b", text):
        return f"sa.{text}"
    head = re.match(r"[A-Za-z_]\w*", text)
    origin = _origin(plan, head.group()) if head else ""
    if not head or not origin:
        return text
    if origin.startswith(("sqlalchemy", "sqlmodel")):
        if "." not in origin:
            return f"sa{text[head.end() :]}"
        return _imported(origin, imports) + text[head.end() :]
    for path in (p for p, _ in plan.index.tables()):
        found = plan.index.resolve(path, text)
        if found is not None and found.symbol.kind == "variable" and found.symbol.value is not None:
            return server_default(source_of(found.symbol.value), plan, imports)
    return _imported(origin, imports) + text[head.end() :]


def type_source(column: Column, plan: ResourcePlan, imports: set[str]) -> str:
    """The type of an existing column for a migration: `sa.…`, a dialect's, or the project's own with its import."""
    if not column.type:
        mapped = _annotation_map(plan).get(column.python)
        if mapped:
            return _qualified(mapped, plan, imports)
        return _PYTHON_TYPES.get(column.python, _KEYS.get(column.python, "sa.String()"))
    return _qualified(column.type, plan, imports)


def _qualified(text: str, plan: ResourcePlan, imports: set[str]) -> str:
    """`DateTime(timezone=True)` → `sa.DateTime(timezone=True)`; a bare class is called."""
    text = re.sub(r"\(length=", "(", text) if text.startswith("String(length=") else text
    called = text if text.endswith(")") else f"{text}()"
    head = called.split("(")[0]
    if head.startswith("sa."):
        return called
    origin = _origin(plan, head)
    last = head.split(".")[-1]
    rest = _arguments(called[len(head) :], plan, imports)
    if ".dialects." in origin:
        dialect = origin.split(".dialects.")[1].split(".")[0]
        imports.add(f"from sqlalchemy.dialects import {dialect}")
        return f"{dialect}.{last}{rest}"
    if origin.startswith(("sqlalchemy", "sqlmodel")) or not origin:
        return f"sa.{'String' if last == 'AutoString' else last}{rest}"
    return f"{_imported(origin, imports)}{rest}"


def _arguments(text: str, plan: ResourcePlan, imports: set[str]) -> str:
    """The arguments of a type with what they name: `(String)` → `(sa.String)`, an enum of the project by its import."""
    try:
        tree = ast.parse(f"_{text}", mode="eval")
    except SyntaxError:  # a function within the arguments, which facts do not hold as it is written
        raise Unsupported(
            f"the type of a column that bases bring cannot be written in a migration: …{text}",
            where=plan.house.sibling.model_path if plan.house.sibling is not None else "",
        ) from None
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in {"_", "sa"} and n.lineno == 1]
    for name in sorted(names, key=lambda n: -n.col_offset):
        origin = _origin(plan, name.id)
        if "." not in origin:
            continue
        ours = not origin.startswith("sqlalchemy.") or ".dialects." in origin
        spelled = _imported(origin, imports) if ours else f"sa.{origin.rpartition('.')[2]}"
        text = text[: name.col_offset - 1] + spelled + text[(name.end_col_offset or 0) - 1 :]
    return text


def _imported(origin: str, imports: set[str]) -> str:
    """The name of what a module holds, which is imported."""
    module, _, name = origin.rpartition(".")
    imports.add(f"from {module} import {name}")
    return name


def _origin(plan: ResourcePlan, name: str) -> str:
    """Where a type comes from, as the model files import it."""
    for path in dict.fromkeys(p for p, _ in plan.index.tables()):
        origin = plan.index.origin(path, name)
        if origin:
            return origin
    for path in plan.index.files:
        origin = plan.index.origin(path, name)
        if origin and not origin.startswith(("typing", "uuid", "builtins")):
            return origin
    return ""


def _annotation_map(plan: ResourcePlan) -> dict[str, str]:
    """`type_annotation_map` of the declarative base."""
    for found in plan.index.classes():
        for field in found.symbol.fields:
            if (
                field.name == "type_annotation_map"
                and field.value_expr is not None
                and field.value_expr.kind == "mapping"
            ):
                return {k: source_of(p) for k, p in zip(field.value_expr.keys, field.value_expr.parts, strict=False)}
    return {}


def _column(field: FieldPlan, plan: ResourcePlan, imports: set[str]) -> str:
    if field.target is not None:
        key = next((c for c in field.target.facts.columns if c.name == field.target.key), None)
        kind = type_source(key, plan, imports) if key is not None else _KEYS[field.target.key_python]
    else:
        kind = field_type(field)
    return f'sa.Column("{field.attr}", {kind}, nullable={field.spec.nullable})'


def field_type(field: FieldPlan) -> str:
    if field.enum:
        return f"sa.String(length={max(20, *(len(v) for v in field.spec.values))})"
    match field.type:
        case "string" | "email" | "url" | "slug":
            return f"sa.String(length={length_of(field)})"
        case "decimal":
            precision, scale = precision_of(field)
            return f"sa.Numeric(precision={precision}, scale={scale})"
        case "datetime":
            return "sa.DateTime(timezone=True)"
    return {
        "text": "sa.Text()",
        "boolean": "sa.Boolean()",
        "integer": "sa.Integer()",
        "float": "sa.Float()",
        "date": "sa.Date()",
        "uuid": "sa.Uuid()",
        "json": "sa.JSON()",
    }[field.type]


def _constraints(plan: ResourcePlan) -> list[str]:
    naming, schema = plan.house.model.naming, plan.house.model.schema
    out = []
    for field in plan.columns:
        if field.target is None:
            continue
        name = _named(
            constraint_name(naming, "fk", plan.table, (field.attr,), referred=field.target.table.split(".")[-1])
        )
        table = f"{schema}.{field.target.table}" if schema and "." not in field.target.table else field.target.table
        rule = RULES[field.spec.on_delete]
        out.append(
            f'sa.ForeignKeyConstraint(["{field.attr}"], ["{table}.{field.target.key}"]{name}, ondelete="{rule}")'
        )
    for column in _brought(plan):
        if not column.foreign_key:
            continue
        referred = column.foreign_key.rpartition(".")[0]
        name = _named(constraint_name(naming, "fk", plan.table, (column.name,), referred=referred.split(".")[-1]))
        rule = f', ondelete="{column.on_delete}"' if column.on_delete else ""
        out.append(f'sa.ForeignKeyConstraint(["{column.name}"], ["{column.foreign_key}"]{name}{rule})')
    out.append(f'sa.PrimaryKeyConstraint("{plan.key}"{_named(constraint_name(naming, "pk", plan.table, (plan.key,)))})')
    for field in plan.unique:
        out.append(
            f'sa.UniqueConstraint("{field.attr}"{_named(constraint_name(naming, "uq", plan.table, (field.attr,)))})'
        )
    for group in plan.unique_together:
        attrs = tuple(plan.field(n).attr for n in group)
        shown = ", ".join(f'"{a}"' for a in attrs)
        out.append(f"sa.UniqueConstraint({shown}{_named(constraint_name(naming, 'uq', plan.table, attrs))})")
    return out


def _named(name: str | None) -> str:
    return f', name=op.f("{name}")' if name else ""
