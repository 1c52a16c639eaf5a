"""Spells what requests may hold, with zod."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from backwright.kit.artifacts import FieldPlan
from backwright.kit.spelling import TEXTUAL, length_of, precision_of
from backwright.kit.templates import render
from backwright.stacks.express.decide import ExpressPlan
from backwright.stacks.express.errors import failure_imports
from backwright.stacks.express.imports import Bound, imports_of
from backwright.stacks.express.schema import is_null

_INT32 = 2147483647


def names_of_schemas(plan: ExpressPlan) -> dict[str, str]:
    """What schemas and types are called, as the exemplar's are: create, update, list, params, and `…_type`."""
    path = next((p for p in plan.index.files if p != plan.paths["schema"] and plan.like(p) == plan.paths["schema"]), "")
    shapes = [s for s in plan.index.symbols(path).values() if s.scope == ""] if path else []
    schema = next((s.name for s in shapes if re.match(r"(?i)create", s.name) and not s.is_shape), "")
    pattern = plan.like(schema) if schema else f"create{plan.name.pascal}Schema"
    typed = re.search(r"\btype\s+(\w*Create\w*)\s*=", plan.sources.read(path)) if path else None
    type_name = plan.like(typed[1]) if typed is not None else f"Create{plan.name.pascal}Input"
    out = {"create": pattern, "create_type": type_name}
    for role, verb in (("update", "update"), ("list", "list"), ("params", "")):
        named = plan.name.pascal_plural if role == "list" else plan.name.pascal
        ending = pattern.rpartition(plan.name.pascal)[2] or "Schema"
        extra = {"list": "Query", "params": "Params"}.get(role, "")
        start = verb or plan.name.camel
        out[role] = f"{start}{named if verb else ''}{extra}{ending}" if plan.name.pascal in pattern else f"{role}Schema"
        if schema and schema[:1].isupper():
            out[role] = out[role][:1].upper() + out[role][1:]
        shown = type_name.replace("Create", "Update") if role == "update" else f"List{plan.name.pascal_plural}Query"
        out[f"{role}_type"] = shown
    return out


def schema_text(plan: ExpressPlan) -> str:
    """The file of the schemas."""
    validation = plan.house.validation
    names = names_of_schemas(plan)
    like = next((p for p in plan.index.files if plan.like(p) == plan.paths["schema"]), plan.sibling.service)
    body = render(
        "express/schema.ts.jinja",
        ts=plan.house.layout.typed,
        esm=plan.house.layout.modules == "esm",
        names=names,
        creating=[(f.attr, _creating(plan, f)) for f in plan.fields],
        updating=[(f.attr, _updating(plan, f)) for f in plan.fields if f.spec.update],
        filters=[(plan.field(n).attr, _filtering(plan, plan.field(n))) for n in plan.listing.filters],
        sorts=sorts(plan),
        search=plan.listing.search,
        paging=plan.house.paging,
        listing=plan.listing,
        ops=plan.operations,
        key=_key(plan),
        key_name=key_name(plan),
        wrapped=validation.wrapped,
        handled=validation.handled,
        texts=any(f.type in TEXTUAL for f in plan.fields) or plan.listing.search,
        invalid=plan.house.failures.get(422 if 422 in plan.house.failures else 400),
        exported=_exported(plan, names),
    )
    own: tuple[Bound, ...] = (Bound("zod", "z", "z"), Bound("zod", "ZodType", "ZodType", typed=True))
    if not validation.handled:
        own += tuple(failure_imports(plan, plan.paths["schema"], {422 if 422 in plan.house.failures else 400}))
    return house_style(plan, f"{imports_of(plan, plan.paths['schema'], like, body, own)}\n\n{body.strip()}\n")


def _exported(plan: ExpressPlan, names: dict[str, str]) -> list[str]:
    roles = {"create": "create", "update": "update", "list": "list"}
    found = [names[r] for r, op in roles.items() if op in plan.operations]
    if {"get", "update", "delete"} & set(plan.operations):
        found.append(names["params"])
    return [*found, *([] if plan.house.validation.handled else ["parsed"])]


def key_name(plan: ExpressPlan) -> str:
    """The name of the key in addresses."""
    found = (e.key for e in plan.sibling.endpoints.values() if e.key)
    return plan.like(next(found, "id"))


def sorts(plan: ExpressPlan) -> list[tuple[str, str]]:
    """What a list is sorted by, as asked for and as the field is called."""
    return [(plan.field(n).attr, plan.field(n).attr) for n in plan.listing.sorts]


def house_style(plan: ExpressPlan, text: str) -> str:
    """A text in single quotes, two spaces and semicolons, as this house writes it."""
    layout = plan.house.layout
    if layout.quote == '"':
        text = re.sub(r"(?<![\\\w])'((?:[^'\"\\\n]|\\.)*)'", r'"\1"', text)
    if not layout.semicolon:
        text = re.sub(r";$", "", text, flags=re.MULTILINE)
    if layout.indent != "  ":
        text = re.sub(r"^(?:  )+", lambda m: layout.indent * (len(m[0]) // 2), text, flags=re.MULTILINE)
    return text


def _key(plan: ExpressPlan) -> str:
    if plan.key_type == "Int":
        return f"z.coerce.number().int().min(1).max({_INT32})"
    uuid = any("uuid" in c.source.lower() for c in plan.sibling.table.columns if "@id" in c.source)
    return _uuid(plan) if uuid else "z.string().min(1).max(64)"


def _uuid(plan: ExpressPlan) -> str:
    return "z.uuid()" if plan.house.validation.major >= 4 else "z.string().uuid()"


def _base(plan: ExpressPlan, field: FieldPlan) -> str:
    """What one value may be, in JSON."""
    spec, four = field.spec, plan.house.validation.major >= 4
    match field.type:
        case "enum":
            return f"z.enum([{', '.join(_quote(v) for v in spec.values)}])"
        case "boolean":
            return "z.boolean()"
        case "uuid":
            return _uuid(plan)
        case "date":
            day = "z.iso.date()" if four else "z.string().date()"
            return f"{day}.transform((value) => new Date(value))"
        case "datetime":
            moment = "z.iso.datetime({ offset: true })" if four else "z.string().datetime({ offset: true })"
            return f"{moment}.transform((value) => new Date(value))"
        case "integer" | "decimal" | "float":
            return f"z.number(){_bounds(field)}"
        case "ref":
            assert field.target is not None
            kinds = {"int": f"z.number().int().min(1).max({_INT32})", "uuid": _uuid(plan)}
            return kinds.get(field.target.key_python, "z.string().min(1).max(64)")
        case _:
            return _text(plan, field)


def _text(plan: ExpressPlan, field: FieldPlan) -> str:
    spec, four = field.spec, plan.house.validation.major >= 4
    start = "z.string()"
    if field.type == "email":
        start = "z.email()" if four else "z.string().email()"
    if field.type == "url":
        start = "z.url({ protocol: /^https?$/ })" if four else "z.string().url().regex(/^https?:/i)"
    if field.type == "slug":
        start = "z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)"
    longest = spec.max_length or length_of(field)
    least = f".min({spec.min_length})" if spec.min_length else ""
    most = f".max({longest})" if longest else ""
    return f"{start}{least}{most}.refine(isText, 'Must be text without NUL')"


def _bounds(field: FieldPlan) -> str:
    spec = field.spec
    low, high = spec.min, spec.max
    text = ".int()" if field.type == "integer" else ""
    if field.type == "integer":
        low, high = low or str(-_INT32 - 1), high or str(_INT32)
    if field.type == "decimal":
        digits, scale = precision_of(field)
        text = f".multipleOf({Decimal(1).scaleb(-scale):f})"
        widest = f"{Decimal(10) ** (digits - scale) - Decimal(1).scaleb(-scale):f}"
        low, high = low if low is not None else f"-{widest}", high or widest
    if low is not None:
        text += f".gt({low})" if spec.exclusive_min and spec.min is not None else f".min({low})"
    return text + (f".max({high})" if high is not None else "")


def _creating(plan: ExpressPlan, field: FieldPlan) -> str:
    text = _base(plan, field) + (".nullable()" if is_null(field) else "")
    if field.spec.has_default and field.spec.default is not None and field.type not in {"date", "datetime"}:
        return f"{text}.default({_literal(field)})"
    return f"{text}.optional()" if field.optional or (is_null(field) and not field.spec.required) else text


def _updating(plan: ExpressPlan, field: FieldPlan) -> str:
    return f"{_base(plan, field)}{'.nullable()' if is_null(field) else ''}.optional()"


def _filtering(plan: ExpressPlan, field: FieldPlan) -> str:
    if field.type == "boolean":
        return "z.enum(['true', 'false']).transform((value) => value === 'true').optional()"
    return f"{_base(plan, field).replace('z.number()', 'z.coerce.number()')}.optional()"


def _literal(field: FieldPlan) -> str:
    value = field.spec.default
    if field.type == "boolean":
        return "true" if value else "false"
    return str(value) if field.type in {"integer", "decimal", "float"} else _quote(str(value))


def _quote(value: str) -> str:
    return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
