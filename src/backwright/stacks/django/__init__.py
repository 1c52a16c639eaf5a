"""Django with Django REST framework: models, serializers, viewsets or generic views, migrations, tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backwright.core.archmap import Component
from backwright.core.change import ChangeSet
from backwright.core.ports import Formatter
from backwright.core.request import Understood
from backwright.kit.django.house import DjangoHouse
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Blueprint, PlannedStack
from backwright.stacks.django.house import build_house
from backwright.stacks.django.planning import plan_resource


def _plan(
    understood: Understood,
    house: DjangoHouse,
    index: FactIndex,
    *,
    blueprint: Blueprint,
    components: tuple[Component, ...],
    read: Callable[[str], str | None],
    formatter: Formatter,
    settings: Mapping[str, str],
) -> ChangeSet:
    return plan_resource(understood, house, index, read=read, formatter=formatter, settings=settings)


STACK = PlannedStack("Django REST framework", ("rest_framework",), build_house, _plan)
