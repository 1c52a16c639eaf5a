"""Sequelize."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__,
    name="Sequelize",
    kind="orm",
    packages={"sequelize": "sequelize", "sequelize-typescript": "sequelize-typescript"},
)
