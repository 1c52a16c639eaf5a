"""One field of an existing resource, decided: where it stands in every layer, before any framework spells it there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from backwright.core.errors import Unsupported
from backwright.core.facts import Column, Field, Loc, Relation, Table
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

    @property
    def joins(self) -> tuple[str, ...]:
        """The columns that join the two tables already, as `Entity.column`: beside another, no relation is clear by itself."""
        target = self.field.target if self.field is not None else None
        if target is None:
            return ()
        ends = (
            (self.table, target.table),
            *(((target.facts, self.table.table),) if target.table != self.table.table else ()),
        )
        return tuple(
            f"{table.entity}.{column.name}"
            for table, other in ends
            for column in table.columns
            if column.foreign_key.rpartition(".")[0] == other
        )

    def unclear(self) -> Iterator[tuple[str, Relation]]:
        """The relations between the two that say by no key what they stand on, with their files. Raises Unsupported."""
        target = self.field.target if self.field is not None else None
        joins = self.joins
        if target is None or not joins:
            return
        sides = [(self.path, self.table, target.entity)]
        if (target.path, target.entity) != (self.path, self.table.entity):
            sides.append((target.path, target.facts, self.table.entity))
        for path, table, other in sides:
            for relation in table.relations:
                said = re.search(r"\b(?:foreign_keys|primaryjoin|secondary|link_model)\b", relation.source)
                if said or relation.target.strip("\"'").rpartition(".")[2] != other:
                    continue
                if len(joins) > 1 or "sa_relationship_kwargs" in relation.source or not relation.source.endswith(")"):
                    raise Unsupported(
                        f"a second way from {self.table.entity} to {target.entity} leaves open which one `{relation.name}` is",
                        where=f"{path}:{relation.loc.line}",
                        hints=("say its foreign_keys first",),
                    )
                yield path, relation

    @property
    def loading(self) -> str:
        """How all relations beside a new one are loaded; `""` where they differ, or say nothing of it."""
        said = {r.loading for r in self.table.relations if not r.many}
        return said.pop() if len(said) == 1 else ""
