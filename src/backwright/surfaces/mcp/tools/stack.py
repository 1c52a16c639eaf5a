"""`stack`: what every project of the repository is built with."""

from __future__ import annotations

from backwright.surfaces.mcp.shapes import Arguments, Tool


def _argv(arguments: Arguments) -> list[str]:
    return ["stack", "--json", "--", arguments.path or "."]


TOOL = Tool("Stack of every project", Arguments, _argv)
