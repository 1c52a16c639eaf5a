"""SQLAlchemy."""

from __future__ import annotations

from backwright.frameworks.sqlalchemy.tables import tables
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(
    name="SQLAlchemy",
    kind="orm",
    packages={"sqlalchemy": "sqlalchemy"},
    facts=tables,
)
