"""Sanic."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Sanic", kind="framework", packages={"sanic": "sanic"})
