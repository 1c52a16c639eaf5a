"""The journal of landings.

Intent is durable before a file is touched, and the images stay afterwards, so that a landing can be undone.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import resources
from pathlib import Path

import msgspec

from backwright.adapters.landing_swap import Swap
from backwright.adapters.landing_tree import sync
from backwright.adapters.state import JOURNAL_NAME
from backwright.core.errors import MachineError

KEPT_LANDINGS = 50  # what it takes to undo the latest landings is kept …
KEPT_BYTES = 64 << 20  # … as far as it is no more than this; of the very last one whatever its size
_VERSION = 1


class Phase(StrEnum):
    """How far a landing is. Recovery takes the first two back and tidies up after the third."""

    STAGING = "staging"  # new content is being written beside the files; no file has been touched
    SWAPPING = "swapping"  # all of it is on disk; names are being swapped
    LANDED = "landed"  # every file holds its new content; old content still stands beside
    SETTLED = "settled"


class LandingRecord(msgspec.Struct, frozen=True):
    """A landing that succeeded. `at` is ISO 8601 in UTC; `undone` says whether `undo` took it back.

    Of landings of long ago `paths` is empty: they cannot be undone any more.
    """

    id: str
    title: str
    at: str
    paths: tuple[str, ...]
    undone: bool = False

    @property
    def undoable(self) -> bool:
        return bool(self.paths) and not self.undone


@dataclass(frozen=True)
class Entry:
    """A landing with its images. `directories` were created for it, outermost first; `seq` is 0 until it is written."""

    id: str
    title: str
    at: str
    swaps: tuple[Swap, ...]
    directories: tuple[str, ...]
    phase: Phase = Phase.STAGING
    undoes: int | None = None
    undone_by: int | None = None
    seq: int = 0


class Journal:
    """An open journal. Every method that writes is one transaction, durable when it returns; errors are sqlite3's."""

    def __init__(self, connection: sqlite3.Connection, *, empty: bool) -> None:
        self._db = connection
        self._empty = empty  # killed while it was being created, and opened for reading only

    @classmethod
    @contextlib.contextmanager
    def open(cls, state: Path, *, read_only: bool = False) -> Iterator[Journal]:
        """The journal in this state directory; created unless `read_only`. Raises `MachineError` if it is not ours."""
        path = state / JOURNAL_NAME
        for suffix in ("", "-wal", "-shm"):
            if path.with_name(JOURNAL_NAME + suffix).is_symlink():  # a repository may ship one to lead us elsewhere
                raise unusable("it is a symbolic link")
        if read_only:
            # Without the right to write, SQLite cannot take part in the locking of a journal, only look at it.
            mode = "mode=ro" if os.access(state, os.W_OK) else "immutable=1"
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
        else:
            connection = sqlite3.connect(path, isolation_level=None, timeout=30.0)
        try:
            if not read_only:
                _prepare(connection, state)
            (version,) = connection.execute("pragma user_version").fetchone()
            if version not in (0, _VERSION):
                raise unusable("another version of Backwright wrote it")
            yield cls(connection, empty=version == 0)
        finally:
            connection.close()

    def begin(self, entry: Entry) -> Entry:
        """Write the intent: from here on recovery knows what to do, wherever we die."""
        with self._transaction():
            row = (entry.id, entry.title, entry.at, Phase.STAGING, entry.undoes)
            done = self._db.execute("insert into landing (id, title, at, phase, undoes) values (?, ?, ?, ?, ?)", row)
            seq = done.lastrowid or 0
            self._db.executemany(
                "insert into swap values (?, ?, ?, ?, ?, ?, ?)",
                [(seq, n, s.path, s.before, s.after, s.mode, s.temp) for n, s in enumerate(entry.swaps)],
            )
            self._db.executemany("insert into directory values (?, ?)", [(seq, path) for path in entry.directories])
        return replace(entry, seq=seq)

    def swapping(self, entry: Entry) -> None:
        """All new content is on disk; or a landing that was recorded as complete is being taken back after all."""
        with self._transaction():
            self._db.execute("update landing set phase = ? where seq = ?", (Phase.SWAPPING, entry.seq))
            self._db.execute("update landing set undone_by = null where undone_by = ?", (entry.seq,))

    def landed(self, entry: Entry) -> None:
        """The one moment in which the change counts as made; an undone landing counts as undone in the same moment."""
        with self._transaction():
            self._db.execute("update landing set phase = ? where seq = ?", (Phase.LANDED, entry.seq))
            self._db.execute("update landing set undone_by = ? where seq = ?", (entry.seq, entry.undoes))

    def settled(self, entry: Entry) -> None:
        """Nothing of the landing is left in the tree but the change itself. What is undone needs its images no more."""
        with self._transaction():
            self._db.execute("update landing set phase = ? where seq = ?", (Phase.SETTLED, entry.seq))
            if entry.undoes is not None:
                over = (entry.seq, entry.undoes)
                self._db.execute("update swap set before = null, after = null where landing in (?, ?)", over)
            self._let_go()

    def _let_go(self) -> None:
        """Remove the images of landings of long ago; that they were made stays known."""
        rows = self._db.execute(
            "select landing, undoes is not null or undone_by is not null, total(length(before)) + total(length(after))"
            " from swap join landing on seq = landing where phase = ? group by landing order by landing desc",
            (Phase.SETTLED,),
        ).fetchall()
        kept = 0
        counts = {0: 0, 1: 0}  # landings; undone ones and undoings, of which only the names of the files are left
        for seq, over, size in rows:
            kept += size
            counts[over] += 1
            if counts[over] > KEPT_LANDINGS or (counts[over] > 1 and not over and kept > KEPT_BYTES):
                self._db.execute("delete from swap where landing = ?", (seq,))
                self._db.execute("delete from directory where landing = ?", (seq,))

    def forget(self, entry: Entry) -> None:
        """The landing was taken back: as if it had never been tried."""
        with self._transaction():
            self._db.execute("delete from landing where seq = ?", (entry.seq,))
            self._db.execute("delete from swap where landing = ?", (entry.seq,))
            self._db.execute("delete from directory where landing = ?", (entry.seq,))

    def unsettled(self) -> list[Entry]:
        """What recovery has to look at, latest first."""
        query = "select * from landing where phase <> ? order by seq desc"
        rows = self._db.execute(query, (Phase.SETTLED,)).fetchall()
        return [self._entry(row) for row in rows]

    def any_unsettled(self) -> bool:
        """Whether recovery has anything to look at."""
        found = self._db.execute("select 1 from landing where phase <> ? limit 1", (Phase.SETTLED,)).fetchone()
        return found is not None

    def latest(self, change_id: str) -> Entry | None:
        """The last landing of this change set, undone or not."""
        query = "select * from landing where id = ? and undoes is null order by seq desc limit 1"
        row = self._db.execute(query, (change_id,)).fetchone()
        return self._entry(row) if row else None

    def numbered(self, seq: int) -> Entry | None:
        """The landing with this number."""
        row = self._db.execute("select * from landing where seq = ?", (seq,)).fetchone()
        return self._entry(row) if row else None

    def records(self, after: int = 0) -> list[LandingRecord]:
        """All landings that succeeded, oldest first; `after` leaves out those up to this number."""
        if self._empty:
            return []
        rows = self._db.execute(
            "select seq, id, title, at, undone_by from landing"
            " where undoes is null and phase in (?, ?) and seq > ? order by seq",
            (Phase.LANDED, Phase.SETTLED, after),
        ).fetchall()
        return [
            LandingRecord(change_id, title, at, self._paths(seq), undone_by is not None)
            for seq, change_id, title, at, undone_by in rows
        ]

    def _paths(self, seq: int) -> tuple[str, ...]:
        rows = self._db.execute("select path from swap where landing = ? order by number", (seq,))
        return tuple(path for (path,) in rows)

    def _entry(self, row: Sequence[object]) -> Entry:
        match row:
            case (
                int(seq),
                str(change_id),
                str(title),
                str(at),
                str(phase),
                int() | None as undoes,
                int() | None as undone_by,
            ):
                swaps = self._db.execute("select * from swap where landing = ? order by number", (seq,))
                directories = self._db.execute("select path from directory where landing = ? order by rowid", (seq,))
                return Entry(
                    change_id,
                    title,
                    at,
                    tuple(_swap(values) for values in swaps),
                    tuple(str(path) for (path,) in directories),
                    Phase(phase),
                    undoes,
                    undone_by,
                    seq,
                )
            case _:
                raise unusable("it is damaged")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise


def _prepare(connection: sqlite3.Connection, state: Path) -> None:
    """Create the tables in a new journal; ask for durable commits in any."""
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma fullfsync = on")  # macOS; no effect elsewhere
    (version,) = connection.execute("pragma user_version").fetchone()
    if version == 0:
        script = resources.files(__package__).joinpath("landing_journal.sql").read_text(encoding="utf-8")
        connection.executescript(f"begin immediate;\n{script}\ncommit;")
        for directory in (state, state.parent):  # a journal whose name is lost in a power cut is no journal
            handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                sync(handle)
            finally:
                os.close(handle)


def _swap(row: Sequence[object]) -> Swap:
    match row:
        case (int(), int(), str(path), bytes() | None as before, bytes() | None as after, int(mode), str(temp)):
            return Swap(path, before, after, mode, temp)
        case _:
            raise unusable("it is damaged")


def unusable(why: str) -> MachineError:
    """The error for a journal that cannot be what we wrote."""
    where = f".backwright/{JOURNAL_NAME}"
    return MachineError(f"the journal of landings cannot be used: {why}", where=where, hints=(f"move {where} away",))
