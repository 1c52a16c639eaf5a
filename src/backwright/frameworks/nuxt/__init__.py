"""Nuxt."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Nuxt", kind="framework", packages={"nuxt": "nuxt"})
