"""The types a field can have, its numbers and defaults, and its spelling: `decimal(10,2):min=0`."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import msgspec

from backwright.core.request import FieldSpec, FieldType

Said = dict[str, Any]  # what a spelling says of a FieldSpec, and no more

TYPES: dict[str, FieldType] = {
    **dict.fromkeys(("str", "string", "varchar", "char"), "string"),
    **dict.fromkeys(("text", "longtext", "clob"), "text"),
    **dict.fromkeys(("int", "integer", "bigint", "smallint"), "integer"),
    **dict.fromkeys(("bool", "boolean", "flag"), "boolean"),
    **dict.fromkeys(("decimal", "money", "numeric"), "decimal"),
    **dict.fromkeys(("float", "double", "real"), "float"),
    **dict.fromkeys(("datetime", "timestamp", "timestamptz"), "datetime"),
    **dict.fromkeys(("json", "jsonb"), "json"),
    **dict.fromkeys(("enum", "choice", "choices"), "enum"),
    **dict.fromkeys(("ref", "fk", "belongs_to", "reference", "references"), "ref"),
    "date": "date",
    "uuid": "uuid",
    "email": "email",
    "url": "url",
    "slug": "slug",
}
SHORT = {"string": "str", "integer": "int", "boolean": "bool"}  # how we spell what has several spellings
TEXTUAL = frozenset({"string", "text", "email", "url", "slug"})
NUMERIC = frozenset({"integer", "decimal", "float"})


def number(text: str) -> str:
    """A number as exact canonical text: `0`, `-1.5`, `999999.99`. Raises ValueError."""
    try:
        value = Decimal(text.strip().replace("_", ""))
    except InvalidOperation:
        raise ValueError(f"'{text}' is not a number") from None
    if not value.is_finite() or abs(value.adjusted()) > 40 or len(value.as_tuple().digits) > 60:
        raise ValueError(f"'{text}' is no number that a database keeps")
    plain = format(value.normalize(), "f")
    return "0" if plain in ("-0", "0") else plain


def default_of(kind: FieldType, text: str) -> Any:
    """A default as the field's type wants it: int, bool, float, JSON, else text. Raises ValueError with the reason."""
    match kind:
        case "boolean":
            if text.lower() not in ("true", "false", "yes", "no", "1", "0"):
                raise ValueError(f"'{text}' is neither true nor false")
            return text.lower() in ("true", "yes", "1")
        case "integer":
            if not re.fullmatch(r"[-+]?\d{1,40}", text):
                raise ValueError(f"'{text}' is not a whole number")
            return int(text)
        case "decimal":
            return number(text)
        case "float":
            return float(number(text))
        case "json":
            return _json(text)
        case "ref":
            raise ValueError("a reference has no default")
        case "date":
            return date.fromisoformat(text).isoformat()
        case "datetime":
            return datetime.fromisoformat(text).isoformat()
        case "uuid":
            return str(UUID(text))
        case _:
            return text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def make_field(name: str, said: Said) -> FieldSpec:
    """The field with what its spelling implies: a default makes it optional, optional without default is nullable."""
    field = FieldSpec(name=name, **said)
    required = field.required and not field.has_default
    precision = field.precision
    if field.type == "decimal" and field.scale is not None and precision is None:
        whole = max((len(bound.lstrip("-").split(".")[0]) for bound in (field.min, field.max) if bound), default=0)
        precision = max(10, whole + field.scale)
    nullable = field.nullable or not (required or field.has_default)
    return msgspec.structs.replace(field, required=required, nullable=nullable, precision=precision)


def spell(field: FieldSpec) -> str:
    """The spelling of a field without its name; `read_spelling` of it gives the field back."""
    options = [_spell_type(field)]
    if field.type not in ("integer", "float") or field.exclusive_min:
        if field.min is not None:
            options.append(f"{'gt' if field.exclusive_min else 'min'}={field.min}")
        if field.max is not None:
            options.append(f"max={field.max}")
    options += [flag for flag in ("unique", "index") if getattr(field, flag)]
    options += [] if field.update else ["immutable"]
    options += [field.on_delete] if field.on_delete != "restrict" else []
    options += ["nullable"] if field.nullable and field.required else []
    text = ":".join(options) + ("?" if field.nullable and not field.required else "")
    return f"{text}={_spell_default(field)}" if field.has_default else text


def _spell_type(field: FieldSpec) -> str:
    word = SHORT.get(field.type, field.type)
    low, high = field.min_length, field.max_length
    if low is not None or high is not None:
        return f"{word}({high})" if low is None else f"{word}({low}..{'' if high is None else high})"
    if field.type == "enum":
        return f"enum({','.join(_quoted(v) for v in field.values)})"
    if field.type == "ref":
        return f"ref({field.ref})"
    if field.precision is not None:
        return f"decimal({field.precision},{field.scale or 0})"
    if field.type in ("integer", "float") and not field.exclusive_min and (field.min or field.max):
        return f"{word}({field.min or ''}..{field.max or ''})"
    return word


def _spell_default(field: FieldSpec) -> str:
    if isinstance(field.default, bool):
        return str(field.default).lower()
    if field.type == "json":
        return json.dumps(field.default)
    return _quoted(str(field.default))


def _quoted(text: str) -> str:
    if re.fullmatch(r"[\w.+-]+", text):
        return text
    return f"'{text}'" if '"' in text else f'"{text}"'
