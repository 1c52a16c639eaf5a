"""Gin with GORM: model, migration, request types, the layers the project has, routes, tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backwright.core.archmap import Component, Convention
from backwright.core.change import ChangeSet
from backwright.core.request import Understood
from backwright.kit.house import Manner
from backwright.kit.index import FactIndex
from backwright.kit.shapes import PlannedStack


# Imported when first used: projects of other stacks need none of it.
def _house(
    index: FactIndex, components: tuple[Component, ...], read: Callable[[str], str]
) -> tuple[Manner, tuple[Convention, ...]]:
    from backwright.stacks.gin.house import build_house

    return build_house(index, components, read)


def _plan(understood: Understood, house: Any, index: FactIndex, **given: Any) -> ChangeSet:
    from backwright.stacks.gin.planning import plan_resource

    return plan_resource(understood, house, index, **given)


STACK = PlannedStack("Gin with GORM", ("github.com/gin-gonic/gin",), _house, _plan)
