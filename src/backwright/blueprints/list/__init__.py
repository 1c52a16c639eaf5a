"""What the list of a resource that exists can be asked for: filters, orders, search, pages."""

from __future__ import annotations

from backwright.blueprints.list.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="list",
    title="Filters, orders, search and pages for the list of a resource that exists",
    decide=decide,
    accepts=lambda understood: understood.kind == "list",
    usage="backwright plan list Order --filter status,customer --sort created_at --search note --paginate",
)
