"""Koa."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Koa", kind="framework", packages={"koa": "koa"})
