"""Express with Prisma and zod: schema, migration, validation, service, controller, routes, tests."""

from __future__ import annotations

from backwright.kit.shapes import PlannedStack
from backwright.stacks.express.house import build_house
from backwright.stacks.express.planning import plan_resource

STACK = PlannedStack("Express", ("express",), build_house, plan_resource)
