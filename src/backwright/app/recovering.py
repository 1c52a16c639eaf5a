"""Before a verb writes: take back what an earlier one that was killed left half way."""

from __future__ import annotations

import time
from pathlib import Path

from backwright.adapters.files import open_tree
from backwright.adapters.landing import recover
from backwright.adapters.state import existing_state
from backwright.app.results import Progress


def recovered_root(path: Path, progress: Progress | None = None) -> Path:
    """The top of the tree that `path` is in, with nothing half landed in it.

    Raises `UsageError` for a path that does not exist, `NothingToDo` for an empty tree, `MachineError`.
    """
    with open_tree(path) as tree:
        root = tree.root
    state = existing_state(root)
    if state is not None:
        started = time.monotonic()
        for note in recover(root, state):
            if progress is not None:
                progress.started("recovery")
                progress.finished("recovery", "passed", time.monotonic() - started, note)
    return root
