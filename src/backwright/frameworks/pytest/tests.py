"""Tests of a new resource."""

from __future__ import annotations

from backwright.kit.artifacts import Emission, ResourcePlan


def emit_tests(plan: ResourcePlan) -> tuple[Emission, ...]:
    return ()
