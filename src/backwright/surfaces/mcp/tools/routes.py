"""`routes`: the endpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from backwright.surfaces.mcp.maps import map_argv, place
from backwright.surfaces.mcp.shapes import Arguments, Data, Tool, Word


class Routes(Arguments, frozen=True, kw_only=True):
    """Which endpoints."""

    contains: Annotated[Word, msgspec.Meta(description="Only those with this in method, path, handler or file.")] = ""


def _view(data: Data, arguments: Routes, root: Path) -> Data:
    shown = [
        {
            "method": route["method"],
            "path": route["path"],
            "handler": route["handler"],
            "at": place(route["span"]),
            "response": route["response"],
            "status": route["status"],
            "auth": route["auth"],
        }
        for route in data["routes"]
    ]
    wanted = arguments.contains.lower()
    return {
        "routes": [r for r in shown if wanted in f"{r['method']} {r['path']} {r['handler']} {r['at']}".lower()],
    }


TOOL = Tool("Endpoints", Routes, map_argv, _view, pages="routes")
