"""One field in the classes that declare those of its resource: bounded, optional or plain, as each of them does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from backwright.core.facts import Field
from backwright.frameworks.pydantic.fields import constraints, exact_bounds, has_emails
from backwright.kit.artifacts import Emission, FieldPlan, Splice
from backwright.kit.declarations import read_annotation
from backwright.kit.field_edit import ClassPlace, FieldEdit
from backwright.kit.spelling import TYPE_IMPORTS, default_source, python_type
from backwright.kit.templates import render
from backwright.kit.union_style import in_style_of

_IMPORTS = (
    "from pydantic import AwareDatetime, EmailStr, Field, FiniteFloat, field_validator",
    "from annotated_types import Ge, Gt, Le",
    "from typing import Any, Optional",
)
_SLUG, _WEB = r'pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$"', r'pattern=r"^https?://\S+$"'


def emit_schema_fields(
    edit: FieldEdit, texts: Mapping[str, str], columns: Mapping[str, tuple[str, ...]]
) -> Iterator[Emission]:
    """A line in each class; `columns` are the arguments that make it a column too, by class (SQLModel)."""
    field = edit.field
    if edit.action != "add" or field is None:
        return
    for place in edit.places:
        text = texts[place.path]
        line = in_style_of(text, _line(edit, field, place, text, columns.get(place.name, ())))
        imports = [*TYPE_IMPORTS, *_IMPORTS]
        if field.enum and place.path != edit.path:
            imports.append(f"from {edit.resource.module('model')} import {field.enum}")
        because = f"{field.attr} in {place.name}"
        yield Splice(place.path, place.after.start, place.after.end, line, because, "below", tuple(imports))
        if place.role == "update" and not field.spec.nullable and field.spec.update:
            yield from _refused(edit, field, place, text)


def _refused(edit: FieldEdit, field: FieldPlan, place: ClassPlace, text: str) -> Iterator[Emission]:
    """Null is refused where others are: in their list, else by a check of its own."""
    because = f"{field.attr} may not be null in {place.name}"
    for last in place.refused:
        yield Splice(place.path, last.end, last.end, f', "{field.attr}"', because)
    if place.refused or not place.partial or place.stored:
        return
    method = render("pydantic/refuse_null.py.jinja", name=field.attr)
    body = "\n".join(f"    {line}" if line else line for line in method.strip("\n").splitlines())
    yield Splice(place.path, place.body.end, place.body.end, f"\n\n{body}", because, "in", _IMPORTS)


def _line(edit: FieldEdit, field: FieldPlan, place: ClassPlace, text: str, column: tuple[str, ...]) -> str:
    optional = " | None" if field.spec.nullable or place.role == "update" else ""
    if place.role == "read":
        kind = python_type(field)
        return f"{field.attr}: {kind}{optional}"
    kind, bounds = _input(edit, field, place)
    if place.stored:
        kind, bounds = exact_bounds(field, kind, bounds)
    default = "None" if place.role == "update" else ""
    if not default and field.spec.has_default:
        default = default_source(field)
    elif not default and not field.spec.required:
        default = "None"
    arguments = [*bounds, *column]
    if not arguments:
        return f"{field.attr}: {kind}{optional}" + (f" = {default}" if default else "")
    bare = re.search(r"\bField\((?!\s*default\b)(?:None|\"|\d|True|False)", text) and "Field(default=" not in text
    given = [default if bare else f"default={default}"] if default else []
    return f"{field.attr}: {kind}{optional} = Field({', '.join([*given, *arguments])})"


def _input(edit: FieldEdit, field: FieldPlan, place: ClassPlace) -> tuple[str, list[str]]:
    """(annotation, bounds) of a request's field: the annotation of a field beside it of the same kind."""
    bounds = constraints(field)
    match field.type:
        case "string" | "text":
            return _text_type(place.siblings), bounds
        case "email":
            return (
                ("EmailStr", bounds)
                if has_emails(edit.resource)
                else ("str", [*bounds, r'pattern=r"^[^@\s]+@[^@\s]+$"'])
            )
        case "url":
            return "str", [*bounds, _WEB]
        case "slug":
            return "str", [*bounds, _SLUG]
        case "datetime":
            return ("datetime" if place.stored else "AwareDatetime"), bounds
        case "float":
            return "FiniteFloat", bounds
    return python_type(field), bounds


def _text_type(siblings: tuple[Field, ...]) -> str:
    """`str`, or the house's own kind of it."""
    for sibling in siblings:
        inner = read_annotation(sibling.annotation_expr).inner
        bounded = sibling.value_expr is not None and any(
            k in {"min_length", "max_length"} for k in sibling.value_expr.keys
        )
        if bounded and re.fullmatch(r"\w*(?:[Tt]ext|[Ss]tr|String)", inner) and inner not in {"EmailStr", "SecretStr"}:
            return inner
    return "str"
