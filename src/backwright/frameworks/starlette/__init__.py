"""Starlette."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Starlette", kind="framework", packages={"starlette": "starlette"})
