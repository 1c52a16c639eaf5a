"""ent."""

from __future__ import annotations

from backwright.frameworks.ent.schema import tables
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(name="ent", kind="orm", packages={"entgo.io/ent": "entgo.io/ent"}, facts=tables)
