"""Symfony."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Symfony", kind="framework", packages={"Symfony": "symfony/framework-bundle"})
