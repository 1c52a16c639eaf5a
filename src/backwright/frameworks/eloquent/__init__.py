"""Eloquent."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="Eloquent", kind="orm", packages={"Illuminate.Database.Eloquent": "illuminate/database"}
)
