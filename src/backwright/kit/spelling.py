"""How Python spells the neutral field types: annotations, defaults, enum members, sample values."""

from __future__ import annotations

import json
import re
import tokenize
from decimal import Decimal
from io import StringIO

from backwright.kit.artifacts import FieldPlan

INT32_MAX = "2**31 - 1"
_TYPES = {
    "string": "str",
    "text": "str",
    "email": "str",
    "url": "str",
    "slug": "str",
    "uuid": "uuid.UUID",
    "boolean": "bool",
    "integer": "int",
    "decimal": "Decimal",
    "float": "float",
    "date": "date",
    "datetime": "datetime",
    "json": "dict[str, Any]",
}
KEY_TYPES = {"int": "int", "uuid": "uuid.UUID", "str": "str"}
# More than any one module needs: the formatter drops what is unused.
TYPE_IMPORTS = (
    "from datetime import UTC, date, datetime, timedelta, timezone",
    "from decimal import Decimal",
    "from enum import Enum, StrEnum",
    "from typing import Annotated, Any, Literal",
    "import uuid",
)
TEXTUAL = frozenset({"string", "text", "email", "url", "slug"})
STRING_LENGTH = 255
EMAIL_LENGTH = 254
URL_LENGTH = 2048


def python_type(field: FieldPlan) -> str:
    """The plain annotation: `str`, `Decimal`, the enum's class, the type of the target's key."""
    if field.target is not None:
        return KEY_TYPES[field.target.key_python]
    return field.enum or _TYPES[field.type]


def length_of(field: FieldPlan) -> int | None:
    """Characters that a textual column holds; None for unlimited text."""
    if field.spec.max_length is not None and field.type != "text":
        return field.spec.max_length
    return {"string": STRING_LENGTH, "email": EMAIL_LENGTH, "url": URL_LENGTH, "slug": STRING_LENGTH}.get(field.type)


def precision_of(field: FieldPlan) -> tuple[int, int]:
    """(digits in all, digits behind the point) of a decimal; wide enough for its bounds."""
    scale = field.spec.scale if field.spec.scale is not None else 2
    widest = max((len(str(abs(int(Decimal(v))))) for v in (field.spec.min, field.spec.max) if v is not None), default=0)
    return field.spec.precision or max(10, widest + scale), scale


def member(value: str) -> str:
    """The enum member of a value: `in-progress` is IN_PROGRESS."""
    name = re.sub(r"\W+", "_", value).strip("_").upper()
    return f"VALUE_{name}" if not name or name[0].isdigit() else name


def default_source(field: FieldPlan) -> str:
    """The default as source, for a field that has one."""
    value = field.spec.default
    if field.enum and value is not None:
        return f"{field.enum}.{member(str(value))}"
    match field.type:
        case "decimal" if value is not None:
            return f'Decimal("{value}")'
        case "boolean" if isinstance(value, str):
            return str(value.lower() in {"true", "yes", "1"})
        case "integer" if value is not None:
            return str(int(value))
        case "float" if value is not None:
            return str(float(value))
        case "date" if value is not None:
            return f'date.fromisoformat("{value}")'
        case "datetime" if value is not None:
            return f'datetime.fromisoformat("{value}")'
        case _:
            return repr(value)


def enum_source(field: FieldPlan, target: str, *, qualified: bool = False) -> str:
    """The enum class; StrEnum where the project's Python has it. `qualified` where `Enum` means something else in the file."""
    older = "str, enum.Enum" if qualified else "str, Enum"
    base = "StrEnum" if int(target.removeprefix("py3") or "11") >= 11 else older
    lines = [f"class {field.enum}({base}):"]
    lines += [f"    {member(v)} = {v!r}".replace("'", '"') for v in field.spec.values]
    return "\n".join(lines)


def quoted(text: str) -> str:
    """A text as Python source."""
    return json.dumps(text, ensure_ascii=False)


def server_default_source(field: FieldPlan, value: str, prefix: str = "") -> str:
    """A value as SQLAlchemy's `server_default` wants it; `prefix` stands before its functions (`sa.`)."""
    if field.type == "boolean":
        return f"{prefix}true()" if value.lower() in {"true", "1", "yes"} else f"{prefix}false()"
    return quoted(value)


def gap(call: str) -> str:
    """What comes before one more argument at the end of source that ends with a call, which may hold comments."""
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
    code = [t.string for t in tokenize.generate_tokens(StringIO(call).readline) if t.type not in skipped]
    if code[-2] in {"(", ","}:
        return "" if code[-2] == "(" or call[-2].isspace() else " "
    return ", "
