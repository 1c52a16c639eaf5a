"""What rows that exist get in a new column that may not be null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported
from backwright.core.facts import Table
from backwright.kit.artifacts import FieldPlan
from backwright.kit.spelling import TEXTUAL, length_of

_PER_ROW = 20  # digits that the key of a row may have


@dataclass(frozen=True)
class Backfill:
    """`value` is text as the database has it, None where nothing is to fill; `per_row`: it comes from the key of each row."""

    value: str | None = None
    per_row: bool = False
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()


def backfill_of(field: FieldPlan, table: Table, settings: Mapping[str, str], where: str) -> Backfill:
    """Raises Unsupported for a value that has to differ from row to row and cannot be made from the key."""
    spec = field.spec
    if spec.nullable:
        return Backfill()
    if spec.unique:
        _refuse_same(field, table, where)
        said = Assumption(
            "backfill", "key", "rows that exist get a value from their key, since no two may be the same", ()
        )
        return Backfill("key", per_row=True, assumptions=(said,))
    if "backfill" in settings:
        return Backfill(settings["backfill"])
    if spec.has_default:
        return Backfill(_default(field))
    value = _neutral(field)
    if value is None:
        text = f"which {field.spec.ref or field.attr} do rows that exist get? Or let it be empty: {spec.name}?"
        return Backfill(questions=(Question("backfill", text, "high", ()),))
    because = "the column may not be null; rows that exist, and those that the version before still writes, get it"
    return Backfill(value, assumptions=(Assumption("backfill", value or "''", because, ("…",)),))


def _refuse_same(field: FieldPlan, table: Table, where: str) -> None:
    key = next((c for c in table.columns if c.primary_key), None)
    text = f"{key.python} {key.type}".lower() if key is not None else ""
    room = 36 if "uuid" in text or "str" in text else _PER_ROW
    longest = length_of(field) if field.type == "string" else None
    fits = (field.type in {"string", "text"} and (longest is None or longest >= room)) or (
        field.type == "integer" and "int" in text and field.spec.max is None
    )  # fmt: skip
    if not fits:
        raise Unsupported(
            f"`{field.attr}` may be neither null nor the same twice: nothing is known that rows which exist could get",
            where=where,
            hints=(f"let it be empty: {field.spec.name}:…:unique?",),
        )


def _default(field: FieldPlan) -> str:
    value = field.spec.default
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _neutral(field: FieldPlan) -> str | None:
    """A value inside the bounds that says least; None where there is none."""
    spec = field.spec
    if field.enum:
        return spec.values[0]
    if field.type in TEXTUAL:
        plain = {"email": "unknown@example.com", "url": "https://example.com", "slug": "unknown"}.get(field.type, "")
        return plain or "-" * (spec.min_length or 0)
    if field.type in {"integer", "decimal", "float"}:
        low = Decimal(spec.min) + (1 if spec.exclusive_min else 0) if spec.min is not None else Decimal(0)
        high = Decimal(spec.max) if spec.max is not None else max(low, Decimal(0))
        return format(min(max(low, Decimal(0)), high), "f")
    plain_values = {"boolean": "false", "date": "1970-01-01", "datetime": "1970-01-01T00:00:00+00:00", "json": "{}"}
    if field.type == "uuid":
        return "00000000-0000-0000-0000-000000000000"
    return plain_values.get(field.type)
