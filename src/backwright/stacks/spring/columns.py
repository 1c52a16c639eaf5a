"""A field in the spellings of Java and of SQL: types, annotations, bounds, defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from backwright.kit.artifacts import FieldPlan
from backwright.kit.naming import snake
from backwright.kit.sqlwords import is_sql_word
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.reading import marks

TEXTUAL = ("string", "text", "email", "url", "slug")
_LENGTHS = {"string": 255, "text": 10000, "email": 254, "url": 2000, "slug": 255}
_TYPES = {
    "boolean": "Boolean",
    "integer": "Integer",
    "decimal": "BigDecimal",
    "float": "Double",
    "date": "LocalDate",
    "uuid": "UUID",
}
_MOMENTS = ("Instant", "OffsetDateTime", "ZonedDateTime", "LocalDateTime")


def moment(plan: SpringPlan) -> str:
    """The type of moments: what most fields of entities have, and `Instant` where that would forget the zone."""
    kinds = [
        f.annotation
        for d in plan.sources.classes.values()
        for c in d
        for f in c.symbol.fields
        if "Entity" in marks(c.symbol.decorators)
    ]
    counts = {kind: kinds.count(kind) for kind in _MOMENTS[:3]}
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] else "Instant"


def java_type(plan: SpringPlan, field: FieldPlan) -> str:
    """The type of a field in requests and responses."""
    if field.target is not None:
        return field.target.key_type
    if field.enum:
        return field.enum
    if field.type in TEXTUAL:
        return "String"
    if field.type == "datetime":
        return moment(plan)
    if field.type == "integer" and _is_long(field):
        return "Long"
    return _TYPES[field.type]


def _is_long(field: FieldPlan) -> bool:
    return any(bound is not None and abs(Decimal(bound)) > 2**31 - 1 for bound in (field.spec.min, field.spec.max))


def is_null(field: FieldPlan) -> bool:
    """Whether its column may hold nothing."""
    spec = field.spec
    return spec.nullable or (not spec.required and not spec.has_default)


def column_of(plan: SpringPlan, field: FieldPlan) -> str:
    """The name of its column, in another way where databases keep that name for themselves."""
    name = snake(field.attr)
    return f"{plan.name.snake}_{name}" if is_sql_word(name, "h2") else name


def length_of(field: FieldPlan) -> int:
    return field.spec.max_length or _LENGTHS.get(field.type, 255)


def digits_of(field: FieldPlan) -> tuple[int, int]:
    """Decimal digits in all, and those behind the point."""
    return field.spec.precision or 12, field.spec.scale if field.spec.scale is not None else 2


def column_marks(plan: SpringPlan, field: FieldPlan) -> Iterator[str]:
    """The annotations of a field of the entity."""
    name = column_of(plan, field)
    null = [] if is_null(field) else ["nullable = false"]
    unique = ["unique = true"] if field.spec.unique else []
    if field.target is not None:
        optional = "" if is_null(field) else ", optional = false"
        yield f"@ManyToOne(fetch = FetchType.LAZY{optional})"
        yield f"@JoinColumn({', '.join([_quoted_name(name), *null, *unique])})"
        return
    if field.enum:
        yield "@Enumerated(EnumType.STRING)"
    given = [*([_quoted_name(name)] if name != field.attr else []), *null, *unique]
    if field.type in TEXTUAL:
        given.append(f"length = {length_of(field)}")
    elif field.enum:
        given.append(f"length = {_enum_length(field)}")
    elif field.type == "decimal":
        precision, scale = digits_of(field)
        given.append(f"precision = {precision}, scale = {scale}")
    if not field.spec.update:
        given.append("updatable = false")
    if given:
        yield f"@Column({', '.join(given)})"


def _quoted_name(name: str) -> str:
    return f'name = "{name}"'


def _enum_length(field: FieldPlan) -> int:
    return max(20, *(len(v) for v in field.spec.values)) if field.spec.values else 20


def bounds(plan: SpringPlan, field: FieldPlan, *, required: bool) -> Iterator[str]:
    """The annotations of a field of a request."""
    spec = field.spec
    textual = field.type in TEXTUAL and field.target is None
    if required:
        yield "@NotBlank" if textual and (spec.min_length or 0) > 0 else "@NotNull"
    if textual:
        low = f"min = {spec.min_length}, " if spec.min_length else ""
        if field.type == "email":
            yield "@Email"
        if field.type == "url":
            yield "@URL"
        yield f"@Size({low}max = {length_of(field)})"
        yield from _patterns(plan, field)
    elif field.type == "decimal":
        precision, scale = digits_of(field)
        yield f"@Digits(integer = {precision - scale}, fraction = {scale})"
    if not textual:
        yield from _limits(field)


def _patterns(plan: SpringPlan, field: FieldPlan) -> Iterator[str]:
    if field.type == "slug":
        yield '@Pattern(regexp = "[a-z0-9]+(-[a-z0-9]+)*")'
    elif plan.house.build.database in {"postgresql", ""} and field.type in {"string", "text"}:
        yield '@Pattern(regexp = "[^\\\\x00]*", message = "must not contain NUL")'


def _limits(field: FieldPlan) -> Iterator[str]:
    low, high = field.spec.min, field.spec.max
    if field.type in {"decimal", "float"}:
        if low is not None:
            yield f"@DecimalMin({_bound(low, field.spec.exclusive_min)})"
        if high is not None:
            yield f'@DecimalMax("{high}")'
    elif field.type == "integer":
        suffix = "L" if _is_long(field) else ""
        if low is not None:
            yield f"@Min({int(Decimal(low)) + (1 if field.spec.exclusive_min else 0)}{suffix})"
        if high is not None:
            yield f"@Max({int(Decimal(high))}{suffix})"


def _bound(value: str, exclusive: bool) -> str:
    return f'value = "{value}", inclusive = false' if exclusive else f'"{value}"'


def default_of(plan: SpringPlan, field: FieldPlan) -> str:
    """The default as Java, `""` where there is none."""
    if not field.spec.has_default or field.spec.default is None:
        return ""
    value = field.spec.default
    if field.enum:
        return f"{field.enum}.{value}"
    kind = java_type(plan, field)
    if kind == "Boolean":
        return "true" if value in {True, "true", "True"} else "false"
    if kind == "BigDecimal":
        return f'new BigDecimal("{value}")'
    if kind == "Long":
        return f"{value}L"
    if kind == "Double":
        return str(float(str(value)))
    if kind in {"Integer"}:
        return str(value)
    if kind == "String":
        return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    now = str(value).lower() in {"now", "today"}
    return f"{kind}.now()" if now else f'{kind}.{"fromString" if kind == "UUID" else "parse"}("{value}")'


def sql_default(field: FieldPlan) -> str:
    """The default as SQL; moments are left to the application."""
    value = field.spec.default
    if not field.spec.has_default or value is None or field.type in {"date", "datetime", "uuid"}:
        return ""
    if field.type == "boolean":
        return "TRUE" if value in {True, "true", "True"} else "FALSE"
    if field.type in {"integer", "decimal", "float"}:
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def sql_type(plan: SpringPlan, field: FieldPlan) -> str:
    """The type of its column; of a reference, that is said by who knows the other table."""
    mysql = plan.house.build.database == "mysql"
    if field.type in TEXTUAL:
        return f"VARCHAR({length_of(field)})"
    if field.enum:
        return f"VARCHAR({_enum_length(field)})"
    if field.type == "decimal":
        precision, scale = digits_of(field)
        return f"NUMERIC({precision}, {scale})"
    if field.type == "integer":
        return "BIGINT" if _is_long(field) else "INTEGER"
    plain = {
        "boolean": "BOOLEAN",
        "date": "DATE",
        "float": "DOUBLE PRECISION",
        "uuid": "BINARY(16)" if mysql else "UUID",
    }
    if field.type == "datetime":
        return "DATETIME(6)" if mysql else "TIMESTAMP WITH TIME ZONE"
    return plain[field.type]


def constant(name: str) -> str:
    """A name as that of a constraint: no longer than databases keep."""
    return re.sub(r"_+", "_", name)[:60]
