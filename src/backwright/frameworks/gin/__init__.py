"""Gin."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="Gin", kind="framework", packages={"github.com/gin-gonic/gin": "github.com/gin-gonic/gin"}
)
