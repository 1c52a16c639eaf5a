"""`undo`: a landed change taken back."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backwright.surfaces.mcp.shapes import Arguments, Tool
from backwright.surfaces.mcp.tools.apply import Id


class Undo(Arguments, frozen=True, kw_only=True):
    """Which change."""

    change: Annotated[Id, msgspec.Meta(description="The id that was applied.")]


def _argv(arguments: Undo) -> list[str]:
    return ["apply", "--json", f"--undo={arguments.change}"]


TOOL = Tool("Undo a change", Undo, _argv, acts=True)
