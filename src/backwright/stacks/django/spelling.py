"""How Django's ORM spells the neutral field types, in a model and in a migration."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from backwright.core.errors import Unsupported
from backwright.kit.artifacts import FieldPlan
from backwright.kit.spelling import length_of, member, precision_of, quoted
from backwright.stacks.django.decide import DjangoPlan

_CLASSES = {
    "string": "CharField",
    "text": "TextField",
    "email": "EmailField",
    "url": "URLField",
    "uuid": "UUIDField",
    "slug": "SlugField",
    "enum": "CharField",
    "boolean": "BooleanField",
    "integer": "IntegerField",
    "decimal": "DecimalField",
    "float": "FloatField",
    "date": "DateField",
    "datetime": "DateTimeField",
    "json": "JSONField",
}
_ON_DELETE = {"restrict": "PROTECT", "cascade": "CASCADE", "set_null": "SET_NULL"}
IMPORTS = (
    "from datetime import date, datetime",
    "from decimal import Decimal",
    "from django.conf import settings",
    "from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator",
    "from django.db import models",
    "import uuid",
)


@dataclass(frozen=True)
class Spelt:
    """A field's class and arguments, as source (`@` marks one by its place). `in_migration` are those that differ there."""

    kind: str
    arguments: dict[str, str]
    in_migration: dict[str, str]

    def model(self) -> str:
        return f"models.{self.kind}({_joined(self.arguments)})"

    def migration(self) -> str:
        return f"models.{self.kind}({_joined({**self.arguments, **self.in_migration})})"


def _joined(arguments: dict[str, str]) -> str:
    given = {key: value for key, value in arguments.items() if value}
    return ", ".join(value if key.startswith("@") else f"{key}={value}" for key, value in given.items())


def spelt(field: FieldPlan, plan: DjangoPlan) -> Spelt:
    """The field as the ORM has it. Raises Unsupported for a bound that it cannot keep."""
    spec = field.spec
    arguments: dict[str, str] = {}
    migrated: dict[str, str] = {}
    kind = _CLASSES.get(spec.type, "ForeignKey")
    if spec.type == "ref":
        arguments |= _reference(field, plan, migrated)
    elif kind in {"CharField", "EmailField", "URLField", "SlugField"}:
        longest = length_of(field) if spec.type != "enum" else max(20, *(len(v) for v in spec.values))
        arguments["max_length"] = str(longest)
    elif kind == "TextField" and spec.max_length is not None:
        arguments["max_length"] = str(spec.max_length)
    elif kind == "DecimalField":
        digits, places = precision_of(field)
        arguments |= {"max_digits": str(digits), "decimal_places": str(places)}
    elif kind == "IntegerField" and spec.min is not None and Decimal(spec.min) >= 0:
        kind = "PositiveIntegerField"
    if kind in {"IntegerField", "PositiveIntegerField"} and _wide(field):
        kind = {"IntegerField": "BigIntegerField", "PositiveIntegerField": "PositiveBigIntegerField"}[kind]
    if spec.type == "enum":
        arguments["choices"] = f"{field.enum}.choices"
        migrated["choices"] = "[" + ", ".join(f'({quoted(v)}, "{_label(v)}")' for v in spec.values) + "]"
    if spec.nullable or (not spec.required and not spec.has_default):
        arguments |= {"null": "True", "blank": "True"}
    if spec.has_default and spec.default is not None:
        arguments |= _default(field, migrated)
    if spec.unique and spec.type == "ref":
        kind = "OneToOneField"
    elif spec.unique:
        arguments["unique"] = "True"
    elif spec.type not in {"ref", "slug"} and (spec.index or spec.name in plan.listing.filters):
        arguments["db_index"] = "True"
    validators = _validators(field)
    if validators:
        arguments["validators"] = f"[{', '.join(validators)}]"
        migrated["validators"] = f"[{', '.join(f'django.core.validators.{v}' for v in validators)}]"
    return Spelt(kind, arguments, migrated)


def _reference(field: FieldPlan, plan: DjangoPlan, migrated: dict[str, str]) -> dict[str, str]:
    assert field.target is not None
    user = plan.house.auth.user
    is_user = user is not None and field.target.entity == user.name and field.target.ref.module == user.module
    rule = _ON_DELETE.get(field.spec.on_delete)
    if rule is None:
        raise Unsupported(f"on_delete `{field.spec.on_delete}` of `{field.spec.name}` has no spelling in Django's ORM")
    if rule == "SET_NULL" and field.spec.required and not field.spec.nullable:
        raise Unsupported(f"`{field.spec.name}` is required, and so cannot become null when its target goes")
    migrated["on_delete"] = f"django.db.models.deletion.{rule}"
    migrated["@to"] = ""
    label = plan.app.label if field.target.path and _same_app(field, plan) else _label_of(field, plan)
    migrated["to"] = "settings.AUTH_USER_MODEL" if is_user else f'"{label}.{field.target.entity.lower()}"'
    back = {"related_name": f'"{field.back}"'}
    return {
        "@to": "settings.AUTH_USER_MODEL" if is_user else field.target.ref.name,
        "on_delete": f"models.{rule}",
        **back,
    }


def _same_app(field: FieldPlan, plan: DjangoPlan) -> bool:
    return field.target is not None and field.target.path.startswith(f"{plan.app.folder}/") and not plan.app.new


def _label_of(field: FieldPlan, plan: DjangoPlan) -> str:
    from backwright.kit.django.migrations import migrations_of_django
    from backwright.stacks.django.resources import app_of

    assert field.target is not None
    return migrations_of_django(plan.index).label(app_of(field.target.path))


def _wide(field: FieldPlan) -> bool:
    return any(v is not None and abs(Decimal(v)) > 2**31 - 1 for v in (field.spec.min, field.spec.max))


def _label(value: str) -> str:
    return value.replace("_", " ").replace("-", " ").capitalize().replace('"', '\\"')


def _default(field: FieldPlan, migrated: dict[str, str]) -> dict[str, str]:
    value = field.spec.default
    match field.type:
        case "enum":
            migrated["default"] = quoted(str(value))
            return {"default": f"{field.enum}.{member(str(value))}"}
        case "boolean":
            return {"default": str(value if isinstance(value, bool) else str(value).lower() in {"true", "yes", "1"})}
        case "integer":
            return {"default": str(int(value))}
        case "float":
            return {"default": str(float(value))}
        case "decimal":
            return {"default": f'Decimal("{value}")'}
        case "string" | "text" | "email" | "url" | "slug":
            return {"default": quoted(str(value))}
        case "json" if value in ({}, []):
            return {"default": "dict" if value == {} else "list"}
        case "date":
            return {"default": f'date.fromisoformat("{value}")'} | _moment(field, migrated)
    raise Unsupported(f"the default {value!r} of `{field.spec.name}` has no spelling in Django's ORM")


def _moment(field: FieldPlan, migrated: dict[str, str]) -> dict[str, str]:
    from datetime import date

    day = date.fromisoformat(str(field.spec.default))
    migrated["default"] = f"datetime.date({day.year}, {day.month}, {day.day})"
    return {}


def _validators(field: FieldPlan) -> list[str]:
    spec = field.spec
    if spec.type in {"integer", "decimal", "float"}:
        low, high = _bound(field, spec.min, exclusive=spec.exclusive_min), _bound(field, spec.max, exclusive=False)
        return [
            *([f"MinValueValidator({low})"] if low else []),
            *([f"MaxValueValidator({high})"] if high else []),
        ]
    return [f"MinLengthValidator({spec.min_length})"] if (spec.min_length or 0) > 1 else []


def _bound(field: FieldPlan, value: str | None, *, exclusive: bool) -> str:
    if value is None:
        return ""
    number = Decimal(value)
    if exclusive and field.type == "integer":
        number += 1
    elif exclusive and field.type == "decimal":  # the next number that has so many places
        number += Decimal(1).scaleb(-precision_of(field)[1])
    if field.type == "integer":
        return str(int(number))
    if number == number.to_integral_value():
        return str(int(number))
    return f'Decimal("{number}")' if field.type == "decimal" else str(float(number))


def enum_source(field: FieldPlan) -> list[str]:
    """The lines of the `TextChoices` of a field."""
    lines = [f"    class {field.enum}(models.TextChoices):"]
    return [*lines, *(f'        {member(v)} = {quoted(v)}, "{_label(v)}"' for v in field.spec.values), ""]
