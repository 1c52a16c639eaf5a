"""Django REST framework."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="Django REST framework", kind="framework", packages={"rest_framework": "djangorestframework"}
)
