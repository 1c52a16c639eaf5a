"""The journal of runs in `.backwright/runs.db`: every event as it happens, so that a run can be told afterwards.

A run holds a lock as long as its process lives; a run without an ending whose lock is free was interrupted.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from backwright.adapters.state import existing_state, machine_error, open_state
from backwright.core.errors import MachineError
from backwright.core.events import Event
from backwright.kit.redaction import redacted_tree

_NAME = "runs.db"
_BUSY = 10.0  # seconds to wait for another run that writes
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS events(run TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL, scene TEXT NOT NULL,"
    " primitive TEXT NOT NULL, scope TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run, seq)) WITHOUT ROWID"
)


class RunJournal:
    """The journal of one repository. Methods raise `MachineError` when the disk refuses."""

    def __init__(self, state: Path, connection: sqlite3.Connection) -> None:
        self._state = state
        self._db = connection

    @classmethod
    @contextlib.contextmanager
    def open(cls, root: Path) -> Iterator[RunJournal]:
        """The journal of the repository at `root`, created on first need. Raises `MachineError`."""
        state = open_state(root)
        with contextlib.closing(_connect(state, create=True)) as connection:
            yield cls(state, connection)

    @classmethod
    @contextlib.contextmanager
    def read(cls, root: Path) -> Iterator[RunJournal | None]:
        """The journal for looking things up; None where there is none, or where one is just being made. Raises `MachineError`."""
        state = existing_state(root)
        if state is None or not (state / _NAME).is_file():
            yield None
            return
        with contextlib.closing(_connect(state, create=False)) as connection:
            yield cls(state, connection) if _is_made(connection) else None

    def append(self, event: Event) -> None:
        """Write an event without the secrets in it; it survives the death of this process from now on."""
        body = msgspec.json.encode(redacted_tree(event.body)).decode()
        row = (event.run, event.seq, event.at, event.scene, event.primitive, event.scope, body)
        with _typed():
            self._db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def events(self, run: str) -> tuple[Event, ...]:
        """The events of a run, in order; none for a run nobody knows."""
        with _typed():
            rows = self._db.execute("SELECT * FROM events WHERE run = ? ORDER BY seq", (run,)).fetchall()
            return tuple(_event(row) for row in rows)

    def runs(self) -> tuple[str, ...]:
        """The ids of all runs, the newest first."""
        with _typed():
            rows = self._db.execute("SELECT run FROM events GROUP BY run ORDER BY min(at) DESC, run").fetchall()
        return tuple(str(row[0]) for row in rows)

    @contextlib.contextmanager
    def hold(self, run: str) -> Iterator[None]:
        """Say that the run is alive, as long as the context lasts and the process lives."""
        path = self._lock(run)
        try:
            descriptor = _locked(path)
        except OSError as cause:
            raise machine_error("lock the run", cause, where=str(path)) from cause
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                path.unlink()
            os.close(descriptor)

    def alive(self, run: str) -> bool:
        """Whether a process is at work on this run."""
        try:
            descriptor = os.open(self._lock(run), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _lock(self, run: str) -> Path:
        return self._state / f"run-{run}.lock"


def _locked(path: Path) -> int:
    """The lock, held. Another command may remove the file in the moment before we hold it: then it is made again."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)


def _event(row: tuple[str, int, str, str, str, str, str]) -> Event:
    names = ("run", "seq", "at", "scene", "primitive", "scope")
    return msgspec.convert({**dict(zip(names, row, strict=False)), "body": msgspec.json.decode(row[6])}, Event)


def _connect(state: Path, *, create: bool) -> sqlite3.Connection:
    path = state / _NAME
    if any(path.with_name(_NAME + suffix).is_symlink() for suffix in ("", "-wal", "-shm")):
        raise MachineError("the journal of runs is a symbolic link", where=str(path), hints=("move it away",))
    with _typed():
        connection = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
        if create:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_SCHEMA)
        return connection


def _is_made(connection: sqlite3.Connection) -> bool:
    """Whether the table is there: the process that makes the file makes it a moment later."""
    with _typed():
        return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone() is not None


@contextlib.contextmanager
def _typed() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, msgspec.MsgspecError) as cause:
        hint = "remove .backwright/runs.db; it holds only what past runs did"
        raise MachineError(f"the journal of runs cannot be used: {cause}", where=_NAME, hints=(hint,)) from cause
