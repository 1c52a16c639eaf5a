"""poem."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="poem", kind="framework", packages={"poem": "poem"})
