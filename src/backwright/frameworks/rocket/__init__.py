"""Rocket."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Rocket", kind="framework", packages={"rocket": "rocket"})
