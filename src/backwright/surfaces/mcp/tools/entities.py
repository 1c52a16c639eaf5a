"""`entities`: tables with their columns and relations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from backwright.surfaces.mcp.maps import entity_view, map_argv
from backwright.surfaces.mcp.shapes import Arguments, Data, Tool, Word


class Entities(Arguments, frozen=True, kw_only=True):
    """Which entities."""

    name: Annotated[Word, msgspec.Meta(description="Only those with this in the name of the entity or its table.")] = ""


def _view(data: Data, arguments: Entities, root: Path) -> Data:
    wanted = arguments.name.lower()
    found = [e for e in data["entities"] if wanted in e["name"].lower() or wanted in e["table"].lower()]
    return {"entities": [entity_view(entity) for entity in found]}


TOOL = Tool("Entities", Entities, map_argv, _view, pages="entities")
