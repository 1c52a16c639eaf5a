"""axum with sqlx on PostgreSQL: migration, model, requests, repository, service, handlers, routes, wiring, tests."""

from __future__ import annotations

from backwright.kit.shapes import PlannedStack
from backwright.stacks.axum.house import build_house
from backwright.stacks.axum.planning import plan_resource

STACK = PlannedStack("axum", ("axum",), build_house, plan_resource)
