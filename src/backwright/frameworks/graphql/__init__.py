"""GraphQL, by whichever library: what a schema offers, with the functions that resolve it."""

from __future__ import annotations

from backwright.frameworks.graphql.operations import operations
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(name="GraphQL", kind="api", packages={}, facts=operations)
