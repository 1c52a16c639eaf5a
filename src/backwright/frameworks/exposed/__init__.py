"""Exposed."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Exposed", kind="orm", packages={"org.jetbrains.exposed": "exposed-core"})
