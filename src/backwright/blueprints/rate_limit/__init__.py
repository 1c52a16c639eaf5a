"""How often one caller may ask an endpoint, counted in a store that all processes share."""

from __future__ import annotations

from backwright.blueprints.rate_limit.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="rate_limit",
    title="A rate limit on an endpoint, counted in the database for all processes, with 429 and Retry-After",
    decide=decide,
    accepts=lambda understood: understood.kind == "rate_limit",
    usage="backwright plan rate-limit POST /orders 10/minute",
)
