"""Echo."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="Echo", kind="framework", packages={"github.com/labstack/echo": "github.com/labstack/echo"}
)
