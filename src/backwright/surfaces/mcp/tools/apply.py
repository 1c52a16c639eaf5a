"""`apply`: a plan made, verified and landed."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backwright.surfaces.mcp.shapes import Arguments, Tool

Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{4,40}$")]


class Apply(Arguments, frozen=True, kw_only=True):
    """Which plan."""

    plan: Annotated[Id, msgspec.Meta(description="The `id` that `plan` gave.")]


def _argv(arguments: Apply) -> list[str]:
    return ["apply", "--json", "--", arguments.plan]


TOOL = Tool("Apply a plan", Apply, _argv, acts=True, proves=True)
