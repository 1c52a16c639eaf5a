"""SeaORM."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="SeaORM", kind="orm", packages={"sea_orm": "sea-orm"})
