"""Who made a report."""

from __future__ import annotations

from functools import cache

NAME = "backwright"


@cache
def version() -> str:
    """The installed version of Backwright."""
    from importlib.metadata import version as installed  # costs 15 ms: only where a version is printed

    return installed(NAME)
