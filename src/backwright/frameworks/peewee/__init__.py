"""Peewee."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Peewee", kind="orm", packages={"peewee": "peewee"})
