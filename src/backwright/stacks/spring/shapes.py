"""How classes are written here: records, classes with Lombok's annotations, or plain ones; and what the key of an entity is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backwright.core.errors import Unsupported
from backwright.core.facts import Field
from backwright.kit.index import Definition
from backwright.stacks.spring.reading import Sources, generic, marks, types_in
from backwright.stacks.spring.siblings import Resource
from backwright.stacks.spring.style import Build

KEY_TYPES = {"Long": "int", "Integer": "int", "long": "int", "int": "int", "UUID": "uuid", "String": "str"}
_LOMBOK = frozenset(
    (
        "Data",
        "Getter",
        "Setter",
        "NoArgsConstructor",
        "AllArgsConstructor",
        "Builder",
        "SuperBuilder",
        "EqualsAndHashCode",
        "ToString",
    )
)
_TIMES = (
    "CreationTimestamp",
    "UpdateTimestamp",
    "CreatedDate",
    "LastModifiedDate",
    "CreatedBy",
    "LastModifiedBy",
    "Version",
)
_STAMPS = re.compile(r"(?:created|updated|modified|lastModified|lastUpdated)(?:At|On|Date|Time)?")


@dataclass(frozen=True)
class Shape:
    """A class of values: a record, one with accessors by Lombok, or a plain one. `factory` makes a response of an entity."""

    kind: Literal["record", "lombok", "plain"]
    annotations: tuple[str, ...] = ()
    factory: str = "from"
    names: frozenset[str] = frozenset()  # of its fields


def shape_of(definition: Definition | None, build: Build, sources: Sources) -> Shape:
    """How a class is written; without one, as this version of Java has it shortest."""
    shortest: Literal["record", "plain"] = "record" if build.java >= 16 else "plain"
    if definition is None:
        return Shape(shortest)
    symbol = definition.symbol
    names = frozenset(f.name for f in symbol.fields)
    made = next(
        (
            m.name
            for m in sources.members(definition)
            if "static" in m.modifiers and m.returns == symbol.name and len(m.params) == 1
        ),
        "from",
    )
    if "record" in symbol.modifiers:
        return Shape("record", factory=made, names=names)
    given = lombok_of(definition, sources)
    named = {text.partition("(")[0] for text in given}
    if "@Data" in named or {"@Getter", "@Setter"} <= named:
        full = (
            given
            if not {"@AllArgsConstructor", "@Builder"} & named or "@NoArgsConstructor" in named
            else (*given, "@NoArgsConstructor")
        )
        if "@Builder" in named and "@AllArgsConstructor" not in named:
            full = (*full, "@AllArgsConstructor")
        return Shape("lombok", tuple(dict.fromkeys(full)), made, names)
    setters = any(m.name.startswith("set") for m in sources.members(definition))
    return Shape("plain" if setters else shortest, factory=made, names=names)


def lombok_of(definition: Definition, sources: Sources) -> tuple[str, ...]:
    """Lombok's annotations of a class, but for what names its fields."""
    found = []
    for name, mark in marks(definition.symbol.decorators).items():
        text = sources.at(definition.path, mark.loc)
        if name in _LOMBOK and not re.search(r"\bof\s*=|exclude|access\s*=", text):
            found.append(f"@{text.lstrip('@')}")
        elif name in {"NoArgsConstructor", "AllArgsConstructor", "ToString", "EqualsAndHashCode"}:
            found.append(f"@{name}")  # other classes make rows, and our fields have other names
    return tuple(found)


def bases_of(definition: Definition, sources: Sources) -> Iterator[Definition]:
    """The class and the project's own classes that it extends."""
    seen: set[str] = set()
    waiting: list[Definition] = [definition]
    while waiting:
        one = waiting.pop(0)
        if one.path in seen:
            continue
        seen.add(one.path)
        yield one
        waiting += [b for base in one.symbol.bases if (b := sources.named(base.split("<")[0], one.path)) is not None]


def key_of(entity: Definition, sources: Sources) -> tuple[str, str]:
    """The property of the key, and its type. Raises Unsupported where it is none of a single value that we know."""
    where = f"{entity.path}:{entity.symbol.loc.line}"
    for owner in bases_of(entity, sources):
        for field in owner.symbol.fields:
            named = marks(field.decorators)
            if "EmbeddedId" in named:
                break
            if "Id" in named:
                kind = field.annotation
                if kind not in KEY_TYPES:
                    break
                return field.name, {"long": "Long", "int": "Integer"}.get(kind, kind)
    raise Unsupported(f"the key of {entity.symbol.name} is no single Long, Integer, UUID or String", where=where)


def kept_fields(entity: Definition, sources: Sources) -> list[Field]:
    """The fields of an entity that every one has, in order: its key, its times, its version."""
    found = []
    for field in entity.symbol.fields:
        named = marks(field.decorators)
        timed = generic(field.annotation)[0] in {
            "Instant",
            "LocalDateTime",
            "OffsetDateTime",
            "ZonedDateTime",
            "Date",
            "Timestamp",
        }
        if "Id" in named or set(named) & set(_TIMES) or (timed and _STAMPS.fullmatch(field.name)):
            found.append(field)
    return found


def inherited_fields(entity: Definition, sources: Sources) -> list[Field]:
    """The fields that bases bring."""
    return [f for owner in list(bases_of(entity, sources))[1:] for f in owner.symbol.fields]


def rows_of(sibling: Resource, sources: Sources) -> Definition | None:
    """The class in which a row is answered; None where that is the entity, or nothing of this project."""
    for operation in ("get", "create", "update", "list"):
        endpoint = sibling.endpoints.get(operation)
        for name in reversed(list(types_in(endpoint.handler.returns)) if endpoint is not None else []):
            found = sources.named(name, sibling.controller.path)
            if found is not None and found.path == sibling.entity.path:
                return None
            if found is not None and not re.search(rf"\b{name}\s*<", sources.text_of(found)[:400]):
                return found if sibling.name.pascal in name else None
    return None


def getter(shape: Shape, name: str) -> str:
    """How a value is read: `title()`, `getTitle()`."""
    return f"{name}()" if shape.kind == "record" else f"get{name[:1].upper()}{name[1:]}()"


def setter(name: str) -> str:
    return f"set{name[:1].upper()}{name[1:]}"
