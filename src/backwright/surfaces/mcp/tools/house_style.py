"""`house_style`: the conventions of the code, with counts and the best example of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from backwright.surfaces.mcp.maps import convention_view, map_argv
from backwright.surfaces.mcp.shapes import Arguments, Data, Tool, Word


class HouseStyle(Arguments, frozen=True, kw_only=True):
    """Which conventions."""

    topic: Annotated[Word, msgspec.Meta(description="Only this topic: session, auth, errors, pagination …")] = ""


def _view(data: Data, arguments: HouseStyle, root: Path) -> Data:
    wanted = arguments.topic.lower()
    found = [c for c in data["conventions"] if wanted in c["topic"].lower()]
    topics = sorted({c["topic"] for c in data["conventions"]})
    return {"topics": topics, "conventions": [convention_view(convention) for convention in found]}


TOOL = Tool("House style", HouseStyle, map_argv, _view, pages="conventions")
