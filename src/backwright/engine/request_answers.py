"""Answers to what was left open: `--set price=decimal(12,2)`, `--set auth.write=user`, `--set fields=…`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from backwright.core.errors import NeedsPerson, UsageError
from backwright.core.request import OPERATIONS, Feature, FieldSpec, Operation, Ownership, Understood
from backwright.engine.request_access import operations_of, role_of
from backwright.engine.request_checks import resolve, settle
from backwright.engine.request_difficulty import difficulty
from backwright.engine.request_endpoint import KEYS as ENDPOINT_KEYS
from backwright.engine.request_endpoint import answered_endpoint
from backwright.engine.request_fields import answered as answered_field
from backwright.engine.request_grammar import read_fields, read_operations, read_owner, read_paginate
from backwright.engine.request_listing import KEYS as LIST_KEYS
from backwright.engine.request_listing import answered_list
from backwright.engine.request_spelling import did_you_mean, read_spelling
from backwright.engine.request_types import Said, make_field
from backwright.kit.naming import pascal, snake

_NONE = frozenset({"", "none", "no", "off", "false"})


def apply_settings(understood: Understood, settings: Mapping[str, str]) -> tuple[Understood, dict[str, str]]:
    """The request with these answers, and the settings that are another stage's to know (`id`, `money`, `table` …).

    An answered question or assumption is gone afterwards. Raises UsageError for a value that cannot be, and NeedsPerson
    for an answer that has to happen first (`create Category first`).
    """
    feature = understood.feature
    if feature is None and "left_out" in settings and _asks_to_leave_out(understood):
        kept = tuple(question for question in understood.questions if question.key != "left_out")
        understood = msgspec.structs.replace(understood, questions=kept)
        settings = {key: value for key, value in settings.items() if key != "left_out"}
    if understood.endpoint is not None:
        return answered_endpoint(understood, settings)
    if understood.listing is not None:
        return answered_list(understood, settings)
    if feature is None:
        return answered_field(understood, settings)
    rest: dict[str, str] = {}
    answered: set[str] = set()
    for key, value in settings.items():
        change = _change(feature, understood, key)
        if change is None:
            rest[key] = value
            continue
        feature = change(feature, key, value.strip())
        answered |= _answers(key, understood)
    if not answered:
        return understood, rest
    if feature.fields:
        feature = settle(feature)
    return msgspec.structs.replace(
        understood,
        feature=feature,
        assumptions=tuple(a for a in understood.assumptions if a.key not in answered),
        questions=tuple(q for q in understood.questions if q.key not in answered),
        difficulty=difficulty(feature),
    ), rest


def setting_keys(understood: Understood) -> tuple[str, ...]:
    """The keys that `apply_settings` knows for this request: its fields first, then the rest."""
    left_out = ("left_out",) if _asks_to_leave_out(understood) else ()
    if understood.endpoint is not None:
        return (*ENDPOINT_KEYS, *left_out)
    if understood.listing is not None:
        return (*LIST_KEYS, *left_out)
    if understood.feature is None:
        asked = understood.field
        related = ("on_delete",) if asked is not None and asked.relation else ()
        return (asked.name, *related, *left_out) if asked is not None and asked.field is not None else left_out
    fields = tuple(field.name for field in understood.feature.fields)
    accesses = tuple(f"access.{operation}" for operation in understood.feature.operations)
    return tuple(dict.fromkeys((*fields, *accesses, *_CHANGES)))


def _asks_to_leave_out(understood: Understood) -> bool:
    return any(q.key == "left_out" and q.level == "medium" for q in understood.questions)


Change = Callable[[Feature, str, str], Feature]


def _change(feature: Feature, understood: Understood, key: str) -> Change | None:
    """What sets this key; None when it is not ours. A field wins over an option of the same name."""
    if key in {field.name for field in feature.fields}:
        return _set_field
    if key.startswith("+"):
        return _add_field
    # `owner` itself is the option, also where the field has that name: giving ownership up must stay possible
    if feature.owner is not None and key == feature.owner.field != "owner":
        hints = ("--set owner=no makes it nobody's", f"--set owner={key}_by gives the owner another name")
        raise UsageError(f"'{key}' is the user who owns a row, set from the login", hints=hints)
    prefix, dot, word = key.partition(".")
    if dot and prefix in ("access", "auth"):
        if not operations_of(word):
            known = [*OPERATIONS, "write", "read", "all"]
            raise UsageError(f"'{word}' in {key} is no operation", hints=did_you_mean(word, known, "operations"))
        return _set_access
    still_open = {question.key for question in understood.questions} | {a.key for a in understood.assumptions}
    if key in ("left_out", "concurrency") and key not in still_open:
        return None
    return _CHANGES.get(key)


def _answers(key: str, understood: Understood) -> set[str]:
    """The keys of the questions and assumptions that an answer settles."""
    prefix, dot, word = key.partition(".")
    if dot:
        return {f"{name}.{operation}" for operation in operations_of(word) for name in ("access", "auth")}
    if key == "fields" and understood.feature is not None:
        return {"fields", *(field.name for field in understood.feature.fields)}
    if key in ("page_default", "page_max"):
        return {key, "paginate"}
    if key == "paginate":
        return {key, "page_default", "page_max"}
    return {prefix.lstrip("+")}


def _set_field(feature: Feature, name: str, value: str) -> Feature:
    if value.startswith("create "):
        entity = value.removeprefix("create ").removesuffix(" first")
        hint = f"backwright plan resource {entity} name:str(100):unique"
        raise NeedsPerson(f"{entity} has to be there before a field can refer to it", hints=(hint,))
    if value == "drop":
        return _without_field(feature, name)
    old = next(field for field in feature.fields if field.name == name)
    return _with_field(feature, name, _respelled(old, value))


def _respelled(old: FieldSpec, value: str) -> FieldSpec:
    """The field with another type and bounds; what else was said of it stays: unique, optional, a fitting default."""
    said = read_spelling(value, old.name)
    kept: tuple[str, ...] = ("unique", "index", "update")
    if not {"required", "nullable", "has_default"} & said.keys():
        kept += ("required", "nullable")
    if said["type"] == old.type:
        kept += ("on_delete",)
        kept += () if {"required", "nullable"} & said.keys() else ("default", "has_default")
    before: Said = {name: getattr(old, name) for name in kept}
    return make_field(old.name, before | said)


def _add_field(feature: Feature, key: str, value: str) -> Feature:
    name = snake(key.removeprefix("+"))
    said = read_spelling(value, name)
    name = name.removesuffix("_id") if said["type"] == "ref" else name
    return msgspec.structs.replace(feature, fields=(*feature.fields, make_field(name, said)))


def _with_field(feature: Feature, name: str, field: FieldSpec) -> Feature:
    return msgspec.structs.replace(feature, fields=tuple(field if f.name == name else f for f in feature.fields))


def _without_field(feature: Feature, name: str) -> Feature:
    """The feature without a field, and without what was said about it."""

    def others(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(other for other in names if other != name)

    lists = feature.listing
    listing = msgspec.structs.replace(
        lists, filters=others(lists.filters), sorts=others(lists.sorts), search=others(lists.search)
    )
    return msgspec.structs.replace(
        feature,
        fields=tuple(field for field in feature.fields if field.name != name),
        listing=listing,
        unique_together=tuple(group for group in feature.unique_together if name not in group),
    )


def _set_fields(feature: Feature, _: str, value: str) -> Feature:
    tokens = re.findall(r"""(?:\([^)]*\)|="[^"]*"|='[^']*'|[^\s,(])+""", value)
    fields, _assumed, asked = read_fields(tokens, feature.resource)
    if not fields or asked:
        hints = ("for example --set 'fields=name:str(200), price:decimal(10,2)'",)
        raise UsageError(asked[0].text if asked else "no field is named", hints=hints)
    return msgspec.structs.replace(feature, fields=fields)


def _set_access(feature: Feature, key: str, value: str) -> Feature:
    role = "" if value == "house" else role_of(value)
    chosen = [op for op in operations_of(key.partition(".")[2]) if op in feature.operations]
    access = {op: r for op, r in feature.access.items() if op not in chosen} | dict.fromkeys(
        chosen if role else [], role
    )
    owner = feature.owner
    if owner is not None and role != "owner":
        ops = tuple(op for op in owner.ops if op not in chosen)
        list_own = owner.list_own and "list" not in chosen
        owner = Ownership(owner.field, ops, list_own) if ops or list_own else None
    return msgspec.structs.replace(feature, access=access, owner=owner)


def _set_owner(feature: Feature, _: str, value: str) -> Feature:
    if value.lower() in _NONE:
        access = {op: "user" if role == "owner" else role for op, role in feature.access.items()}
        return msgspec.structs.replace(feature, owner=None, access=access)
    wanted = read_owner("" if value.lower() in ("yes", "true") else value)
    if feature.owner is not None and ":" not in value:
        wanted = msgspec.structs.replace(feature.owner, field=wanted.field)
    return msgspec.structs.replace(feature, owner=wanted)


def _set_pages(feature: Feature, key: str, value: str) -> Feature:
    lists = feature.listing
    if key == "paginate":
        read = read_paginate(value)
        changed = msgspec.structs.replace(
            lists, paginate=read.paginate, page_default=read.page_default, page_max=read.page_max
        )
    elif key == "page_total":
        changed = msgspec.structs.replace(lists, total=value.lower() not in _NONE)
    else:
        if not (value.isascii() and value.isdigit() and len(value) <= 5):
            raise UsageError(f"'{value}' is no number of rows", hints=(f"for example --set {key}=50",))
        changed = msgspec.structs.replace(lists, **{key: int(value)})
        if key == "page_default" and changed.page_default > changed.page_max:
            hints = (f"--set page_max={value} too",)
            raise UsageError(f"a page of {value} rows is more than the maximum {changed.page_max}", hints=hints)
    return msgspec.structs.replace(feature, listing=changed)


def _set_names(feature: Feature, key: str, value: str) -> Feature:
    names = tuple(resolve(name, feature.fields) for name in _listed(value))
    attribute = {"filter": "filters", "sort": "sorts", "search": "search"}[key]
    return msgspec.structs.replace(feature, listing=msgspec.structs.replace(feature.listing, **{attribute: names}))


def _set_unique(feature: Feature, _: str, value: str) -> Feature:
    groups = [tuple(group.split("+")) for group in _listed(value)]
    alone = {resolve(group[0], feature.fields) for group in groups if len(group) == 1}
    fields = tuple(msgspec.structs.replace(f, unique=True) if f.name in alone else f for f in feature.fields)
    together = tuple(group for group in groups if len(group) > 1)
    return msgspec.structs.replace(feature, fields=fields, unique_together=together)


def _set_operations(feature: Feature, _: str, value: str) -> Feature:
    operations: tuple[Operation, ...] = read_operations(_listed(value))
    return msgspec.structs.replace(feature, operations=operations)


def _set_resource(feature: Feature, _: str, value: str) -> Feature:
    return msgspec.structs.replace(feature, resource=pascal(value), plural="")


def _set_plural(feature: Feature, _: str, value: str) -> Feature:
    return msgspec.structs.replace(feature, plural=snake(value))


def _acknowledged(feature: Feature, _: str, value: str) -> Feature:
    return feature


def _listed(value: str) -> list[str]:
    return [] if value.lower() in _NONE else [part.strip().lstrip("-") for part in value.split(",") if part.strip()]


_CHANGES: dict[str, Change] = {
    "resource": _set_resource,
    "plural": _set_plural,
    "fields": _set_fields,
    "operations": _set_operations,
    "owner": _set_owner,
    "unique": _set_unique,
    "filter": _set_names,
    "sort": _set_names,
    "search": _set_names,
    "paginate": _set_pages,
    "page_default": _set_pages,
    "page_max": _set_pages,
    "page_total": _set_pages,
    "left_out": _acknowledged,
    "concurrency": _acknowledged,
}
