"""Rails."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="Rails", kind="framework", packages={"rails": "rails"}, entries=("config/routes.rb",)
)
