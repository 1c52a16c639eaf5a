"""NestJS."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__,
    name="NestJS",
    kind="framework",
    packages={"@nestjs/core": "@nestjs/core", "@nestjs/common": "@nestjs/common"},
)
