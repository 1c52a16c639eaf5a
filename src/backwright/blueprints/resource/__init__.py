"""A resource: entity, migration, schemas, repository, service, endpoints, tests."""

from __future__ import annotations

from backwright.blueprints.resource.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="resource",
    title="A resource with its table, migration, schemas, data access, rules, endpoints and tests",
    decide=decide,
    accepts=lambda understood: understood.kind == "resource",
    usage="backwright plan resource Product 'name:str(200)' 'price:decimal(10,2)' 'owner:ref(User)?' --paginate",
)
