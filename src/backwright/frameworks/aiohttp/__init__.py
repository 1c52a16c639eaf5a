"""aiohttp."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="aiohttp", kind="framework", packages={"aiohttp": "aiohttp"})
