"""`map`: the stack, the architecture and the house style of a project."""

from __future__ import annotations

import time
from pathlib import Path

from backwright.app.config import Config
from backwright.app.project import open_project
from backwright.app.results import MapResult


def map_repository(path: Path, config: Config) -> MapResult:
    """The map of the backend that `path` means. Raises as `app.project.open_project`."""
    started = time.monotonic()
    with open_project(path, config) as project:
        return MapResult(
            archmap=project.archmap,
            head=project.head,
            problems=project.problems(),
            seconds=time.monotonic() - started,
        )
