"""diesel."""

from __future__ import annotations

from backwright.frameworks.diesel.schema import tables
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(name="diesel", kind="orm", packages={"diesel": "diesel"}, facts=tables)
