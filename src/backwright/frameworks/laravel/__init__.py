"""Laravel."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Laravel", kind="framework", packages={"Illuminate": "laravel/framework"})
