"""Litestar."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Litestar", kind="framework", packages={"litestar": "litestar"})
