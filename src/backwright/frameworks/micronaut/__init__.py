"""Micronaut."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Micronaut", kind="framework", packages={"io.micronaut": "micronaut-http-server"})
