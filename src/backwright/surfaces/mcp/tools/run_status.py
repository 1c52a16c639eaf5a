"""`run_status`: where the project stands, or what a run did."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backwright.surfaces.mcp.shapes import Arguments, Tool


class RunStatus(Arguments, frozen=True, kw_only=True):
    """Of which run."""

    run: Annotated[
        str, msgspec.Meta(pattern=r"^([0-9a-f]{4,40})?$", description="The id of a run; empty for where things stand.")
    ] = ""


def _argv(arguments: RunStatus) -> list[str]:
    return ["explain", "--json", "--", arguments.run] if arguments.run else ["--json"]


TOOL = Tool("Status of the project or a run", RunStatus, _argv)
