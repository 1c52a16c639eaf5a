"""Alembic."""

from __future__ import annotations

from backwright.kit.shapes import Framework

FRAMEWORK = Framework(
    name="Alembic",
    kind="migrations",
    packages={"alembic": "alembic"},
)
