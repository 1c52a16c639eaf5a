"""`explain`: a page about a rule, a file, a plan or a run."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backwright.surfaces.mcp.shapes import Arguments, Tool, Word


class Explain(Arguments, frozen=True, kw_only=True):
    """What about."""

    subject: Annotated[
        Word, msgspec.Meta(min_length=1, description="`BW101`, `rules`, a role, a file, the id of a plan or a run.")
    ]


def _argv(arguments: Explain) -> list[str]:
    return ["explain", "--json", "--", arguments.subject]


TOOL = Tool("Explain", Explain, _argv)
