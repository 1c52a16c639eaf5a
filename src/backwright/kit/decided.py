"""A resource as each stack decides it, whatever it spells it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backwright.core.request import Listing, Ownership
from backwright.kit.artifacts import FieldPlan
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms


@dataclass(frozen=True)
class DecidedResource:
    """What is made of a request on every stack. `access` maps operations to public, user or admin."""

    name: NameForms
    fields: tuple[FieldPlan, ...]
    owner_field: FieldPlan | None
    operations: tuple[str, ...]
    access: Mapping[str, str]
    listing: Listing
    owner: Ownership | None
    unique_together: tuple[tuple[str, ...], ...]
    index: FactIndex

    @property
    def columns(self) -> tuple[FieldPlan, ...]:
        """All fields with a column, the owner's among them."""
        return (*self.fields, *((self.owner_field,) if self.owner_field else ()))
