"""A change of the database alone, with the model in agreement: an index, a constraint, values for rows that exist."""

from __future__ import annotations

from backwright.blueprints.migration.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="migration",
    title="An index, a unique or check constraint, or values for rows that exist, each as one migration",
    decide=decide,
    accepts=lambda understood: understood.kind == "migration",
    usage="backwright plan migration index 'orders(status, created_at)'   (or: unique, check, backfill)",
)
