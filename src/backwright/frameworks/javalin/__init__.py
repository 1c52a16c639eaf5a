"""Javalin."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Javalin", kind="framework", packages={"io.javalin": "javalin"})
