"""Knex."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Knex", kind="orm", packages={"knex": "knex"})
