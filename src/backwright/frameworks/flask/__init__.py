"""Flask."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Flask", kind="framework", packages={"flask": "flask"})
