"""Django Ninja."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Django Ninja", kind="framework", packages={"ninja": "django-ninja"})
