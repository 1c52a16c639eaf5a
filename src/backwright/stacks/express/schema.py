"""Spells the model in the Prisma schema, and the migration that makes its table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from posixpath import basename, dirname

from backwright.core.errors import Unsupported
from backwright.core.facts import Column
from backwright.kit.artifacts import FieldPlan
from backwright.kit.spelling import length_of, precision_of
from backwright.stacks.express.decide import ExpressPlan, key_of

TYPES = {
    "boolean": "Boolean", "integer": "Int", "decimal": "Decimal", "float": "Float", "date": "DateTime",
    "datetime": "DateTime",
}  # fmt: skip
_SQL = {
    "Boolean": "BOOLEAN",
    "Int": "INTEGER",
    "Float": "DOUBLE PRECISION",
    "String": "TEXT",
    "DateTime": "TIMESTAMP(3)",
}
_SQLITE = {
    "Boolean": "BOOLEAN", "Int": "INTEGER", "Float": "REAL", "String": "TEXT", "DateTime": "DATETIME", "Decimal": "DECIMAL",
}  # fmt: skip
_ACTIONS = {"restrict": "Restrict", "cascade": "Cascade", "set_null": "SetNull"}
_LONGEST = 63  # bytes of a name in PostgreSQL


def is_null(field: FieldPlan) -> bool:
    """Whether a row may have nothing there."""
    return field.spec.nullable or (not field.spec.required and not field.spec.has_default)


def has_enums(plan: ExpressPlan) -> bool:
    """Whether enums are types of the database."""
    return plan.house.provider != "sqlite"


def column_name(plan: ExpressPlan, field: FieldPlan) -> str:
    """What the table calls a field."""
    if not plan.mapped:
        return field.attr
    return f"{field.spec.name.removesuffix('_id')}_id" if field.target is not None else field.spec.name


def _type(plan: ExpressPlan, field: FieldPlan) -> tuple[str, str]:
    """Prisma's type and the native one, `""` for the usual."""
    native = has_enums(plan)
    if field.target is not None:
        return ("Int" if field.target.key_python == "int" else "String"), field.target.key_type
    if field.enum:
        return (field.enum if native else "String"), ""
    if field.type == "uuid":
        return "String", "@db.Uuid" if native else ""
    if field.type == "decimal":
        digits, scale = precision_of(field)
        return "Decimal", f"@db.Decimal({digits}, {scale})" if native else ""
    if field.type == "date":
        return "DateTime", "@db.Date" if native else ""
    if field.type in TYPES:
        return TYPES[field.type], ""
    length = max(map(len, field.spec.values)) if field.type == "enum" else length_of(field)
    return "String", f"@db.VarChar({length})" if length and native else ""


def _default(plan: ExpressPlan, field: FieldPlan) -> str:
    """The default as the schema writes it, `""` for none."""
    if not field.spec.has_default or field.spec.default is None:
        return ""
    value = field.spec.default
    if field.enum:
        return str(value) if has_enums(plan) else json.dumps(value)
    if field.type == "boolean":
        return "true" if value else "false"
    if field.type in {"integer", "decimal", "float"}:
        return str(value)
    return "" if field.type in {"date", "datetime"} else json.dumps(str(value), ensure_ascii=False)


def _kept(plan: ExpressPlan) -> tuple[list[Column], list[Column]]:
    """The columns that every model here has, as the exemplar has them: its key first, and its times."""
    columns = plan.sibling.table.columns
    key = key_of(plan.sibling.table)
    times = [c for c in columns if c.type == "DateTime" and re.search(r"@default\(now\(\)\)|@updatedAt", c.source)]
    return [key], times


def model_text(plan: ExpressPlan) -> str:
    """The enums and the model, laid out as Prisma's formatter does."""
    key, times = _kept(plan)
    rows = [_split(c.source) for c in key]
    for field in plan.columns:
        kind, native = _type(plan, field)
        default = _default(plan, field)
        column = column_name(plan, field)
        given = [
            "@unique" if field.spec.unique else "",
            f"@default({default})" if default else "",
            f'@map("{column}")' if column != field.attr else "",
            native,
        ]
        rows.append((field.attr, kind + ("?" if is_null(field) else ""), " ".join(g for g in given if g)))
    rows += [_split(c.source) for c in times]
    for field in plan.columns:
        if field.target is not None:
            action = _ACTIONS[field.spec.on_delete]
            named = f'"{_relation(plan, field)}", ' if _relation(plan, field) else ""
            options = f"@relation({named}fields: [{field.attr}], references: [{field.target.key}], onDelete: {action})"
            rows.append((field.relation, field.target.entity + ("?" if is_null(field) else ""), options))
    blocks = [[*_aligned(rows)]]
    keyed = [f"@@unique([{', '.join(_attr(plan, n) for n in names)}])" for names in plan.unique_together]
    keyed += [f"@@index([{field.attr}])" for field in indexed(plan)]
    if plan.table != plan.name.pascal:
        keyed.append(f'@@map("{plan.table}")')
    if keyed:
        blocks.append([f"  {line}" for line in keyed])
    body = "\n\n".join("\n".join(block) for block in blocks)
    enums = [
        f"enum {f.enum} {{\n" + "".join(f"  {v}\n" for v in f.spec.values) + "}\n\n"
        for f in plan.fields
        if f.enum and has_enums(plan)
    ]
    return f"{''.join(enums)}model {plan.name.pascal} {{\n{body}\n}}\n"


def _attr(plan: ExpressPlan, name: str) -> str:
    return plan.field(name).attr


def indexed(plan: ExpressPlan) -> list[FieldPlan]:
    """The fields with an index of their own: what refers to others, what lists are filtered by, what was asked for."""
    filters = {plan.field(n).attr for n in plan.listing.filters}
    return [
        f for f in plan.columns if not f.spec.unique and (f.target is not None or f.spec.index or f.attr in filters)
    ]


def _split(source: str) -> tuple[str, str, str]:
    name, kind, *rest = source.split(None, 2)
    return name, kind, rest[0] if rest else ""


def _aligned(rows: list[tuple[str, str, str]]) -> Iterator[str]:
    names, kinds = max(len(r[0]) for r in rows), max(len(r[1]) for r in rows)
    for name, kind, rest in rows:
        yield f"  {name:<{names}} {kind:<{kinds}} {rest}".rstrip()


def _relation(plan: ExpressPlan, field: FieldPlan) -> str:
    """The name of a relation, which it needs where several lead to one model."""
    assert field.target is not None
    several = [f for f in plan.columns if f.target is not None and f.target.entity == field.target.entity]
    return f"{plan.name.pascal}{field.relation[:1].upper()}{field.relation[1:]}" if len(several) > 1 else ""


def schema_with(plan: ExpressPlan, text: str) -> str:
    """The schema with the model, and with the other side of each of its relations."""
    for field in plan.columns:
        if field.target is None:
            continue
        named = f' @relation("{_relation(plan, field)}")' if _relation(plan, field) else ""
        text = _with_line(text, field.target.entity, field.back, f"{plan.name.pascal}[]{named}")
    return f"{text.rstrip()}\n\n{model_text(plan)}"


def _with_line(text: str, entity: str, name: str, kind: str) -> str:
    """A field below the last one of a model, in line with it. Raises Unsupported where the model is not found."""
    found = re.search(rf"^model\s+{entity}\s*\{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise Unsupported(f"the model {entity} could not be found in the schema")
    lines = found[1].splitlines(keepends=True)
    fields = [n for n, line in enumerate(lines) if re.match(r"\s+\w+\s+\w", line)]
    last = fields[-1] if fields else -1
    above = re.match(r"(\s*)(\w+\s+)", lines[last]) if fields else None
    indent, width = (above[1], len(above[2])) if above is not None else ("  ", 0)
    lines.insert(last + 1, f"{indent}{name + ' ':<{width}}{kind}\n")
    return text[: found.start(1)] + "".join(lines) + text[found.end(1) :]


# --- the migration -----------------------------------------------------------------------------------------------------


def migration_name(plan: ExpressPlan, stamp: str) -> str:
    """The folder of the migration, after all there are."""
    known = sorted(basename(dirname(p)) for p in plan.index.paths if p.startswith(f"{plan.house.migrations}/"))
    last = max((k[:14] for k in known if re.match(r"\d{14}", k)), default="")
    if last >= stamp:
        stamp = str(int(last) + 1)
    return f"{plan.house.migrations}/{stamp}_add_{plan.name.snake_plural}/migration.sql"


def migration_text(plan: ExpressPlan) -> str:
    """What Prisma's own migration of this schema would be. Raises Unsupported for keys that it cannot spell."""
    if plan.house.provider not in {"postgresql", "sqlite"}:
        raise Unsupported(
            f"migrations for {plan.house.provider or 'this database'} are not written yet, only for PostgreSQL and SQLite",
            where=plan.house.schema,
        )
    sqlite = plan.house.provider == "sqlite"
    enums = "".join(
        f'-- CreateEnum\nCREATE TYPE "{f.enum}" AS ENUM ({", ".join(_quoted(v) for v in f.spec.values)});\n\n'
        for f in plan.fields
        if f.enum and not sqlite
    )
    key, times = _kept(plan)
    lines = [*(_kept_sql(plan, c) for c in key), *(_column_sql(plan, f) for f in plan.columns)]
    lines += [_kept_sql(plan, c) for c in times]
    ends = [] if sqlite else [f'CONSTRAINT "{_short(plan.table, "_pkey")}" PRIMARY KEY ("{key[0].name}")']
    if sqlite:
        if "autoincrement" not in key[0].source:
            lines[0] += " PRIMARY KEY"
        ends += [f"CONSTRAINT {_foreign(plan, f)}" for f in plan.columns if f.target is not None]
    parts = [*(f"    {line}" for line in lines)]
    gap = "\n" if not sqlite else ""
    table = ",\n".join(parts) + (f",\n{gap}" + ",\n".join(f"    {e}" for e in ends) if ends else "")
    text = f'{enums}-- CreateTable\nCREATE TABLE "{plan.table}" (\n{table}\n);\n'
    for unique, columns in _indexes(plan):
        name = _short(f"{plan.table}_{'_'.join(columns)}", "_key" if unique else "_idx")
        shown = ", ".join(f'"{c}"' for c in columns)
        kind = "UNIQUE INDEX" if unique else "INDEX"
        text += f'\n-- CreateIndex\nCREATE {kind} "{name}" ON "{plan.table}"({shown});\n'
    if not sqlite:
        for field in plan.columns:
            if field.target is not None:
                text += f'\n-- AddForeignKey\nALTER TABLE "{plan.table}" ADD CONSTRAINT {_foreign(plan, field)};\n'
    return text


def _indexes(plan: ExpressPlan) -> Iterator[tuple[bool, list[str]]]:
    yield from ((True, [column_name(plan, f)]) for f in plan.columns if f.spec.unique)
    yield from ((True, [column_name(plan, plan.field(n)) for n in names]) for names in plan.unique_together)
    yield from ((False, [column_name(plan, f)]) for f in indexed(plan))


def _short(name: str, suffix: str) -> str:
    return f"{name[: _LONGEST - len(suffix)]}{suffix}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _foreign(plan: ExpressPlan, field: FieldPlan) -> str:
    assert field.target is not None
    column = column_name(plan, field)
    name = _short(f"{plan.table}_{column}", "_fkey")
    key = key_of(field.target.facts).name
    action = field.spec.on_delete.upper().replace("_", " ")
    return f'"{name}" FOREIGN KEY ("{column}") REFERENCES "{field.target.table}"("{key}") ON DELETE {action} ON UPDATE CASCADE'


def _column_sql(plan: ExpressPlan, field: FieldPlan) -> str:
    kind, native = _type(plan, field)
    default = _default(plan, field)
    shown = ""
    if default:
        literal = _quoted(str(field.spec.default)) if default.startswith('"') or field.enum else default
        shown = f" DEFAULT {literal}"
        if field.type == "decimal":
            shown = f" DEFAULT {Decimal(default)}"
    null = "" if is_null(field) else " NOT NULL"
    return f'"{column_name(plan, field)}" {_sql(plan, kind, native)}{null}{shown}'


def _sql(plan: ExpressPlan, kind: str, native: str) -> str:
    if plan.house.provider == "sqlite":
        return _SQLITE[kind]
    found = re.match(r"@db\.(\w+)(\([^)]*\))?", native)
    if found is not None:
        return f"{found[1].upper()}{(found[2] or '').replace(', ', ',')}"
    return _SQL.get(kind, f'"{kind}"')


def _kept_sql(plan: ExpressPlan, column: Column) -> str:
    """A column as the exemplar has it: its key, its times."""
    native = re.search(r"@db\.\w+(\([^)]*\))?", column.source)
    kind = _sql(plan, column.type, native[0] if native else "")
    source, sqlite = column.source, plan.house.provider == "sqlite"
    if "autoincrement" in source:
        return f'"{column.name}" ' + ("INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT" if sqlite else "SERIAL NOT NULL")
    generated = re.search(r'dbgenerated\("([^"]+)"\)', source)
    default = " DEFAULT CURRENT_TIMESTAMP" if "now()" in source else f" DEFAULT {generated[1]}" if generated else ""
    return f'"{column.name}" {kind}{"" if column.nullable else " NOT NULL"}{default}'
