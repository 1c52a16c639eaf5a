"""Hanami."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Hanami", kind="framework", packages={"Hanami": "hanami"})
