"""Django with Django REST framework: models, serializers, viewsets or generic views, migrations, tests."""

from __future__ import annotations

from backwright.kit.shapes import PlannedStack
from backwright.stacks.django.house import build_house
from backwright.stacks.django.planning import plan_resource

STACK = PlannedStack("Django REST framework", ("rest_framework",), build_house, plan_resource)
