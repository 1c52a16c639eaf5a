"""Spells the struct of a row, its enums, and what requests may hold."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from backwright.core.errors import Unsupported
from backwright.kit.artifacts import FieldPlan
from backwright.kit.index import Definition
from backwright.kit.naming import camel, pascal
from backwright.kit.spelling import TEXTUAL, length_of, precision_of
from backwright.kit.templates import render
from backwright.stacks.axum.decide import AxumPlan
from backwright.stacks.axum.imports import imports_of
from backwright.stacks.axum.migration import enum_type, is_null, times_of
from backwright.stacks.axum.names import (
    answer_type,
    create_struct,
    custom_rule,
    derives,
    own_types,
    struct_of,
    type_names,
)

_TYPES = {
    "boolean": "bool", "integer": "i32", "float": "f64", "decimal": "Decimal", "date": "NaiveDate", "uuid": "Uuid",
    "datetime": "DateTime<Utc>",
}  # fmt: skip
_KEPT = (
    "Debug",
    "Clone",
    "Serialize",
    "Deserialize",
    "serde::Serialize",
    "serde::Deserialize",
    "FromRow",
    "sqlx::FromRow",
)


def rust_type(field: FieldPlan) -> str:
    """The plain type: `String`, `Decimal`, the enum, the key of what is referred to."""
    if field.target is not None:
        return field.target.key_python.rpartition("::")[2]
    return field.enum or _TYPES.get(field.type, "String")


def files_of(plan: AxumPlan) -> dict[str, str]:
    """Path to text of the files of the row and of the requests, those aside that stand with the handlers."""
    found = create_struct(plan)
    like = {plan.paths["requests"]: found.path if found is not None else plan.sibling.model}
    like[plan.paths["model"]] = like.get(plan.paths["model"], plan.sibling.model)
    out = {}
    for path in dict.fromkeys((plan.paths["model"], plan.paths["requests"])):
        if path != plan.paths["handlers"]:
            body = re.sub(r"\n{3,}", "\n\n", "\n".join(parts_of(plan, path))).strip()
            out[path] = f"{imports_of(plan, like[path], body, own_types(plan))}\n\n{body}\n"
    return out


def parts_of(plan: AxumPlan, path: str) -> tuple[str, str]:
    """What a file holds of the row and the requests, and their tests, which stand last."""
    text = _row(plan) if path == plan.paths["model"] else ""
    if path == plan.paths["requests"]:
        text += "\n" + render("axum/requests.rs.jinja", **request_values(plan))
    shapes, mark, tests = text.partition("#[cfg(test)]")
    return shapes, mark + tests


def _row(plan: AxumPlan) -> str:
    exemplar = struct_of(plan, plan.sibling.name.pascal)
    assert exemplar is not None, "a resource is one only with such a struct"
    derived, others = _attributes(plan, exemplar)
    if not any(d.endswith("FromRow") for d in derived):
        derived.append("FromRow")
    if not answer_type(plan) and not any(d.endswith("Serialize") for d in derived):
        derived.append("Serialize")
    return render(
        "axum/row.rs.jinja",
        name=plan.name.pascal,
        derived=derived,
        attributes=others,
        enums=[_enum(plan, f) for f in plan.fields if f.enum],
        key=_kept(plan, exemplar, plan.key.name),
        fields=[(f.attr, f"Option<{rust_type(f)}>" if is_null(f) else rust_type(f)) for f in plan.columns],
        times=[_kept(plan, exemplar, c.name) for c in times_of(plan)],
    )


def _attributes(plan: AxumPlan, definition: Definition) -> tuple[list[str], list[str]]:
    """What a struct derives, and what serde is told about it."""
    text = plan.sources.above(definition.path, definition.symbol)
    found = re.findall(r"derive\(([^)]*)\)", text)
    derived = [d.strip() for part in found for d in part.split(",")]
    return [d for d in derived if d in _KEPT], re.findall(r"#\[serde\(rename_all\s*=\s*\"\w+\"\)\]", text)


def _kept(plan: AxumPlan, definition: Definition, column: str) -> str:
    """A field as the exemplar has it, with its attributes. Raises Unsupported where it has none for the column."""
    text = plan.sources.of(definition)
    found = re.search(
        rf"((?:^[ \t]*#\[[^\n]*\n)*)^[ \t]*(?:pub(?:\([^)]*\))?\s+)?{column}\s*:\s*([^\n]+?),?\s*$", text, re.M
    )
    if found is None:
        where = f"{definition.path}:{definition.symbol.loc.line}"
        raise Unsupported(f"{definition.symbol.name} has no field for the column {column}", where=where)
    if column == plan.key.name and found[2].rpartition("::")[2] not in {"i64", "i32", "Uuid", "String"}:
        where = f"{definition.path}:{definition.symbol.loc.line}"
        raise Unsupported(f"keys have a type of their own here ({found[2]}), which is not spelled yet", where=where)
    attributes = "\n".join(line.strip() for line in found[1].splitlines())
    return f"{attributes}\npub {column}: {found[2]}".strip()


def key_kind(plan: AxumPlan) -> str:
    """The type of the key as the exemplar's struct has it."""
    exemplar = struct_of(plan, plan.sibling.name.pascal)
    assert exemplar is not None
    return _kept(plan, exemplar, plan.key.name).rpartition(": ")[2].rpartition("::")[2]


def _enum(plan: AxumPlan, field: FieldPlan) -> dict[str, object]:
    return {"name": field.enum, "type": enum_type(plan, field), "values": [(v, variant(v)) for v in field.spec.values]}


def variant(value: str) -> str:
    """The variant of a value."""
    named = pascal(value)
    return named if named[:1].isalpha() and named != "Self" else f"V{named}"


def request_values(plan: AxumPlan) -> dict[str, object]:
    """What the template of requests needs."""
    names = type_names(plan)
    found = create_struct(plan)
    attributes = _attributes(plan, found)[1] if found is not None else []
    cased = any("camelCase" in a for a in attributes)
    derived = derives(plan)
    changed = [f for f in plan.fields if f.spec.update]
    answer = answer_type(plan)
    return {
        "names": names,
        "attributes": attributes,
        "derives": derived,
        "creating": [_creating(f, _attribute(plan, f, derived=derived)) for f in plan.fields],
        "updating": [_updating(f, _attribute(plan, f, derived=derived)) for f in changed],
        "nulls": any(is_null(f) for f in changed),
        "defaults": [(f"default_{f.attr}", rust_type(f), _default(f)) for f in plan.fields if _has_default(f)],
        "rules": []
        if not {"create", "update"} & set(plan.operations)
        else [
            {"name": f"check_{f.attr}", "type": "str" if _text(f) else rust_type(f), "tests": tests, "attr": f.attr}
            for f in plan.fields
            if (tests := conditions(f))
        ],
        "create_rules": _rules(plan.fields, update=False),
        "update_rules": _rules(tuple(changed), update=True),
        "ops": plan.operations,
        "list": {
            "filters": [(plan.field(n).attr, rust_type(plan.field(n))) for n in plan.listing.filters],
            "sorts": [(camel(a) if cased else a, pascal(a)) for a in (plan.field(n).attr for n in plan.listing.sorts)],
            "search": plan.listing.search,
            "paginate": plan.listing.paginate,
        },
        "paging": plan.house.paging,
        "sort_type": f"{plan.name.pascal}Sort",
        "answer": answer,
        "answer_fields": _answer_fields(plan) if answer else [],
        "row": plan.name.pascal,
        "tested": _tested(plan) if {"create", "update"} & set(plan.operations) else [],
    }


def _answer_fields(plan: AxumPlan) -> list[tuple[str, str]]:
    exemplar = struct_of(plan, plan.sibling.name.pascal)
    assert exemplar is not None
    own = [(f.attr, f"Option<{rust_type(f)}>" if is_null(f) else rust_type(f)) for f in plan.columns]
    kept = [plan.key.name, *(c.name for c in times_of(plan))]
    lines = {c: _kept(plan, exemplar, c).rpartition(": ")[2] for c in kept}
    first, *times = kept
    return [(first, lines[first]), *own, *((c, lines[c]) for c in times)]


def _text(field: FieldPlan) -> bool:
    return field.type in TEXTUAL


def _has_default(field: FieldPlan) -> bool:
    spec = field.spec
    return spec.has_default and spec.default is not None and field.type not in {"date", "datetime"}


def _default(field: FieldPlan) -> str:
    value = field.spec.default
    match field.type:
        case "enum":
            return f"{field.enum}::{variant(str(value))}"
        case "boolean":
            return "true" if value else "false"
        case "decimal":
            return decimal(str(value))
        case "float":
            return f"{float(value)!r}"
        case "integer":
            return str(value)
        case _:
            return f"{json.dumps(str(value), ensure_ascii=False)}.to_string()"


def decimal(text: str) -> str:
    """A decimal as Rust makes it without a macro."""
    number = Decimal(text)
    scale = max(0, -int(number.as_tuple().exponent))
    return f"Decimal::new({int(number.scaleb(scale))}, {scale})"


def _attribute(plan: AxumPlan, field: FieldPlan, *, derived: bool) -> list[str]:
    return [custom_rule(plan, f"check_{field.attr}")] if derived and conditions(field) else []


def _creating(field: FieldPlan, attributes: list[str]) -> dict[str, object]:
    kind = rust_type(field)
    if _has_default(field):
        attributes.append(f'#[serde(default = "default_{field.attr}")]')
    elif field.optional or is_null(field):
        kind = f"Option<{kind}>"
    return {"attr": field.attr, "type": kind, "attributes": attributes}


def _updating(field: FieldPlan, attributes: list[str]) -> dict[str, object]:
    attributes.append('#[serde(default, deserialize_with = "given")]')
    inner = f"Option<{rust_type(field)}>" if is_null(field) else rust_type(field)
    return {"attr": field.attr, "type": f"Option<{inner}>", "attributes": attributes}


def _rules(fields: tuple[FieldPlan, ...], *, update: bool) -> list[dict[str, object]]:
    """How each rule is asked about a request: what stands for the value within its options."""
    out: list[dict[str, object]] = []
    for field in fields:
        if conditions(field):
            depth = (
                int(is_null(field)) + 1
                if update
                else int(not _has_default(field) and (field.optional or is_null(field)))
            )
            pattern = "value"
            for _ in range(depth):
                pattern = f"Some({pattern})"
            out.append({"attr": field.attr, "pattern": pattern if depth else ""})
    return out


def conditions(field: FieldPlan) -> list[tuple[str, str]]:
    """What must not be true of a `value`, and what is said then."""
    spec = field.spec
    if _text(field):
        found = [("value.contains('\\0')", "must not hold NUL")]
        longest = spec.max_length or length_of(field)
        if spec.min_length:
            short = "value.is_empty()" if spec.min_length == 1 else f"value.chars().count() < {spec.min_length}"
            least = "must not be empty" if spec.min_length == 1 else f"must have at least {spec.min_length} characters"
            found.append((short, least))
        if longest:
            found.append((f"value.chars().count() > {longest}", f"must have at most {longest} characters"))
        return [*found, *_shapes(field)]
    if field.type == "decimal":
        return _decimal(field)
    if field.type in {"integer", "float"}:
        found = []
        if spec.min is not None:
            sign = "<=" if spec.exclusive_min else "<"
            found.append((f"*value {sign} {_number(field, spec.min)}", f"must be at least {spec.min}"))
        if spec.max is not None:
            found.append((f"*value > {_number(field, spec.max)}", f"must be at most {spec.max}"))
        return found
    return []


def _shapes(field: FieldPlan) -> list[tuple[str, str]]:
    match field.type:
        case "email":
            host = "!host.starts_with('.') && !host.ends_with('.') && !host.contains('@')"
            good = f"!name.is_empty() && host.contains('.') && {host} && !value.contains(char::is_whitespace)"
            split = f"!matches!(value.split_once('@'), Some((name, host)) if {good})"
            return [(split, "must be an email address")]
        case "url":
            whole = "!value.contains(char::is_whitespace)"
            head = 'value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"))'
            return [
                (
                    f"!matches!({head}, Some(host) if !host.is_empty() && !host.starts_with('/') && {whole})",
                    "must be an address that begins with http:// or https://",
                )
            ]
        case "slug":
            part = "part.is_empty() || !part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())"
            return [(f"value.split('-').any(|part| {part})", "must be small letters, digits and single hyphens")]
        case _:
            return []


def _decimal(field: FieldPlan) -> list[tuple[str, str]]:
    spec = field.spec
    digits, scale = precision_of(field)
    widest = Decimal(10) ** (digits - scale) - Decimal(1).scaleb(-scale)
    low, high = (
        spec.min if spec.min is not None else f"{-widest:f}",
        spec.max if spec.max is not None else f"{widest:f}",
    )
    sign = "<=" if spec.exclusive_min and spec.min is not None else "<"
    return [
        (f"*value {sign} {decimal(low)}", f"must be {'more than' if sign == '<=' else 'at least'} {low}"),
        (f"*value > {decimal(high)}", f"must be at most {high}"),
        (f"value.normalize().scale() > {scale}", f"must have at most {scale} digits behind the point"),
    ]


def _number(field: FieldPlan, text: str) -> str:
    return f"{float(text)!r}" if field.type == "float" else str(int(Decimal(text)))


def _tested(plan: AxumPlan) -> list[dict[str, str]]:
    """Values that the rules must refuse, one for each field that has one."""
    out = []
    for field in plan.fields:
        spec, longest = field.spec, field.spec.max_length or length_of(field)
        bad = ""
        if _text(field):
            bad = f'&"x".repeat({longest + 1})' if longest else '"a\\0b"'
        elif field.type == "decimal":
            bad = f"&{_decimal(field)[1][0].removeprefix('*value > ')}.saturating_add(Decimal::ONE)"
        elif field.type in {"integer", "float"} and conditions(field):
            edge = spec.min if spec.min is not None else spec.max
            assert edge is not None
            step = Decimal(edge) - 1 if spec.min is not None else Decimal(edge) + 1
            bad = f"&{_number(field, str(step))}"
        if bad:
            out.append({"rule": f"check_{field.attr}", "attr": field.attr, "bad": bad})
    return out
