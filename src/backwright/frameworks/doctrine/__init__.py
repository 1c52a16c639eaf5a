"""Doctrine."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Doctrine", kind="orm", packages={"Doctrine.ORM": "doctrine/orm"})
