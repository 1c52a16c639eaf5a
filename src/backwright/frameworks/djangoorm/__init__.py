"""Django ORM."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Django ORM", kind="orm", packages={"django.db": "django"})
