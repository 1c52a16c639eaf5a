"""AdonisJS."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="AdonisJS", kind="framework", packages={"@adonisjs/core": "@adonisjs/core"})
