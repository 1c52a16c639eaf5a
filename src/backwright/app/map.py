"""`map`: the stack, the architecture and the house style of a project."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.app.answering import Answer
from backwright.app.config import Config
from backwright.app.standing import head_of
from backwright.core.errors import NothingToDo
from backwright.report.results import Head, MapResult


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

        try:
            project = read_project(tree, path, config)
        except NothingToDo:
            found = _stack_only(tree, head)
            if found is None:
                raise
        else:
            found = MapResult(archmap=project.archmap, head=head, problems=project.problems())
            answer.keep(found, settled=project.facts_settled)
    return msgspec.structs.replace(found, head=head, seconds=time.monotonic() - started)


def _stack_only(tree: RepositoryTree, head: Head) -> MapResult | None:
    """The map of a backend whose inside cannot be read yet; None where there is no backend."""
    from backwright.app.stack import backend_stack
    from backwright.core.archmap import ArchMap
    from backwright.report.results import Problem

    found = backend_stack(tree)
    if found is None:
        return None
    stack, roots = found
    made_with = stack.name("framework") or stack.name("language")
    problem = Problem("BW-W003", f"what is inside is not read yet for {made_with}: this is the stack only", stack.root)
    return MapResult(ArchMap(root=stack.root, stack=stack, files=head.files, projects=roots), head, problems=(problem,))
