"""The envelope of lists, for a project that has none yet."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import Emission, Piece, ResourcePlan
from backwright.kit.templates import render

_IMPORTS = ("from typing import Generic, TypeVar", "from pydantic import BaseModel")


def emit_page(plan: ResourcePlan) -> Iterator[Emission]:
    """`Page[T]` with rows, total, limit and offset."""
    ground = plan.house.foundation
    if ground is None or not ground.page or "list" not in plan.operations:
        return
    body = render("pydantic/page.py.jinja", modern=int(plan.house.target.removeprefix("py3")) >= 12)
    yield Piece("schema", ground.page, _IMPORTS, body, "one page of a list", "", "Page[T]")
