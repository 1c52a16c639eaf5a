"""Falcon."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Falcon", kind="framework", packages={"falcon": "falcon"})
