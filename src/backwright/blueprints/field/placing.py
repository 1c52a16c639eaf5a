"""Which classes declare the fields of a resource one by one, and how each of them does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backwright.core.facts import Field, Loc, Table
from backwright.kit.bodies import walk
from backwright.kit.declarations import read_annotation
from backwright.kit.field_edit import ClassPlace
from backwright.kit.index import Definition, FactIndex

_STAMP = re.compile(r"(_at|_on)$")


@dataclass(frozen=True)
class Served:
    """How the resource is served: the classes of its requests and answers, and where its database may be SQLite."""

    schemas: tuple[Definition, ...] = ()
    creates: frozenset[tuple[str, str]] = frozenset()  # path and name of what requests to create hold
    updates: frozenset[tuple[str, str]] = frozenset()
    partial: bool = True  # an update leaves alone what it does not name
    sqlite: bool = False


def class_places(path: str, table: Table, index: FactIndex, served: Served, *, is_ref: bool) -> tuple[ClassPlace, ...]:
    """Every class that gets the field, bases before what inherits from them."""
    columns = [
        c.name for c in table.columns if not c.primary_key and not _is_stamp(c.name, c.default, c.server_default)
    ]
    plain = [c.name for c in table.columns if c.name in columns and not c.foreign_key]
    refs = [c.name for c in table.columns if c.foreign_key]
    like = (refs or plain) if is_ref else (plain or columns)
    kept = _candidates(path, table, index, served)
    out: list[ClassPlace] = []
    given: set[tuple[str, str]] = set()
    for definition in kept:
        own = {f.name: f for f in definition.symbol.fields}
        bases = list(index.bases(definition))
        inherited = {f.name for b in bases for f in b.symbol.fields}
        above = [b for b in bases if _key(b) in given]
        mine = [n for n in like if n in own] or [n for n in plain if n in own]
        full = [n for n in plain if n in own or n in inherited]
        wanted = [n for n in plain if n in own or not above]
        if not mine or len(full) * 2 < len(plain):
            continue
        redeclared = {f.name for b in above for f in b.symbol.fields} & set(plain)
        if above and (len([n for n in wanted if n in own and n in redeclared]) * 2 < max(1, len(redeclared))):
            continue
        given.add(_key(definition))
        out.append(_place(definition, [own[n] for n in mine], table, index, served))
    return tuple(out)


def _key(definition: Definition) -> tuple[str, str]:
    return definition.path, definition.symbol.qualname


def _is_stamp(name: str, default: str, server: str) -> bool:
    return bool(_STAMP.search(name)) and bool(default or server)


def _candidates(path: str, table: Table, index: FactIndex, served: Served) -> list[Definition]:
    """The schemas with their bases, and for SQLModel the entity: those that others inherit from first."""
    start = list(served.schemas)
    entity = next((d for d in index.classes() if d.path == path and d.symbol.name == table.entity), None)
    if table.orm == "sqlmodel" and entity is not None:
        start.append(entity)
    found: dict[tuple[str, str], Definition] = {}
    for definition in start:
        for one in (definition, *index.bases(definition)):
            found.setdefault(_key(one), one)
    depth = {key: len(list(index.bases(d))) for key, d in found.items()}
    return [found[key] for key in sorted(found, key=lambda k: (depth[k], k[0], found[k].symbol.loc.start))]


def _place(definition: Definition, siblings: list[Field], table: Table, index: FactIndex, served: Served) -> ClassPlace:
    below = {_key(d) for d in index.classes() if _key(definition) in {_key(b) for b in index.bases(d)}}
    below.add(_key(definition))
    needed = {c.name for c in table.columns if not c.nullable and not c.default and not c.server_default}
    own = [f for f in definition.symbol.fields if f.name in needed]
    loose = bool(own) and all(f.value and read_annotation(f.annotation_expr).nullable for f in own)
    stored = table.orm == "sqlmodel" and any(name == table.entity for _, name in below)
    creates, updates = bool(below & served.creates), bool(below & served.updates)
    requests = creates or updates or stored
    role: Literal["create", "update", "read"] = (
        "update"
        if loose or (updates and not creates and not stored and _all_optional(definition))
        else "create"
        if requests
        else "read"
    )
    assert definition.symbol.body is not None
    last = max(siblings, key=lambda f: f.loc.end)
    partial = role == "update" and served.partial
    refused = tuple(_null_refusals(definition, table, index)) if role == "update" else ()
    return ClassPlace(
        definition.path, definition.symbol.qualname, role, last.loc, definition.symbol.body, tuple(siblings), stored,
        partial, refused,
    )  # fmt: skip


def _all_optional(definition: Definition) -> bool:
    return all(f.value for f in definition.symbol.fields if f.annotation)


def _null_refusals(definition: Definition, table: Table, index: FactIndex) -> Iterator[Loc]:
    """The last of the texts that name every field which may not be null: `field_validator("name", "price")(…)`."""
    classes = [definition, *index.bases(definition)]
    fields = {f.name for d in classes for f in d.symbol.fields}
    needed = {c.name for c in table.columns if not c.nullable and c.name in fields}
    for one in classes:
        exprs = [f.value_expr for f in one.symbol.fields if f.value_expr is not None]
        inside = f"{one.symbol.qualname}."
        for name, symbol in index.symbols(one.path).items():
            if name.startswith(inside):
                exprs += list(symbol.decorators)
        exprs += [loop.iterable for loop in index.loops(one.path) if loop.scope.startswith(inside) and loop.iterable]
        for node in (n for e in exprs for n in walk(e)):
            texts = [p for p in node.parts if p.kind == "string"]
            if needed and needed <= {t.text for t in texts} and one.path == definition.path:
                yield texts[-1].loc
