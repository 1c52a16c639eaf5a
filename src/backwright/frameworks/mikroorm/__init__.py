"""MikroORM."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="MikroORM", kind="orm", packages={"@mikro-orm/core": "@mikro-orm/core"})
