"""Endpoints that tell whether the service runs, and whether it reaches its database."""

from __future__ import annotations

from backwright.blueprints.health.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="health",
    title="Liveness without dependencies and readiness that asks the database, mounted as this repository mounts",
    decide=decide,
    accepts=lambda understood: understood.kind == "health",
    usage="backwright plan health",
)
