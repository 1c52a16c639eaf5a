"""`verify`: the repository's own contract."""

from __future__ import annotations

from backwright.surfaces.mcp.shapes import Arguments, Tool


def _argv(arguments: Arguments) -> list[str]:
    return ["verify", "--json", "--", arguments.path or "."]


TOOL = Tool("Verify", Arguments, _argv, pages="steps", acts=True, proves=True)
