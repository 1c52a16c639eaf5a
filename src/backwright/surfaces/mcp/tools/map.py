"""`map`: stack, components and counts."""

from __future__ import annotations

from pathlib import Path

from backwright.surfaces.mcp.maps import map_argv
from backwright.surfaces.mcp.shapes import Arguments, Data, Tool


def _view(data: Data, arguments: Arguments, root: Path) -> Data:
    """Without what `routes`, `entities` and `house_style` show, and without the imports between files."""
    parts = [{key: part[key] for key in ("kind", "name", "version")} for part in data["stack"]["parts"]]
    components = [{key: one[key] for key in ("path", "role", "because")} for one in data["components"]]
    return {
        "root": data["root"],
        "stack": parts,
        "components": components,
        "unplaced": data["unplaced"],
        "skipped": data["skipped"],
        "backends": data["projects"],
    }


TOOL = Tool("Map of the backend", Arguments, map_argv, _view, pages="components")
