"""FastAPI with SQLAlchemy or SQLModel, Alembic and pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backwright.core.archmap import Component
from backwright.core.change import ChangeSet
from backwright.core.ports import Formatter
from backwright.core.request import Understood
from backwright.engine.housing import build_house
from backwright.engine.planning import plan_change
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Blueprint, PlannedStack


def _plan(
    understood: Understood,
    house: House,
    index: FactIndex,
    *,
    blueprint: Blueprint,
    components: tuple[Component, ...],
    read: Callable[[str], str | None],
    formatter: Formatter,
    settings: Mapping[str, str],
) -> ChangeSet:
    return plan_change(
        understood,
        house,
        index,
        blueprint=blueprint,
        components=components,
        read=read,
        formatter=formatter,
        settings=settings,
    ).change


_BLUEPRINTS = ("resource", "field", "endpoint", "list", "migration", "soft_delete", "audit", "health", "rate_limit")
STACK = PlannedStack("FastAPI", ("fastapi",), build_house, _plan, _BLUEPRINTS)
