"""Spells the migration: the table with its rules and indexes, and the way down."""

from __future__ import annotations

import re
from decimal import Decimal
from posixpath import basename

from backwright.core.facts import Column
from backwright.kit.artifacts import FieldPlan
from backwright.kit.spelling import length_of, precision_of
from backwright.stacks.axum.decide import AxumPlan, sql_type

_TYPES = {
    "boolean": "BOOLEAN", "integer": "INTEGER", "float": "DOUBLE PRECISION", "date": "DATE", "datetime": "TIMESTAMPTZ",
    "uuid": "UUID", "text": "TEXT",
}  # fmt: skip
_ACTIONS = {"restrict": "RESTRICT", "cascade": "CASCADE", "set_null": "SET NULL"}
_LONGEST = 63  # bytes of a name in PostgreSQL


def is_null(field: FieldPlan) -> bool:
    """Whether a row may have nothing there."""
    return field.spec.nullable or (not field.spec.required and not field.spec.has_default)


def native_enums(plan: AxumPlan) -> bool:
    """Whether enums are types of the database here."""
    texts = (t for p, t in plan.index.texts.items() if p.endswith(".sql"))
    return any(re.search(r"(?i)\bCREATE\s+TYPE\b[^;]*\bAS\s+ENUM\b", text) for text in texts)


def enum_type(plan: AxumPlan, field: FieldPlan) -> str:
    """The type in the database of an enum."""
    return f"{plan.name.snake}_{field.attr}" if native_enums(plan) else "varchar"


def times_of(plan: AxumPlan) -> list[Column]:
    """The columns of the exemplar that note when a row was made and changed."""
    return [
        c
        for c in plan.sibling.table.columns
        if re.match(r"(?i)timestamp", c.type) and re.search(r"(?i)\bDEFAULT\s+(now|CURRENT_TIMESTAMP)", c.source)
    ]


def changed_at(plan: AxumPlan) -> str:
    """The column that notes when a row was changed, `""` where there is none."""
    return next((c.name for c in times_of(plan) if re.search(r"updat|modif|chang", c.name)), "")


def generated_key(plan: AxumPlan) -> bool:
    """Whether the database makes keys."""
    return bool(re.search(r"(?i)GENERATED|SERIAL|DEFAULT", plan.key.source))


def file_names(plan: AxumPlan, stamp: str) -> tuple[str, str]:
    """The files of the way up and of the way down, `""` where the house has none: after all there are, named alike."""
    known = [basename(p) for p in plan.index.paths if p.startswith(f"{plan.house.migrations}/")]
    numbers = [m[1] for m in (re.match(r"(\d+)_", k) for k in known) if m is not None]
    last = max(numbers, key=int, default="0")
    if len(last) < len(stamp):
        stamp = f"{int(last) + 1:0{len(last)}d}"
    elif last >= stamp:
        stamp = str(int(last) + 1)
    own = [re.sub(r"^\d+_|(\.(up|down))?\.sql$", "", k) for k in known if re.match(r"\d+_.*\.sql$", k)]
    named = next((plan.like(k) for k in own if plan.like(k) != k), f"create_{plan.name.snake_plural}")
    named = f"create_{plan.name.snake_plural}" if re.search(r"add|alter|drop|index", named) else named
    base = f"{plan.house.migrations}/{stamp}_{named}"
    return (f"{base}.up.sql", f"{base}.down.sql") if plan.house.reversible else (f"{base}.sql", "")


def up_text(plan: AxumPlan) -> str:
    """The table, in the case in which this project writes SQL."""
    own = [_column(plan, f) for f in plan.columns]
    lines = [" ".join(plan.key.source.split()), *own, *(" ".join(c.source.split()) for c in times_of(plan))]
    if not re.search(r"(?i)PRIMARY\s+KEY", lines[0]):
        lines[0] += " PRIMARY KEY"
    for names in plan.unique_together:
        lines.append(f"UNIQUE ({', '.join(plan.field(n).attr for n in names)})")
    enums = [
        f"CREATE TYPE {enum_type(plan, f)} AS ENUM ({_values(f)});\n\n"
        for f in plan.fields
        if f.enum and native_enums(plan)
    ]
    text = f"{''.join(enums)}CREATE TABLE {plan.table} (\n" + ",\n".join(f"    {line}" for line in lines) + "\n);\n"
    indexed = [f"CREATE INDEX {_short(f'{plan.table}_{f.attr}')} ON {plan.table} ({f.attr});\n" for f in _indexed(plan)]
    return _cased(plan, text + ("\n" if indexed else "") + "".join(indexed))


def down_text(plan: AxumPlan) -> str:
    """What takes it away again."""
    types = [f"DROP TYPE {enum_type(plan, f)};\n" for f in plan.fields if f.enum and native_enums(plan)]
    return _cased(plan, f"DROP TABLE {plan.table};\n{''.join(types)}")


def _cased(plan: AxumPlan, text: str) -> str:
    """In small letters where this project writes SQL so, what is quoted aside."""
    known = " ".join(t for p, t in plan.index.texts.items() if p.endswith(".sql"))
    if len(re.findall(r"\bcreate table\b", known)) <= len(re.findall(r"\bCREATE TABLE\b", known)):
        return text
    parts = re.split(r"('(?:[^']|'')*')", text)
    return "".join(part if n % 2 else part.lower() for n, part in enumerate(parts))


def _indexed(plan: AxumPlan) -> list[FieldPlan]:
    """The fields with an index of their own: what refers to others, what lists are filtered by, what was asked for."""
    filters = {plan.field(n).attr for n in plan.listing.filters}
    return [
        f for f in plan.columns if not f.spec.unique and (f.target is not None or f.spec.index or f.attr in filters)
    ]


def _short(name: str) -> str:
    return f"{name[: _LONGEST - 4]}_idx"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _values(field: FieldPlan) -> str:
    return ", ".join(_quoted(v) for v in field.spec.values)


def _column(plan: AxumPlan, field: FieldPlan) -> str:
    parts = [field.attr, _type(plan, field)]
    if not is_null(field):
        parts.append("NOT NULL")
    if field.spec.unique:
        parts.append("UNIQUE")
    default = _default(field)
    if default:
        parts.append(f"DEFAULT {default}")
    if field.target is not None:
        action = _ACTIONS[field.spec.on_delete]
        parts.append(f"REFERENCES {field.target.table} ({field.target.key}) ON DELETE {action}")
    check = _check(plan, field)
    return " ".join([*parts, *([f"CHECK ({check})"] if check else [])])


def _type(plan: AxumPlan, field: FieldPlan) -> str:
    if field.target is not None:
        return sql_type(next(c for c in field.target.facts.columns if c.name == field.target.key))
    if field.type == "enum":
        return enum_type(plan, field) if native_enums(plan) else f"VARCHAR({max(map(len, field.spec.values))})"
    if field.type == "decimal":
        digits, scale = precision_of(field)
        return f"NUMERIC({digits}, {scale})"
    return _TYPES.get(field.type) or f"VARCHAR({length_of(field)})"


def _default(field: FieldPlan) -> str:
    value = field.spec.default
    if not field.spec.has_default or value is None or field.type in {"date", "datetime"}:
        return ""
    if field.type == "boolean":
        return "TRUE" if value else "FALSE"
    return str(value) if field.type in {"integer", "decimal", "float"} else _quoted(str(value))


def _check(plan: AxumPlan, field: FieldPlan) -> str:
    """The rule of a column in the database."""
    spec, name = field.spec, field.attr
    if field.type == "enum":
        return "" if native_enums(plan) else f"{name} IN ({_values(field)})"
    if field.type in {"integer", "decimal", "float"}:
        low = f"{name} {'>' if spec.exclusive_min else '>='} {Decimal(spec.min):f}" if spec.min is not None else ""
        high = f"{name} <= {Decimal(spec.max):f}" if spec.max is not None else ""
        return " AND ".join(part for part in (low, high) if part)
    return ""
