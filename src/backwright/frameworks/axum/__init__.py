"""axum."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="axum", kind="framework", packages={"axum": "axum"})
