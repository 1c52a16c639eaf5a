"""One file's part of a landing, forwards and backwards.

Beside the file stands a second name, `temp`. At first the file holds `before` and temp holds `after`. Landing swaps the
two names, whatever kind of edit it is (of an absent file the name is simply free). From then on temp holds what was
there, the very same file, to be compared and perhaps given back. Each function may be killed at any point: `take_back`
reads off the two names what happened, and is safe to repeat.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backwright.adapters.landing_rename import exchange, mend, move
from backwright.adapters.landing_tree import NotPlainError, Odd, Root, look, remove, write_new

#: Given a path and text of the user's that has no place in the tree any more, keeps it elsewhere.
Keep = Callable[[str, bytes | Odd], None]


@dataclass(frozen=True)
class Swap:
    """`None` is absence. `mode` is the permission bits the file has or will have."""

    path: str
    before: bytes | None
    after: bytes | None
    mode: int
    temp: str

    @property
    def spare(self) -> str:
        """Used by renames where the file system cannot exchange."""
        return self.temp + ".old"

    @property
    def draft(self) -> str:
        """Where the image of a lost temp is written again."""
        return self.temp + ".new"


class ConflictError(Exception):
    """The file is not what it was when the change was prepared. `swapped`: its names have been swapped."""

    def __init__(self, path: str, what: str, *, swapped: bool) -> None:
        super().__init__(f"{path} {what}")
        self.path = path
        self.what = what
        self.swapped = swapped


def stage(root: Root, swap: Swap) -> None:
    """Write the new content beside the file."""
    if swap.after is None:
        return
    with _about(swap.path), root.parent(swap.path) as (directory, name):
        write_new(directory, swap.temp, swap.after, swap.mode, like=name if swap.before is not None else "")


def unstage(root: Root, swap: Swap) -> None:
    """Remove what `stage` may have written, finished or not."""
    with contextlib.suppress(FileNotFoundError, NotPlainError), root.parent(swap.path) as (directory, _):
        remove(directory, swap.temp)


def put(root: Root, swap: Swap) -> None:
    """Swap, then compare what came out. Raises `ConflictError` when it is not what was expected."""
    try:
        with _about(swap.path), root.parent(swap.path) as (directory, name):
            _forwards(directory, name, swap)
            came_out = look(directory, swap.temp)
    except FileExistsError:
        raise ConflictError(swap.path, "was created", swapped=False) from None
    except FileNotFoundError:
        raise ConflictError(swap.path, "was removed", swapped=False) from None
    except NotPlainError:
        raise ConflictError(swap.path, "is behind a symbolic link now", swapped=False) from None
    if came_out != swap.before:
        raise ConflictError(swap.path, "was changed", swapped=True)


def confirm(root: Root, swap: Swap) -> None:
    """Read both names back: nobody saved since, neither by name nor through a file that was open all along."""
    try:
        with root.parent(swap.path) as (directory, name):
            if look(directory, name) == swap.after and look(directory, swap.temp) == swap.before:
                return
    except (FileNotFoundError, NotPlainError):
        pass
    raise ConflictError(swap.path, "was changed", swapped=True)


def take_back(root: Root, swap: Swap, keep: Keep) -> None:
    """Bring the file back to what it was, unless the user has saved something else since: that stays."""
    with contextlib.suppress(FileNotFoundError, NotPlainError), root.parent(swap.path) as (directory, name):
        mend(directory, name, swap.temp, swap.spare)
        remove(directory, swap.draft)
        now, beside = look(directory, name), look(directory, swap.temp)
        if now == swap.after and beside is None and swap.before is not None:
            beside = _write_before_again(directory, swap, swap.before)
        if now == swap.after:
            _give_back(directory, name, swap)
        elif now == swap.before and beside not in (None, swap.before, swap.after):
            # A kill between the two renames of `_give_back`, or just after the user's text came out: theirs goes back.
            with contextlib.suppress(FileExistsError, FileNotFoundError):
                _forwards(directory, name, swap)
    clear(root, swap, keep)


def clear(root: Root, swap: Swap, keep: Keep) -> None:
    """Free the second name. Content that is neither before nor after is the user's and is kept."""
    with contextlib.suppress(FileNotFoundError, NotPlainError), root.parent(swap.path) as (directory, name):
        mend(directory, name, swap.temp, swap.spare)
        beside = look(directory, swap.temp)
        if beside is None:
            return
        if beside not in (swap.before, swap.after):
            keep(swap.path, beside)
        if not isinstance(beside, Odd):
            remove(directory, swap.temp)


@contextlib.contextmanager
def _about(path: str) -> Iterator[None]:
    """Have errors name the user's file rather than ours beside it."""
    try:
        yield
    except OSError as refused:
        refused.filename, refused.filename2 = path, None
        raise


def _forwards(directory: int, name: str, swap: Swap) -> None:
    if swap.before is None:
        move(directory, swap.temp, name)
    elif swap.after is None:
        move(directory, name, swap.temp)
    else:
        exchange(directory, name, swap.temp, swap.spare)


def _backwards(directory: int, name: str, swap: Swap) -> None:
    if swap.before is None:
        move(directory, name, swap.temp)
    elif swap.after is None:
        move(directory, swap.temp, name)
    else:
        exchange(directory, name, swap.temp, swap.spare)


def _give_back(directory: int, name: str, swap: Swap) -> None:
    """Swap the names back. If the user saved in this very moment, what came out is theirs and returns."""
    with contextlib.suppress(FileExistsError, FileNotFoundError):
        _backwards(directory, name, swap)
        if look(directory, swap.temp) != swap.after:
            _forwards(directory, name, swap)


def _write_before_again(directory: int, swap: Swap, before: bytes) -> bytes:
    """Somebody cleaned our second name away; the journal still has what it held."""
    write_new(directory, swap.draft, before, swap.mode)
    os.rename(swap.draft, swap.temp, src_dir_fd=directory, dst_dir_fd=directory)
    return before
