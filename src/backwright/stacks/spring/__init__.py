"""Spring Boot with JPA: entity, migration, requests and responses, repository, service, controller, tests."""

from __future__ import annotations

from backwright.kit.shapes import PlannedStack
from backwright.stacks.spring.house import build_house
from backwright.stacks.spring.planning import plan_resource

STACK = PlannedStack("Spring Boot", ("org.springframework.web",), build_house, plan_resource)
