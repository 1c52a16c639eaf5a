"""A custom action on one row of a resource that exists: cancel, publish, archive."""

from __future__ import annotations

from backwright.blueprints.endpoint.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="endpoint",
    title="An action on a row of a resource that exists, with the states it is allowed in and the one it leads to",
    decide=decide,
    accepts=lambda understood: understood.kind == "endpoint",
    usage="backwright plan endpoint Order.cancel from:pending,paid to:cancelled --access owner",
)
