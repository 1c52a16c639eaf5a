"""SQLModel."""

from __future__ import annotations

from backwright.frameworks.sqlmodel.tables import tables
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(
    name="SQLModel",
    kind="orm",
    packages={"sqlmodel": "sqlmodel"},
    facts=tables,
)
