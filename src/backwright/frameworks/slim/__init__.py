"""Slim."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Slim", kind="framework", packages={"Slim": "slim/slim"})
