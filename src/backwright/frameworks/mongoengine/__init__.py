"""MongoEngine."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="MongoEngine", kind="orm", packages={"mongoengine": "mongoengine"})
