"""All backends of a repository that a call means, for what can be asked of several at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from backwright.adapters.files import RepositoryTree
from backwright.app import project
from backwright.app.config import Config
from backwright.app.stack import all_stacks
from backwright.core.stack import Stack
from backwright.engine.backends import Backend
from backwright.engine.projects import is_under


def read_backends(tree: RepositoryTree, path: Path, config: Config) -> Iterator[project.Project]:
    """The backend that the folder of the tree lies in, and those below it, in the order of their roots, one after the other.

    Raises as `open_project` where there is none.
    """
    facts = project.read_facts(tree)
    planned = project.planned_backends(tree, facts)
    shown = {stack.root: stack for stack in all_stacks(tree) if stack.kind == "backend"}
    roots = {backend.root for backend in planned} | {
        root for root, stack in shown.items() if not _is_planned(stack, planned)
    }
    asked = sorted(_asked(roots, tree.project))
    if not asked:
        yield project.read_backend(tree, path, config)
    for root in asked:
        own = next((backend for backend in planned if backend.root == root), None)
        if own is not None:
            yield project.project_at(tree, config, facts, own, planned)
        else:
            yield project.project_of_stack(tree, config, facts, shown[root], sorted(roots))


def _asked(roots: set[str], folder: str) -> set[str]:
    around = [root for root in roots if is_under(folder, root)]
    return {root for root in roots if is_under(root, folder)} | ({max(around, key=len)} if around else set())


def _is_planned(stack: Stack, planned: Sequence[Backend]) -> bool:
    """Whether plans are made for the backend that a stack shows, though its folder is drawn wider or closer there."""
    return stack.name("language").lower() in {backend.language for backend in planned} and any(
        is_under(stack.root, backend.root) or is_under(backend.root, stack.root) for backend in planned
    )
