"""Elysia."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Elysia", kind="framework", packages={"elysia": "elysia"})
