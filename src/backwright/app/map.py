"""`map`: the stack, the architecture and the house style of a project."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.app.answering import Answer
from backwright.app.config import Config
from backwright.app.standing import head_of
from backwright.core.archmap import ArchMap
from backwright.core.errors import NothingToDo
from backwright.report.results import Head, MapResult, Problem

if TYPE_CHECKING:
    from backwright.adapters.loading import Facts
    from backwright.app.again import Again


def map_repository(path: Path, config: Config, again: Again | None = None) -> MapResult:
    """The map of the backend that `path` means. Raises as `app.project.open_project`.

    `again` is told where the map stands until something changes.
    """
    with open_tree(path) as tree:
        return map_tree(tree, path, config, again)


def map_tree(tree: RepositoryTree, path: Path, config: Config, again: Again | None = None) -> MapResult:
    """As `map_repository`, for a tree that is open already."""
    started = time.monotonic()
    head = head_of(tree)
    answer = Answer("map", MapResult, tree, config)
    found = answer.find()
    if found is None:
        found, settled = _mapped(tree, path, config, head)
        answer.keep(found, settled=settled)
    if again is not None and answer.stands:
        again.see(tree, config)
    return msgspec.structs.replace(found, head=head, seconds=time.monotonic() - started)


def archmap_of(tree: RepositoryTree, path: Path, config: Config) -> ArchMap:
    """The map of a tree that is open already, worked out anew. Raises as `map_repository`."""
    return _mapped(tree, path, config, head_of(tree))[0].archmap


def _mapped(tree: RepositoryTree, path: Path, config: Config, head: Head) -> tuple[MapResult, bool]:
    """The map, and whether another call must come to the same."""
    from backwright.app.project import project_of, read_facts

    facts = read_facts(tree)
    try:
        project = project_of(tree, path, config, facts)
    except NothingToDo:
        found = _by_stack(tree, config, facts, head)
        if found is None:
            raise
        return found, facts.settled
    return MapResult(archmap=project.archmap, head=head, problems=project.problems()), project.facts_settled


def _by_stack(tree: RepositoryTree, config: Config, facts: Facts, head: Head) -> MapResult | None:
    """The map of a backend that is found by its stack: its layers, its routes and entities, its habits if they are read.

    None where there is no backend.
    """
    from backwright.app.project import project_by_stack

    project = project_by_stack(tree, config, facts)
    if project is None or project.stack is None:
        return None
    archmap = msgspec.structs.replace(project.archmap, files=head.files)
    if project.planner is not None:
        return MapResult(archmap, head, problems=project.problems())
    made_with = project.stack.name("framework") or project.stack.name("language")
    said = (
        "routes and entities are read"
        if archmap.routes or archmap.entities
        else "neither routes nor entities were found"
    )
    problem = Problem("BW-W003", f"no changes are planned for {made_with} yet: {said}", project.stack.root)
    return MapResult(archmap, head, problems=(problem,))
