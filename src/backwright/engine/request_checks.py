"""What a feature must be, whichever way it was asked for: `settle` gives it its one form, `check_feature` refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from backwright.core.errors import UsageError
from backwright.core.request import OPERATIONS, Feature, FieldSpec
from backwright.engine.request_access import in_order, with_ownership
from backwright.engine.request_spelling import did_you_mean
from backwright.engine.request_types import NUMERIC, TEXTUAL, default_of, spell
from backwright.kit.naming import pascal, plural, snake, why_not_field, why_not_resource
from backwright.kit.spelling import member

MAX_FIELDS = 200
ALSO_SORTABLE = ("id", "created_at", "updated_at")


def settle(feature: Feature) -> Feature:
    """The one form of what was said: plural filled in, names resolved, operations in order, owner and access agreeing.

    Raises UsageError where it cannot be what it says (see `check_feature`).
    """
    resource = pascal(feature.resource)
    operations = tuple(op for op in OPERATIONS if op in feature.operations)
    listing = feature.listing
    settled = msgspec.structs.replace(
        feature,
        resource=resource,
        plural=snake(feature.plural) or plural(snake(resource)),
        operations=operations,
        access=in_order({op: role for op, role in feature.access.items() if op in operations}),
        listing=msgspec.structs.replace(
            listing,
            filters=_resolved(listing.filters, feature.fields),
            sorts=_resolved(listing.sorts, feature.fields),
            search=_resolved(listing.search, feature.fields),
            page_default=min(listing.page_default, listing.page_max),
        ),
        unique_together=tuple(dict.fromkeys(_group(names, feature.fields) for names in feature.unique_together)),
    )
    settled = with_ownership(settled)
    check_feature(settled)
    return settled


def check_feature(feature: Feature) -> None:
    """Raises UsageError on the first thing that cannot work: a name, a type, a bound, a default, a missing field."""
    _check_resource(feature)
    if not feature.fields:
        raise UsageError(f"{feature.resource} has no field", hints=("for example name:str(200)",))
    if len(feature.fields) > MAX_FIELDS:
        raise UsageError(f"{feature.resource} has {len(feature.fields)} fields; {MAX_FIELDS} is the most")
    for field in feature.fields:
        check_field(field, feature.resource)
    _check_columns(feature)
    _check_listing(feature)
    for group in feature.unique_together:
        if len(group) < 2:
            raise UsageError(f"unique together needs two fields, not '{'+'.join(group)}'", hints=("for example a+b",))
        check_names(group, feature.fields, "unique together")


def _check_resource(feature: Feature) -> None:
    name = feature.resource
    if reason := why_not_resource(name):
        better = f"My{name}" if snake(name).isascii() and re.fullmatch(r"[A-Za-z]\w*", name) else "Product"
        raise UsageError(f"a resource cannot be called '{name}': {reason}", hints=(f"for example {better}",))
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,58}", feature.plural):
        raise UsageError(f"'{feature.plural}' is no plural for {name}", hints=(f"for example {plural(snake(name))}",))
    if not feature.operations:
        raise UsageError(f"{name} has no operation", hints=(f"operations: {', '.join(OPERATIONS)}",))


def check_field(field: FieldSpec, resource: str) -> None:
    """Raises UsageError when a field contradicts itself or has a name that cannot be."""
    what = f"field '{field.name}'"
    if reason := why_not_field(field.name):
        better = f"{snake(resource)}_{field.name}"
        hints = (f"for example {better}",) if not why_not_field(better) else ("for example name",)
        if "made for every resource" in reason:
            hints = ("leave it out",)
        raise UsageError(f"a field cannot be called '{field.name}': {reason}", hints=hints)
    for problem, hint in _problems(field):
        raise UsageError(f"{what}: {problem}", hints=(hint,) if hint else ())


def _problems(field: FieldSpec) -> Iterable[tuple[str, str]]:
    yield from _problems_of_bounds(field)
    yield from _problems_of_digits(field)
    yield from _problems_of_values(field)
    if field.type == "ref" and not field.ref:
        yield "a reference names an entity", f"{field.name}:ref(Category)"
    if field.type != "ref" and field.on_delete != "restrict":
        yield f"'{field.on_delete}' is for references, and this is {field.type}", ""
    if field.on_delete == "set_null" and not field.nullable:
        yield "'set_null' needs a reference that may be null", f"{field.name}:{spell(field)}?"
    if field.type == "json" and (field.unique or field.index):
        yield "json can be neither unique nor indexed", ""
    if not field.required and not field.nullable and not field.has_default:
        yield "what may be left out and may not be null needs a default", f"{field.name}:{spell(field)}?"
    if field.has_default:
        yield from _problems_of_default(field)


def _problems_of_bounds(field: FieldSpec) -> Iterable[tuple[str, str]]:
    low, high = field.min_length, field.max_length
    if (low is not None or high is not None) and field.type not in TEXTUAL:
        yield f"a length is for text, and this is {field.type}", "min and max are for numbers"
    if high is not None and high < 1:
        yield "max_length is at least 1", ""
    if high is not None and high > 10_000_000:
        yield f"max_length {high} is more than a column keeps", "leave it out: text has no limit"
    if low is not None and high is not None and low > high:
        yield f"min_length {low} is greater than max_length {high}", ""
    bounds = [bound for bound in (field.min, field.max) if bound is not None]
    if bounds and field.type not in NUMERIC:
        yield f"min and max are for numbers, and this is {field.type}", "for text: min_length and max_length"
    if field.type == "integer" and any("." in bound for bound in bounds):
        yield "the bounds of an integer are whole numbers", "decimal and float have others"
    if len(bounds) == 2:
        low_bound, high_bound = (Decimal(bound) for bound in bounds)
        if low_bound > high_bound or (field.exclusive_min and low_bound == high_bound):
            yield f"min {field.min} is greater than max {field.max}", ""


def _problems_of_digits(field: FieldSpec) -> Iterable[tuple[str, str]]:
    precision, scale = field.precision, field.scale
    if precision is None:
        return
    if field.type != "decimal":
        yield f"precision and scale are for decimals, and this is {field.type}", ""
    if not 1 <= precision <= 38:
        yield f"precision {precision} is not between 1 and 38", "decimal(10,2)"
    elif not 0 <= (scale or 0) <= precision:
        yield f"scale {scale} is not between 0 and the precision {precision}", "decimal(10,2)"
    else:
        for bound in (field.min, field.max):
            whole, _, rest = (bound or "0").lstrip("-").partition(".")
            if len(whole.lstrip("0")) > precision - (scale or 0) or len(rest) > (scale or 0):
                yield f"{bound} does not fit decimal({precision},{scale or 0})", ""


def _problems_of_values(field: FieldSpec) -> Iterable[tuple[str, str]]:
    if field.type != "enum":
        if field.values:
            yield f"values are for enums, and this is {field.type}", f"{field.name}:enum({','.join(field.values)})"
        return
    if not field.values:
        yield "the enum has no values", f"{field.name}:enum(draft,active,archived)"
    for value in field.values:
        if field.values.count(value) > 1:
            yield f"the enum has '{value}' twice", ""
        alike = next((v for v in field.values if v != value and member(v) == member(value)), None)
        if alike is not None:
            yield f"the enum's values '{value}' and '{alike}' would both be called {member(value)}", "leave one out"
        if len(value) > 64 or not value.isprintable() or not value.strip():
            yield f"'{value[:30]}' cannot be a value of an enum", "at most 64 printable characters"


def _problems_of_default(field: FieldSpec) -> Iterable[tuple[str, str]]:
    default = field.default
    try:
        if field.type not in ("json", "boolean") and default_of(field.type, str(default)) != default:
            yield f"the default {default!r} does not fit {field.type}", ""
    except ValueError as error:
        yield f"the default does not fit {field.type}: {error}", ""
        return
    if field.type == "boolean" and not isinstance(default, bool):
        yield f"the default {default!r} is neither true nor false", ""
    if field.unique:
        yield "a unique field cannot have a default: the second row would collide", ""
    if field.type == "enum" and default not in field.values:
        close = did_you_mean(str(default), list(field.values), "values")
        yield f"the default '{default}' is not one of the values", " ".join(close)
    if field.type in TEXTUAL and not (field.min_length or 0) <= len(default) <= (field.max_length or len(default)):
        yield f"the default '{default[:40]}' has {len(default)} characters, which its length does not allow", ""
    if field.type in NUMERIC and not _within(field, Decimal(str(default))):
        yield f"the default {default} is outside of its range", ""


def _within(field: FieldSpec, value: Decimal) -> bool:
    if field.max is not None and value > Decimal(field.max):
        return False
    if field.min is None:
        return True
    return value > Decimal(field.min) or (value == Decimal(field.min) and not field.exclusive_min)


def _check_columns(feature: Feature) -> None:
    columns: dict[str, str] = {}
    if feature.owner is not None:
        field = feature.owner.field
        if reason := why_not_field(field):
            raise UsageError(f"the owner cannot be called '{field}': {reason}", hints=("--owner=owner",))
        columns = {field: field, f"{field}_id": field}
    for spec in feature.fields:
        for column in [spec.name, f"{spec.name}_id"] if spec.type == "ref" else [spec.name]:
            if column in columns:
                who = (
                    "the owner" if feature.owner and columns[column] == feature.owner.field else f"'{columns[column]}'"
                )
                twice = who == f"'{spec.name}'"
                message = f"field '{spec.name}' is there twice" if twice else f"field '{spec.name}' collides with {who}"
                raise UsageError(message, hints=("leave one of them out",))
            columns[column] = spec.name


def _check_listing(feature: Feature) -> None:
    listing = feature.listing
    if not 1 <= listing.page_default <= listing.page_max <= 10_000:
        raise UsageError(
            f"a page of {listing.page_default} to {listing.page_max} rows is not between 1 and 10000",
            hints=("20..100",),
        )
    asked = [name for name in ("filters", "sorts", "search") if getattr(listing, name)]
    if asked and "list" not in feature.operations:
        raise UsageError(f"there is no list to which {asked[0]} could apply", hints=("add 'list' to the operations",))
    check_names(listing.filters, feature.fields, "filter")
    check_names(listing.sorts, feature.fields, "sort")
    check_names(listing.search, feature.fields, "search")
    types = {field.name: field.type for field in feature.fields}
    for name in listing.search:
        if types[name] not in TEXTUAL:
            raise UsageError(f"search looks in text, and '{name}' is {types[name]}", hints=(f"--filter {name}",))
    for name in (*listing.filters, *listing.sorts):
        if types.get(name) == "json":
            raise UsageError(f"'{name}' is json, which can be neither filtered nor sorted")


def check_names(names: Iterable[str], fields: Sequence[FieldSpec], what: str) -> None:
    """Raises UsageError when `what` ("filter", "sort" …) names a field that is not there."""
    known = [*(field.name for field in fields), *(ALSO_SORTABLE if what == "sort" else ())]
    for name in names:
        if resolve(name, fields) not in known:
            raise UsageError(f"{what} names '{name}', which is no field", hints=did_you_mean(name, known, "fields"))


def resolve(name: str, fields: Sequence[FieldSpec]) -> str:
    """The field that a name means: snake_case, and `category_id` for the reference `category`."""
    wanted = snake(name)
    refs = [field.name for field in fields if field.type == "ref"]
    stem = wanted.removesuffix("_id")
    return stem if stem in refs and wanted not in {field.name for field in fields} else wanted


def _resolved(names: Iterable[str], fields: Sequence[FieldSpec]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(resolve(name, fields) for name in names))


def _group(names: Iterable[str], fields: Sequence[FieldSpec]) -> tuple[str, ...]:
    """The names in the order of the fields, so that `a+b` and `b+a` are the same."""
    order = [field.name for field in fields]
    return tuple(sorted(_resolved(names, fields), key=lambda n: order.index(n) if n in order else len(order)))
