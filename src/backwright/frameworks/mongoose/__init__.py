"""Mongoose."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="Mongoose", kind="orm", packages={"mongoose": "mongoose", "@nestjs/mongoose": "@nestjs/mongoose"}
)
