"""All backends of a repository that a call means, for what can be asked of several at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backwright.adapters.files import RepositoryTree
from backwright.adapters.loading import Facts
from backwright.app import project
from backwright.app.config import Config
from backwright.app.stack import all_stacks
from backwright.core.stack import Stack
from backwright.engine.backends import Backend
from backwright.engine.projects import is_under


@dataclass(frozen=True)
class Backends:
    """The backends of a repository whose facts were read: found once, read with any configuration."""

    tree: RepositoryTree
    facts: Facts
    planned: tuple[Backend, ...]
    shown: Mapping[str, Stack]

    @classmethod
    def find(cls, tree: RepositoryTree, facts: Facts) -> Backends:
        """All that are in the tree."""
        shown = {stack.root: stack for stack in all_stacks(tree) if stack.kind == "backend"}
        return cls(tree, facts, project.planned_backends(tree, facts), shown)

    def read(self, path: Path, config: Config) -> Iterator[project.Project]:
        """As `read_backends`."""
        roots = {backend.root for backend in self.planned} | {
            root for root, stack in self.shown.items() if not _is_planned(stack, self.planned)
        }
        asked = sorted(_asked(roots, self.tree.project))
        if not asked:
            yield project.read_backend(self.tree, path, config)
        for root in asked:
            own = next((backend for backend in self.planned if backend.root == root), None)
            if own is not None:
                yield project.project_at(self.tree, config, self.facts, own, self.planned)
            else:
                yield project.project_of_stack(self.tree, config, self.facts, self.shown[root], sorted(roots))


def read_backends(tree: RepositoryTree, path: Path, config: Config) -> Iterator[project.Project]:
    """The backend that the folder of the tree lies in, and those below it, in the order of their roots, one after the other.

    Raises as `open_project` where there is none.
    """
    yield from Backends.find(tree, project.read_facts(tree)).read(path, config)


def _asked(roots: set[str], folder: str) -> set[str]:
    around = [root for root in roots if is_under(folder, root)]
    return {root for root in roots if is_under(root, folder)} | ({max(around, key=len)} if around else set())


def _is_planned(stack: Stack, planned: Sequence[Backend]) -> bool:
    """Whether plans are made for the backend that a stack shows, though its folder is drawn wider or closer there."""
    return stack.name("language").lower() in {backend.language for backend in planned} and any(
        is_under(stack.root, backend.root) or is_under(backend.root, stack.root) for backend in planned
    )
