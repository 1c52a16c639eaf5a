"""TypeORM."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="TypeORM", kind="orm", packages={"typeorm": "typeorm"})
