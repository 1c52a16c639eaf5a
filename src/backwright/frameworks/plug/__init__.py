"""Plug."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Plug", kind="framework", packages={"Plug": "plug"})
