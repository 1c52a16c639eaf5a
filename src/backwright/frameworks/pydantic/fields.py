"""Spelling request and response fields with their constraints."""

from __future__ import annotations

from decimal import Decimal

from backwright.kit.artifacts import FieldPlan, ResourcePlan
from backwright.kit.spelling import INT32_MAX, KEY_TYPES, TEXTUAL, default_source, length_of, precision_of, python_type

# Helper types that a schema module gets once, when a field needs them.
SUPPORT = {
    "SafeText": '# PostgreSQL cannot store NUL.\nSafeText = Annotated[str, StringConstraints(pattern=r"^[^\\x00]*$")]',
    "EmailText": 'EmailText = Annotated[str, StringConstraints(pattern=r"^[^@\\s\\x00]+@[^@\\s\\x00]+\\.[^@\\s\\x00]+$")]',
    "Slug": 'Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]',
    "WebAddress": (
        "def _web_address(value: str) -> str:\n"
        '    """Checked as an address, kept as it was written."""\n'
        "    TypeAdapter(AnyHttpUrl).validate_python(value)\n"
        "    return value\n\n\n"
        "WebAddress = Annotated[str, AfterValidator(_web_address)]"
    ),
    "UtcDatetime": (
        "def _in_utc(value: datetime) -> datetime:\n"
        "    return value.astimezone(timezone.utc)\n\n\n"
        "UtcDatetime = Annotated[AwareDatetime, AfterValidator(_in_utc)]"
    ),
}
IMPORTS = (
    "from pydantic import AfterValidator, AnyHttpUrl, AwareDatetime, BaseModel, ConfigDict, EmailStr, Field",
    "from pydantic import FiniteFloat, StringConstraints, TypeAdapter, model_validator",
)


def input_type(field: FieldPlan, *, emails: bool = True) -> str:
    """The annotation of a field in a request."""
    if field.target is not None and field.target.key_python == "str":
        return "SafeText"
    match field.type:
        case "string" | "text":
            return "SafeText"
        case "email":
            return "EmailStr" if emails else "EmailText"
        case "url":
            return "WebAddress"
        case "slug":
            return "Slug"
        case "datetime":
            return "UtcDatetime"
        case "float":
            return "FiniteFloat"
        case _:
            return python_type(field)


def output_type(field: FieldPlan) -> str:
    """The annotation of a field in a response."""
    return python_type(field) + (" | None" if field.spec.nullable else "")


def constraints(field: FieldPlan) -> list[str]:
    """Arguments of `Field(...)` that bound a value."""
    spec, out = field.spec, []
    if field.type in TEXTUAL:
        if spec.min_length:
            out.append(f"min_length={spec.min_length}")
        length = spec.max_length if field.type == "text" else length_of(field)
        if length:
            out.append(f"max_length={length}")
    elif field.type in {"integer", "decimal", "float"}:
        out += _bounds(field)
    elif field.target is not None and field.target.key_python == "int":
        out += ["ge=1", f"le={INT32_MAX if 'Big' not in field.target.key_type else '2**63 - 1'}"]
    elif field.target is not None and field.target.key_python == "str":
        out.append("max_length=255")
    return out


def _bounds(field: FieldPlan) -> list[str]:
    spec, out = field.spec, []
    if spec.min is not None:
        out.append(f"{'gt' if spec.exclusive_min else 'ge'}={_number(field, spec.min)}")
    elif field.type == "integer":
        out.append("ge=-(2**31)")
    if spec.max is not None and not _implied(field):
        out.append(f"le={_number(field, spec.max)}")
    elif spec.max is None and field.type == "integer":
        out.append(f"le={INT32_MAX}")
    if field.type == "decimal":
        precision, scale = precision_of(field)
        out += [f"max_digits={precision}", f"decimal_places={scale}"]
    return out


def _implied(field: FieldPlan) -> bool:
    """Whether the digits of a decimal allow no more than its maximum anyway."""
    if field.type != "decimal" or field.spec.max is None:
        return False
    precision, scale = precision_of(field)
    return Decimal(field.spec.max) == Decimal(10) ** (precision - scale) - Decimal(1).scaleb(-scale)


def _number(field: FieldPlan, text: str) -> str:
    if field.type == "decimal" and "." in text:
        return f'Decimal("{text}")'
    return str(int(float(text))) if field.type == "integer" else text


def exact_bounds(field: FieldPlan, kind: str, arguments: list[str]) -> tuple[str, list[str]]:
    """Decimal bounds moved from `Field` into the annotation, for an ORM whose `Field` takes floats only."""
    moved = [a for a in arguments if "Decimal(" in a]
    names = {"ge": "Ge", "gt": "Gt", "le": "Le"}
    marks = [f"{names[a.partition('=')[0]]}({a.partition('=')[2]})" for a in moved]
    if not marks:
        return kind, arguments
    return f"Annotated[{kind}, {', '.join(marks)}]", [a for a in arguments if a not in moved]


def create_line(field: FieldPlan, *, emails: bool = True, extra: tuple[str, ...] = (), exact: bool = False) -> str:
    """The field in a create request; `extra` are further arguments of `Field` (an ORM's), `exact` see `exact_bounds`."""
    spec = field.spec
    optional = " | None" if spec.nullable else ""
    bounds = constraints(field)
    kind = input_type(field, emails=emails)
    if exact:
        kind, bounds = exact_bounds(field, kind, bounds)
    arguments = [*bounds, *extra]
    default = ""
    if spec.has_default:
        default = default_source(field)
    elif not spec.required:
        default = "None"
    name = field.attr
    if not arguments:
        return f"{name}: {kind}{optional}" + (f" = {default}" if default else "")
    given = [f"default={default}"] if default else []
    return f"{name}: {kind}{optional} = Field({', '.join([*given, *arguments])})"


def update_line(field: FieldPlan, *, emails: bool = True, exact: bool = False) -> str:
    """The field in an update request: always optional."""
    arguments = constraints(field)
    inner = input_type(field, emails=emails)
    if exact:
        inner, arguments = exact_bounds(field, inner, arguments)
    kind = f"{field.attr}: {inner} | None"
    return f"{kind} = Field({', '.join(['default=None', *arguments])})" if arguments else f"{kind} = None"


def read_lines(plan: ResourcePlan) -> list[str]:
    """The fields of a response, in the order of the entity."""
    lines = [f"{plan.key}: {KEY_TYPES[plan.key_python]}"]
    lines += [f"{f.attr}: {output_type(f)}" for f in plan.columns]
    lines += [f"{c.name}: datetime{' | None' if c.nullable else ''}" for c in plan.house.model.timestamps]
    return lines


def support(plan: ResourcePlan, path: str) -> list[str]:
    """The helper types that the fields need and that the file does not have yet."""
    emails = has_emails(plan)
    needed = dict.fromkeys(input_type(f, emails=emails) for f in plan.fields)
    have = plan.index.symbols(path)
    texts = [SUPPORT[n] for n in needed if n in SUPPORT and n not in have]
    has_utc = int(plan.house.target.removeprefix("py3") or "0") >= 11
    return [t.replace("timezone.utc", "UTC") if has_utc else t for t in texts]


def not_null(plan: ResourcePlan) -> list[str]:
    """Updatable attributes that may be left out of an update but not be null."""
    return [f.attr for f in plan.fields if f.spec.update and not f.spec.nullable]


def has_emails(plan: ResourcePlan) -> bool:
    """Whether the project can use EmailStr: it does already, or declares what it needs."""
    if any(i.name == "EmailStr" for p in plan.index.files for i in plan.index.imports(p)):
        return True
    return any(
        "email-validator" in t or "email_validator" in t or "pydantic[email" in t or "fastapi[" in t
        for t in plan.index.texts.values()
    )
