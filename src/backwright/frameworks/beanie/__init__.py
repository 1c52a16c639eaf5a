"""Beanie."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Beanie", kind="orm", packages={"beanie": "beanie"})
