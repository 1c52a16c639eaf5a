"""Fiber."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="Fiber", kind="framework", packages={"github.com/gofiber/fiber": "github.com/gofiber/fiber"}
)
