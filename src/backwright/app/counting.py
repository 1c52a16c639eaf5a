"""What rules counted in a whole backend, kept for whoever looks at a part of it: what is usual there is no matter of a few files."""

from __future__ import annotations

from collections.abc import Mapping

from backwright.adapters.files import RepositoryTree
from backwright.adapters.memory import Counted, recall, remember
from backwright.app.project import Project

COUNTS = "counts"


def keep_counts(project: Project) -> None:
    """Keep what was counted while the whole project was checked."""
    here = project.index.counts.here
    known = recall(project.tree.root, COUNTS, Counted)
    backends = known.backends if known is not None else {}
    if backends.get(project.root) != here:
        remember(project.tree.root, COUNTS, Counted({**backends, project.root: here}))


def known_counts(tree: RepositoryTree) -> Mapping[str, Mapping[str, int]]:
    """What was counted in each backend when it was checked last; nothing that the repository itself brings."""
    known = recall(tree.root, COUNTS, Counted) if not tree.ships(".backwright") else None
    return known.backends if known is not None else {}
