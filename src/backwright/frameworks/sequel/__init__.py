"""Sequel."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Sequel", kind="orm", packages={"Sequel": "sequel"})
