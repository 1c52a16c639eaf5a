"""Sinatra."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Sinatra", kind="framework", packages={"sinatra": "sinatra"})
