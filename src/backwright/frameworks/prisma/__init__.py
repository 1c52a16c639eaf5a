"""Prisma."""

from __future__ import annotations

from backwright.frameworks.prisma.schema import tables
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(name="Prisma", kind="orm", packages={"@prisma/client": "prisma"}, facts=tables)
