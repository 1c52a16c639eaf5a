"""Hono."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Hono", kind="framework", packages={"hono": "hono"})
