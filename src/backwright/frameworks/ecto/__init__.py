"""Ecto."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Ecto", kind="orm", packages={"Ecto": "ecto"})
