"""Ktor."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Ktor", kind="framework", packages={"io.ktor.server": "ktor-server-core"})
