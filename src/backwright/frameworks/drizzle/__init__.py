"""Drizzle."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Drizzle", kind="orm", packages={"drizzle-orm": "drizzle-orm"})
