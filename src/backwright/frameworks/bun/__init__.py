"""bun."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="bun", kind="orm", packages={"github.com/uptrace/bun": "github.com/uptrace/bun"})
