"""Fastify."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Fastify", kind="framework", packages={"fastify": "fastify"})
