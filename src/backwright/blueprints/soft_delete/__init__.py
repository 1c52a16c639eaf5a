"""Rows that are marked as deleted, and read no more, instead of being deleted."""

from __future__ import annotations

from backwright.blueprints.soft_delete.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="soft_delete",
    title="Rows of a resource marked as deleted, and read no more, instead of deleted",
    decide=decide,
    accepts=lambda understood: understood.kind == "soft_delete",
    usage="backwright plan soft-delete Order",
)
