"""Spells the tests of the endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from backwright.frameworks.pytest.samples import other, valid
from backwright.kit.artifacts import Emission, FieldPlan, Piece
from backwright.kit.django.models import models
from backwright.kit.spelling import length_of, precision_of
from backwright.kit.templates import render
from backwright.stacks.django.addresses import ends_with_slash, prefix_of
from backwright.stacks.django.decide import DjangoPlan
from backwright.stacks.django.guarding import hides
from backwright.stacks.django.mounting import has_own_segment, included_as, segment_of
from backwright.stacks.django.resources import Views
from backwright.stacks.django.rows import Row, row_of
from backwright.stacks.django.users import user_model

_IMPORTS = (
    "from datetime import date, timedelta",
    "import uuid",
    "import pytest",
    "from django.contrib.auth import get_user_model",
    "from rest_framework.test import APIClient, APITestCase",
)


def untested_because(plan: DjangoPlan) -> str:
    """Why there are no tests; `""` where there are."""
    if plan.house.tests is None or prefix_of(plan.index, plan.sibling.mounts[0], plan.read) is None:
        return "it was not found under which address the exemplar is reached"
    missing = next((f.attr for f, row in _references(plan) if row is None), "")
    return f"it was not found how a row is made that `{missing}` could refer to" if missing else ""


def _references(plan: DjangoPlan) -> list[tuple[FieldPlan, Row | None]]:
    views = Views(plan.index, plan.read)
    found: list[tuple[FieldPlan, Row | None]] = []
    for field in plan.fields:
        if field.target is None:
            continue
        known = models(plan.index).by_name.get(field.target.entity, [])
        user = user_model(plan.index)
        if not field.target.path or (user is not None and user.name == field.target.entity):
            found.append((field, Row("make_user(uuid.uuid4().hex[:12])", ())))
        else:
            found.append((field, row_of(plan.index, known[0], views) if known else None))
    return found


def emit_tests(plan: DjangoPlan) -> Iterator[Emission]:
    """Tests of status codes, bounds, uniqueness, access, ownership, filters, order and pages."""
    if untested_because(plan) or "test" not in plan.paths:
        return
    manner = plan.house.tests
    prefix = prefix_of(plan.index, plan.sibling.mounts[0], plan.read)
    assert manner is not None
    assert prefix is not None
    rows = {f.attr: row for f, row in _references(plan) if row is not None}
    values = [(f.attr, rows[f.attr].source if f.attr in rows else valid(f)) for f in plan.fields]
    slash = "/" if ends_with_slash(plan.sibling.mounts, plan.read) else ""
    body = render(
        "drf/tests.py.jinja",
        case=manner.kind == "case",
        entity=plan.class_name,
        name=plan.name,
        url=url_of(plan, prefix, slash),
        slash=slash,
        key=plan.inherited.key,
        sent_key="str(row.pk)" if plan.inherited.uuid else "row.pk",
        values=values,
        user=manner.user,
        ops=plan.operations,
        access=plan.access,
        owner=plan.owner_field.attr if plan.owner_field is not None else "",
        owned=plan.owner.ops if plan.owner is not None else (),
        own_list=plan.owner is not None and plan.owner.list_own,
        hidden=plan.owner is not None and hides(plan.owner),
        shown=_shown(plan),
        required=[f.attr for f in plan.fields if f.spec.required and not f.spec.has_default],
        wrong=list(_wrong(plan)),
        unique=[f.attr for f in plan.fields if f.spec.unique and f.type != "ref"],
        together=[[_attr(plan, n) for n in group] for group in plan.unique_together],
        changed=_changed(plan),
        filters=list(_filters(plan, rows)),
        sorts=_sorts(plan),
        search=_search(plan),
        paged=plan.listing.paginate and (plan.house.paging is None or plan.house.paging.kind != "cursor"),
        size="page_size" if plan.house.paging is None or plan.house.paging.kind == "page" else "limit",
    )
    imports = (
        *_IMPORTS,
        *manner.user_imports,
        f"from {plan.module('model')} import {plan.class_name}",
        *(line for row in rows.values() for line in row.imports),
    )
    like = next(iter(plan.sibling.tests), "")
    yield Piece("test", plan.paths["test"], imports, body, "tests of the endpoints", like)
    folder = plan.paths["test"].rpartition("/")[0]
    if plan.app.new and folder.startswith(f"{plan.app.folder}/"):
        yield Piece("package", f"{folder}/__init__.py", (), "", "the tests of the new app")


def url_of(plan: DjangoPlan, prefix: str, slash: str) -> str:
    """The address of the list."""
    if has_own_segment(plan):
        before = included_as(plan, prefix) if plan.app.new else prefix
        return f"{before}{segment_of(plan)}{slash}"
    return included_as(plan, prefix)


def _attr(plan: DjangoPlan, name: str) -> str:
    return next((f.attr for f in plan.columns if name in {f.spec.name, f.attr, f"{f.attr}_id"}), name)


def _shown(plan: DjangoPlan) -> str:
    """A field whose answer is what was sent, as it was sent."""
    plain = ("string", "text", "email", "slug", "enum", "integer", "boolean", "date")
    return next((f.attr for f in plan.fields if f.type in plain), "")


def _wrong(plan: DjangoPlan) -> Iterator[tuple[str, str]]:
    """(attribute, source of a value that must be refused)."""
    for field in plan.fields:
        spec = field.spec
        if field.type in {"integer", "decimal", "float"}:
            step = Decimal(1) if field.type != "decimal" else Decimal(1).scaleb(-precision_of(field)[1])
            if spec.min is not None:
                low = Decimal(spec.min) if spec.exclusive_min else Decimal(spec.min) - step
                yield field.attr, str(low) if field.type != "decimal" else f'"{low}"'
            if spec.max is not None:
                high = Decimal(spec.max) + step
                yield field.attr, str(high) if field.type != "decimal" else f'"{high}"'
            yield field.attr, '"not a number"'
        elif field.type in {"string", "slug"}:
            yield field.attr, f'"x" * {(length_of(field) or 0) + 1}'
            if spec.min_length and spec.min_length > 1:
                yield field.attr, f'"x" * {spec.min_length - 1}'
        elif field.type == "text" and spec.max_length:
            yield field.attr, f'"x" * {spec.max_length + 1}'
        elif field.type in {"email", "url", "enum", "uuid", "date", "datetime"}:
            yield field.attr, '"not one of them"'
        elif field.type == "ref":
            yield (
                field.attr,
                '"ffffffff-ffff-4fff-bfff-ffffffffffff"'
                if field.target and field.target.key_python == "uuid"
                else "999_999_999",
            )


def _changed(plan: DjangoPlan) -> tuple[str, str] | None:
    """A field with another value that a change may give it, and answers as it was sent."""
    for field in plan.fields:
        if (
            field.spec.update
            and not field.spec.unique
            and field.type in {"string", "text", "enum", "boolean", "date", "integer"}
        ):
            value = other(field)
            if value is not None:
                return field.attr, value
    return None


def _filters(plan: DjangoPlan, rows: dict[str, Row]) -> Iterator[tuple[str, str, str, bool]]:
    """(attribute, source of one value, of another, whether it is a truth value) for filters that two rows can differ by."""
    for name in plan.listing.filters:
        field = next(f for f in plan.columns if name in {f.spec.name, f.attr, f"{f.attr}_id"})
        if field.attr in rows:
            yield field.attr, rows[field.attr].source, rows[field.attr].source, False
        elif field.type in {"string", "enum", "boolean", "integer", "date", "slug", "email"}:
            second = other(field) if not field.spec.unique else valid(field)
            if second is not None:
                yield field.attr, valid(field), second, field.type == "boolean"


def _sorts(plan: DjangoPlan) -> tuple[str, str, str] | None:
    """(attribute, source of the lesser value, source of the greater)."""
    for name in plan.listing.sorts:
        field = next((f for f in plan.fields if name in {f.spec.name, f.attr}), None)
        if field is None or field.type not in {"string", "integer", "decimal", "float", "date"}:
            continue
        first, second = valid(field), other(field)
        if field.type == "string" and (field.spec.max_length or 99) > 12 and (field.spec.min_length or 0) < 8:
            return field.attr, '"aaaaaaaa"', '"bbbbbbbb"'
        if field.type == "date":
            return field.attr, '"2030-01-15"', '"2031-02-16"'
        if (
            field.type in {"integer", "decimal", "float"}
            and not field.spec.unique
            and second is not None
            and first != second
        ):
            low, high = sorted((first, second), key=lambda s: Decimal(s.strip('"')))
            return field.attr, low, high
    return None


def _search(plan: DjangoPlan) -> str:
    """A field that is searched in and can hold the word that is looked for."""
    for name in plan.listing.search:
        field = next((f for f in plan.fields if name in {f.spec.name, f.attr}), None)
        if field is not None and field.type in {"string", "text"} and (field.spec.max_length or 99) >= 12:
            return field.attr if (field.spec.min_length or 0) <= 8 else ""
    return ""
