"""Before anything else: what a command that was killed left half way is taken back, and what it left behind is removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from backwright.adapters.files import open_tree
from backwright.adapters.git import find_root
from backwright.adapters.postgres_folder import remove_stale
from backwright.adapters.privatedir import sweep
from backwright.adapters.state import JOURNAL_NAME, existing_state, remove_leftovers


def recover_at(path: Path) -> tuple[str, ...]:
    """Recover the tree that `path` is in; a sentence for the user about each thing that was done, nearly always none.

    Costs about a millisecond when there is nothing to do. Raises `MachineError`.
    """
    notes: list[str] = []
    for root, state in _states(path):
        if (state / JOURNAL_NAME).exists():
            from backwright.adapters.landing import recover

            notes += recover(root, state)
        remove_leftovers(state)
    folders, processes = sweep()
    folders += remove_stale()
    if folders:
        ended = f", and ended {_counted(processes, 'process', 'es')} of it" if processes else ""
        notes.append(f"removed {_counted(folders, 'temporary folder', 's')} of a command that was killed{ended}")
    return tuple(notes)


def recovered_root(path: Path) -> Path:
    """The top of the tree that `path` is in, with nothing half landed in it.

    Raises `UsageError` for a path that does not exist, `NothingToDo` for an empty tree, `MachineError`.
    """
    recover_at(path)
    with open_tree(path) as tree:
        return tree.root


def _states(path: Path) -> Iterator[tuple[Path, Path]]:
    """Where state of ours may be for this path: in a folder above it, but not above its repository."""
    start = path.resolve()
    top = find_root(start)
    for folder in (start, *start.parents):
        state = existing_state(folder)
        # Others must not tell us what to write: it is ours, or belongs to whom the folder belongs.
        if state is not None and state.stat().st_uid in (os.geteuid(), folder.stat().st_uid):
            yield folder, state
        if folder == top:
            return


def _counted(number: int, what: str, ending: str) -> str:
    return f"{number} {what}{'' if number == 1 else ending}"
