"""`exemplar`: the file to imitate for a role."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from backwright.core.archmap import ROLES
from backwright.core.errors import UsageError
from backwright.surfaces.mcp.maps import best_of, map_argv, text_of
from backwright.surfaces.mcp.shapes import Arguments, Data, Tool, Word


class Exemplar(Arguments, frozen=True, kw_only=True):
    """Of which role."""

    role: Annotated[Word, msgspec.Meta(description=f"One of: {', '.join(sorted(ROLES))}.")]
    like: Annotated[Word, msgspec.Meta(description="Rather one with this word in its path, such as `orders`.")] = ""


def _view(data: Data, arguments: Exemplar, root: Path) -> Data:
    if arguments.role not in ROLES:
        raise UsageError(f"there is no role `{arguments.role}`", hints=(f"the roles: {', '.join(sorted(ROLES))}",))
    found = best_of(data, arguments.role, arguments.like)
    if found is None:
        present = sorted({component["role"] for component in data["components"]} - {""})
        hint = f"the roles that it has: {', '.join(present)}"
        raise UsageError(f"this backend has no {arguments.role}", hints=(hint,))
    return {**found, "text": text_of(root, found["path"])}


TOOL = Tool("Exemplar of a role", Exemplar, map_argv, _view)
