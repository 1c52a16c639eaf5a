"""Django."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Django", kind="framework", packages={"django": "django"})
