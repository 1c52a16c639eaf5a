"""Next.js."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Next.js", kind="framework", packages={"next": "next"})
