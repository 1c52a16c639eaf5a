"""Sample values for tests: valid ones, and ones that must be refused."""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from backwright.core.facts import Column, Table
from backwright.kit.artifacts import FieldPlan, ResourcePlan
from backwright.kit.spelling import TEXTUAL, length_of, member, precision_of

UNIQUE = "uuid.uuid4().hex"


def valid(field: FieldPlan) -> str:
    """The source of a valid JSON value."""
    spec = field.spec
    match field.type:
        case "string" | "text":
            return _text(field)
        case "email":
            return f'f"{{{UNIQUE}}}@example.com"' if spec.unique else '"someone@example.com"'
        case "url":
            return f'f"https://example.com/{{{UNIQUE}}}"' if spec.unique else '"https://example.com/page"'
        case "slug":
            return UNIQUE if spec.unique else '"a-slug"'
        case "uuid":
            return "str(uuid.uuid4())"
        case "enum":
            return f'"{spec.values[0]}"'
        case "boolean":
            return "True"
        case "integer" | "decimal" | "date" | "datetime" if spec.unique and (different := _different(field)):
            return different
        case "integer":
            return str(_number(field))
        case "decimal":
            return f'"{_number(field)}"'
        case "float":
            return str(float(_number(field)))
        case "date":
            return '"2030-01-15"'
        case "datetime":
            return '"2030-01-15T12:00:00Z"'
        case "json":
            return '{"note": "anything"}'
        case _:
            return f'references["{field.attr}"]'


def _text(field: FieldPlan) -> str:
    spec = field.spec
    longest = spec.max_length or length_of(field) or 60
    if spec.unique:
        return f"{UNIQUE}[:{longest}]" if longest < 32 else _padded(UNIQUE, 32, spec.min_length or 0)
    text = f"A {spec.name.replace('_', ' ')}"[:longest]
    return f'"{text.ljust(spec.min_length or 0, "x")}"'


def _different(field: FieldPlan) -> str:
    """The source of a value that differs from call to call; `""` where the bounds leave too few of them."""
    if field.type in {"date", "datetime"}:
        day = "date.fromordinal(730_000 + uuid.uuid4().int % 30_000)"
        return f"str({day})" if field.type == "date" else f'f"{{{day}}}T12:00:00Z"'
    low = int(Decimal(field.spec.min)) + 2 if field.spec.min is not None else 2
    digits = precision_of(field) if field.type == "decimal" else (9, 0)
    high = min(
        int(Decimal(field.spec.max)) if field.spec.max is not None else 2**31 - 1, 10 ** (digits[0] - digits[1]) - 1
    )
    if high - low < 10_000:
        return ""
    number = f"{low} + uuid.uuid4().int % {high - low}"
    return f"str({number})" if field.type == "decimal" else number


def _padded(source: str, length: int, shortest: int) -> str:
    return source if shortest <= length else f'{source}.ljust({shortest}, "x")'


def _number(field: FieldPlan) -> Decimal | int:
    """A number inside the bounds, near their lower end."""
    low = Decimal(field.spec.min) if field.spec.min is not None else Decimal(1)
    high = Decimal(field.spec.max) if field.spec.max is not None else low + 1000
    value = min(low + 10, high) if low + 10 <= high else high
    if field.type == "integer":
        return int(value)
    scale = precision_of(field)[1] if field.type == "decimal" else 1
    exact = value.quantize(Decimal(1).scaleb(-scale)) if scale else value.quantize(Decimal(1))
    return exact if exact <= high else high


def other(field: FieldPlan) -> str | None:
    """The source of a second valid value, different from the first; None where there is none."""
    spec = field.spec
    match field.type:
        case "string" | "text" if not spec.unique:
            longest = spec.max_length or length_of(field) or 60
            text = f"Another {spec.name.replace('_', ' ')}"[:longest]
            return f'"{text.ljust(spec.min_length or 0, "y")}"'
        case "enum":
            return f'"{spec.values[-1]}"' if len(spec.values) > 1 else None
        case "boolean":
            return "False"
        case "email" if not spec.unique:
            return '"another@example.com"'
        case "url" if not spec.unique:
            return '"https://example.com/another"'
        case "slug" if not spec.unique:
            return '"another-slug"'
        case "date":
            return '"2031-02-16"'
        case "datetime":
            return '"2031-02-16T12:00:00Z"'
        case "decimal" | "integer" | "float":
            low = Decimal(spec.min) if spec.min is not None else Decimal(1)
            if spec.exclusive_min:
                low += 1
            if field.type == "decimal":
                return f'"{low.quantize(Decimal(1).scaleb(-precision_of(field)[1]))}"'
            return str(int(low)) if field.type == "integer" else str(float(low))
        case _:
            return None


def steady(field: FieldPlan) -> bool:
    """Whether answers show a value as it was sent: times of day may come back in another zone."""
    return field.type != "datetime"


def spread(plan: ResourcePlan) -> tuple[FieldPlan, ...]:
    """The fields as values are made up for them: what is unique together differs from row to row."""
    chosen = set()
    for group in plan.unique_together:
        members = [plan.field(name) for name in group]
        if not any(f.spec.unique for f in members):
            chosen |= {f.attr for f in members if "uuid.uuid4" in valid(_unique(f))}
    return tuple(_unique(f) if f.attr in chosen else f for f in plan.fields)


def _unique(field: FieldPlan) -> FieldPlan:
    return structs.replace(field, spec=structs.replace(field.spec, unique=True))


def repeatable(plan: ResourcePlan) -> bool:
    """Whether two made-up rows can stand side by side: whatever has to differ between them does."""
    varied = {f.attr for f in spread(plan) if "uuid.uuid4" in valid(f)}
    groups = [{plan.field(n).attr for n in group} for group in plan.unique_together]
    return all(f.attr in varied for f in plan.unique) and all(g & varied for g in groups)


def refused(field: FieldPlan) -> list[str]:
    """The sources of values that must be refused."""
    spec, out = field.spec, []
    if field.type in TEXTUAL:
        out.append("{}")
        length = spec.max_length or length_of(field)
        if length:
            out.append(f'"x" * {length + 1}')
        if spec.min_length:
            out.append(f'"{"x" * (spec.min_length - 1)}"')
        if field.type in {"string", "text"}:
            out.append('"a\\x00b"')
    elif field.type in {"integer", "decimal", "float", "date", "datetime", "boolean", "enum", "uuid"} or (
        field.target is not None and field.target.key_python != "str"
    ):
        out.append('"nonsense"')
    if spec.min is not None:
        low = Decimal(spec.min) - (1 if not spec.exclusive_min else 0)
        out.append(f'"{low}"' if field.type == "decimal" else str(low))
    if spec.max is not None:
        out.append(f'"{Decimal(spec.max) + 1}"' if field.type == "decimal" else str(Decimal(spec.max) + 1))
    if spec.required and not spec.nullable:
        out.append("None")
    return out


def column_value(column: Column) -> str | None:
    """The source of a value for a required column of an existing entity; None when its type is not understood."""
    text = f"{column.python} {column.type}".lower()
    unique = "uuid.uuid4().hex"
    if "email" in column.name or "emailstr" in text:
        return f'f"{{{unique}}}@example.com"'
    if "bool" in text:
        return "True"
    if "uuid" in text:
        return "uuid.uuid4()"
    if "datetime" in text or "timestamp" in text:
        return "datetime.now(timezone.utc)"
    if "date" in text:
        return "date(2030, 1, 15)"
    if any(t in text for t in ("decimal", "numeric")):
        return 'Decimal("1")'
    if any(t in text for t in ("float", "double")):
        return "1.0"
    if any(
        t in text.split() or text.strip().startswith(t) or f" {t}" in text
        for t in ("int", "integer", "biginteger", "smallinteger")
    ):
        return "1"
    if any(t in text for t in ("str", "text", "unicode", "varchar", "char")):
        digits = "".join(c for c in column.type if c.isdigit())
        return f"{unique}[:{digits}]" if digits and int(digits) < 32 else unique
    if "json" in text or "dict" in text:
        return "{}"
    return None


def required_columns(table: Table) -> list[Column]:
    """The columns that a new row must be given a value for."""
    out = []
    for column in table.columns:
        generated = column.primary_key and (
            ("int" in f"{column.python} {column.type}".lower()) or bool(column.default or column.server_default)
        )
        if column.nullable or column.default or column.server_default or generated:
            continue
        out.append(column)
    return out


def constructed(field: FieldPlan) -> tuple[str, tuple[str, ...]]:
    """The source of a valid value for a constructor, with the imports that it needs."""
    value = valid(field)
    match field.type:
        case "decimal":
            return f"Decimal({value})", ("from decimal import Decimal", "import uuid")
        case "date" if value.startswith('"'):
            return f"date.fromisoformat({value})", ("from datetime import date",)
        case "datetime":
            return "datetime.now(timezone.utc)", ("from datetime import datetime, timezone",)
        case "uuid":
            return "uuid.uuid4()", ("import uuid",)
        case "enum":
            return f"{field.enum}.{member(field.spec.values[0])}", ()
    return value, ("import uuid", "from datetime import date")
