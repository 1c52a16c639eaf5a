"""Where a repository stands."""

from __future__ import annotations

from backwright.adapters.files import RepositoryTree
from backwright.report.results import Head

_SHORT_ID = 7


def head_of(tree: RepositoryTree) -> Head:
    """Where the repository stands now."""
    branch, commit = (tree.git.branch(), tree.git.head()) if tree.git else ("", "")
    return Head(tree.root.name, branch, commit[:_SHORT_ID], len(tree.files()))
