"""`init --agent`: coding agents told about us, in the files that they read."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from backwright.adapters.files import open_tree
from backwright.app.results import AgentsResult
from backwright.app.settling import settle
from backwright.app.standing import head_of
from backwright.core.errors import UsageError
from backwright.engine.agents import prepared, vendors

_PROGRAM = "backwright"


def agent_names() -> tuple[str, ...]:
    """The agents that can be named."""
    return tuple(vendors())


def set_up_agents(path: Path, names: Sequence[str], *, remove: bool, write: bool) -> AgentsResult:
    """Write what these agents need to know us, or with `remove` take it out; without `write` it is only shown.

    All files change in one step that can be undone. Raises `UsageError` for an agent that nobody knows, `StalePlan` where
    somebody writes to the files meanwhile, `MachineError`.
    """
    known = agent_names()
    chosen = known if "all" in names else tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            raise UsageError(f"there is no agent `{name}`", hints=(f"one of: {', '.join(known)}, all",))
    with open_tree(path) as tree:
        found = prepared(chosen, lambda file: _read(tree.root, file), remove=remove)
        head = head_of(tree)
        notes = found.notes
        if not remove and shutil.which(_PROGRAM) is None:
            notes += (
                f"`{_PROGRAM}` is not on the PATH of this shell: an agent that is started from here will not find it",
            )
        titles = tuple(vendors()[name].title for name in chosen)
        if not found.edits or not write:
            return AgentsResult(head, titles, found.edits, notes, removed=remove)
        title = f"{'take out' if remove else 'set up'} {', '.join(titles)}"
        landed = settle(tree, found.edits, prefix="", title=title, author="init --agent")
        return AgentsResult(head, titles, found.edits, (*notes, *landed.notes), landed.id, removed=remove)


def _read(root: Path, file: str) -> str | None:
    """A file that may be ignored by git. Raises `UsageError` for what is no text, or leads out of the repository."""
    place = root / file
    if not place.exists() and not place.is_symlink():
        return None
    if place.is_symlink() or not place.is_file() or not place.resolve().is_relative_to(root.resolve()):
        raise UsageError("is no plain file of this repository", where=file)
    try:
        return place.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("is not UTF-8", where=file) from error
