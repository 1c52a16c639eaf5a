"""Tornado."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Tornado", kind="framework", packages={"tornado": "tornado"})
