"""When rows of a resource that exists were made and last changed."""

from __future__ import annotations

from backwright.blueprints.audit.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="audit",
    title="The moments at which rows of a resource that exists were made and last changed",
    decide=decide,
    accepts=lambda understood: understood.kind == "audit",
    usage="backwright plan audit Order   (or: audit Order created_at)",
)
