"""The tools, two files each: `<name>.py` says how it is called, `<name>.md` tells the agent what it is for."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path

from backwright.surfaces.mcp.shapes import Tool


@cache
def tools() -> dict[str, Tool]:
    """Every tool by name, found in this folder."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        tool = import_module(f"{__name__}.{module.name}").TOOL
        assert isinstance(tool, Tool)
        found[module.name] = tool
    return found


@cache
def page(name: str) -> str:
    """What an agent is told about a tool."""
    return (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8").strip()
