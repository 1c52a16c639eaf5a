"""Express."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Express", kind="framework", packages={"express": "express"})
