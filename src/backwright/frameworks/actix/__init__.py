"""actix-web."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="actix-web", kind="framework", packages={"actix_web": "actix-web"})
