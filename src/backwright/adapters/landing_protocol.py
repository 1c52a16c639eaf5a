"""The protocol of landing and of recovery, for one process that holds the lock.

1. The images of every file, before and after, go into the journal: one durable commit.
2. The new content is written beside the files and synced; the journal says so.
3. Names are swapped one by one, each time looking at what came out.
4. Everything is read back, and the journal says LANDED: one durable commit, the moment in which the change is made.
5. What came out is removed.

Killed before 4, the change is taken back by the next start; after 4, it is tidied up.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from backwright.adapters.git import came_along
from backwright.adapters.landing_journal import Entry, Journal, Phase, unusable
from backwright.adapters.landing_paths import check_path, parents_of
from backwright.adapters.landing_swap import ConflictError, Swap, clear, confirm, put, stage, take_back, unstage
from backwright.adapters.landing_tree import NotPlainError, Odd, Root, remove, write_new
from backwright.adapters.state import JOURNAL_NAME, ensure_state, machine_error
from backwright.core.errors import MachineError, StalePlan, UsageError

LOCK_SECONDS = 30.0
_LOCK_NAME = "landing.lock"
_KEPT = "kept"
_ERRNO = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}


@dataclass
class Session:
    """One process's turn at writing: the lock is held, and nothing unfinished is left from before."""

    root: Root
    state: Path
    journal: Journal
    notes: list[str] = field(default_factory=list)  # sentences for the user

    def missing_directories(self, swaps: tuple[Swap, ...]) -> tuple[str, ...]:
        """What must be created for the new files, outermost first."""
        needed = {parent for swap in swaps if swap.after is not None for parent in parents_of(swap.path)}
        return tuple(path for path in sorted(needed) if not self.root.is_directory(path))

    def carry_out(self, planned: Entry) -> None:
        """Land. Whatever is raised, the tree is as it was; or, if the disk refuses even that, the journal knows."""
        entry = self.journal.begin(planned)
        try:
            self.root.make_directories(entry.directories)
            for swap in entry.swaps:
                stage(self.root, swap)
            self._sync(entry)
            self.journal.swapping(entry)
            for swap in entry.swaps:
                put(self.root, swap)
            self._sync(entry)
            for swap in entry.swaps:
                confirm(self.root, swap)
            self.journal.landed(entry)
        except ConflictError as conflict:
            self._give_up(entry, conflict, untouched="" if conflict.swapped else conflict.path)
            what = f"{conflict} while the change was being made, so nothing was changed"
            raise StalePlan(what, where=conflict.path, hints=("plan again", *self.notes)) from None
        except BaseException as failure:
            self._give_up(entry, failure)
            raise
        # The change is made. If tidying up fails now, the next start does it; to report a failure would be a lie.
        with contextlib.suppress(OSError, sqlite3.Error):
            self._settle(entry)

    def recover(self) -> None:
        """Deal with what other processes left when they died."""
        for entry in self.journal.unsettled():
            check_entry(entry)
            what = f"change {entry.id}" if entry.undoes is None else f"undoing change {entry.id}"
            if entry.phase is Phase.LANDED:
                self._settle(entry)
                self.notes.append(f"tidied up after {what}, which was complete when it was interrupted")
            else:
                self._take_back(entry)
                self.notes.append(f"took back {what}, which was interrupted; its files are as they were")

    def _give_up(self, entry: Entry, cause: BaseException, *, untouched: str = "") -> None:
        try:
            # Read the phase again: an interrupt may have arrived in the instant after a commit.
            self._take_back(self.journal.numbered(entry.seq) or entry, untouched)
        except (OSError, sqlite3.Error) as worse:
            raise MachineError(
                f"making the change failed ({cause}), and so did taking it back ({worse})",
                where=", ".join(swap.path for swap in entry.swaps),
                hints=("mend the cause and run the command again: it restores these files first",),
            ) from cause

    def _take_back(self, entry: Entry, untouched: str = "") -> None:
        if entry.phase is Phase.LANDED:
            self.journal.swapping(entry)
        for swap in entry.swaps:
            if entry.phase is Phase.STAGING:
                unstage(self.root, swap)
            elif swap.path == untouched:
                clear(self.root, swap, self._keep)
            else:
                take_back(self.root, swap, self._keep)
        self._sync(entry)
        self.root.remove_directories(entry.directories)
        self.journal.forget(entry)

    def _settle(self, entry: Entry) -> None:
        for swap in entry.swaps:
            clear(self.root, swap, self._keep)
        undone = self.journal.numbered(entry.undoes) if entry.undoes is not None else None
        self._sync(entry)
        self.root.remove_directories(undone.directories if undone else ())
        self.journal.settled(entry)

    def _sync(self, entry: Entry) -> None:
        self.root.sync_parents(swap.path for swap in entry.swaps)

    def _keep(self, path: str, content: bytes | Odd) -> None:
        """Something of the user's came out that has no place in the tree: set it aside, and say so."""
        if isinstance(content, Odd):
            self.notes.append(f"what was put at {path} meanwhile ({content.what}) was left beside it")
            return
        kept = f"{hashlib.sha256(content).hexdigest()[:12]}-{Path(path).name}"
        with Root(self.state) as state:
            state.make_directories([_KEPT])
            with state.directory(_KEPT) as handle:
                remove(handle, kept)
                write_new(handle, kept, content, 0o600)
        self.notes.append(f"what was saved to {path} meanwhile is in {self.state.name}/{_KEPT}/{kept}")


@contextlib.contextmanager
def writing(root: Path, state: Path) -> Iterator[Session]:
    """A session that has recovered already. Raises `MachineError` for whatever the machine refuses, then and later.

    A journal that the repository itself tracks is refused: what it says was never done here.
    """
    place = f"{state.name}/{JOURNAL_NAME}"
    if state.parent == root and (root / place).exists() and came_along(root, place):
        hint = f"take it out of the repository: git rm --cached {place}; and remove it"
        raise MachineError("came with the repository, so it is no journal of ours", where=place, hints=(hint,))
    with refusals_typed():
        ensure_state(state)
        with _locked(state), Root(root) as tree, Journal.open(state) as journal:
            session = Session(tree, state, journal)
            session.recover()
            yield session


@contextlib.contextmanager
def refusals_typed() -> Iterator[None]:
    """What the operating system and SQLite raise becomes `MachineError`."""
    try:
        yield
    except NotPlainError as way:
        what = f"{way} is not a directory any more, so nothing was changed"
        raise StalePlan(what, where=str(way), hints=("plan again",)) from way
    except OSError as refused:
        where = refused.filename if isinstance(refused.filename, str) else ""
        raise machine_error("change the repository", refused, where=where) from refused
    except sqlite3.Error as refused:
        number = _ERRNO.get(getattr(refused, "sqlite_errorcode", 0) & 0xFF, 0)
        raise machine_error(
            "use the journal of landings", OSError(number, str(refused)), where=JOURNAL_NAME
        ) from refused


def check_entry(entry: Entry) -> None:
    """Raise `MachineError` for names we never wrote: a repository may ship a journal to lead us into git's files."""
    try:
        for path in (*(swap.path for swap in entry.swaps), *entry.directories):
            check_path(path, allow_protected=True)
    except UsageError as bad:
        raise unusable(f"it names {bad.where}") from bad
    if any("/" in swap.temp or not swap.temp.startswith(".bw-") for swap in entry.swaps):
        raise unusable("it is damaged")


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    handle = os.open(state / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise MachineError("another Backwright is changing this repository", hints=("wait until it is done",))
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
