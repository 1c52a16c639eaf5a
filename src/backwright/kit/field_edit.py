"""One field of an existing resource, decided: where it stands in every layer, before any framework spells it there."""

from __future__ import annotations

from typing import Literal

import msgspec

from backwright.core.facts import Column, Field, Loc, Table
from backwright.kit.artifacts import FieldPlan, ResourcePlan
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms


class ClassPlace(msgspec.Struct, frozen=True):
    """A class that declares the fields of the resource one by one.

    `role` is how it declares them: create (with bounds), update (all may be left out) or read (plain). `siblings` are
    those of its own fields that the new one is like, `after` the place of the last of them. `stored` says that its
    fields are columns too (SQLModel), `refused` the places of the texts that name the fields which may not be null.
    """

    path: str
    name: str
    role: Literal["create", "update", "read"]
    after: Loc
    body: Loc
    siblings: tuple[Field, ...] = ()
    stored: bool = False
    partial: bool = False  # requests may leave out what they do not change
    refused: tuple[Loc, ...] = ()


class FieldEdit(msgspec.Struct, frozen=True):
    """What happens to one field: `old` is its attribute now (`""` of a new one), `new` afterwards (`""` of a removed one)."""

    action: Literal["add", "rename", "remove"]
    name: NameForms
    path: str
    table: Table
    old: str
    new: str
    field: FieldPlan | None
    column: Column | None
    after: Column | None
    places: tuple[ClassPlace, ...]
    resource: ResourcePlan
    house: House
    index: FactIndex
    backfill: str | None = None  # what rows that exist get, as text; None where they may be null
    per_row: bool = False  # they get it from their key, since no two may be the same
    batch: bool = False  # SQLite has to follow: constraints change by copying the table
