"""Tortoise."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Tortoise", kind="orm", packages={"tortoise": "tortoise-orm"})
