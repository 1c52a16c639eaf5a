"""`map`: the stack, the architecture and the house style of a project."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.app.answering import Answer
from backwright.app.config import Config
from backwright.app.standing import head_of
from backwright.report.results import MapResult


def map_repository(path: Path, config: Config) -> MapResult:
    """The map of the backend that `path` means. Raises as `app.project.open_project`."""
    with open_tree(path) as tree:
        return map_tree(tree, path, config)


def map_tree(tree: RepositoryTree, path: Path, config: Config) -> MapResult:
    """As `map_repository`, for a tree that is open already."""
    started = time.monotonic()
    head = head_of(tree)
    answer = Answer("map", MapResult, tree, config)
    found = answer.find()
    if found is None:
        from backwright.app.project import read_project

        project = read_project(tree, path, config)
        found = MapResult(archmap=project.archmap, head=head, problems=project.problems())
        answer.keep(found, settled=project.facts_settled)
    return msgspec.structs.replace(found, head=head, seconds=time.monotonic() - started)
