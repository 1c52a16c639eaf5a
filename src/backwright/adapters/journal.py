"""The journal of runs in `.backwright/runs.db`: every event as it happens, and the values that finished steps gave.

A run holds a lock, its lease, as long as its process lives; a run without an ending whose lock is free was interrupted.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from backwright.adapters.state import existing_state, machine_error, open_state
from backwright.core.errors import MachineError, UsageError
from backwright.core.events import Event
from backwright.kit.redaction import redacted_tree

_NAME = "runs.db"
_BUSY = 10.0  # seconds to wait for another run that writes
_KEPT = 200  # runs


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
        told = (redacted_tree(event.body), redacted_tree(msgspec.to_builtins(event.evidence)))
        body, evidence = (msgspec.json.encode(part).decode() for part in told)
        row = (event.run, event.seq, event.at, event.scene, event.primitive, event.scope, body, evidence)
        with _typed():
            self._db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def keep(self, run: str, value: bytes) -> str:
        """Keep what a step gave; returns the sha256 that it can be asked for by. Keeping it twice is keeping it once."""
        digest = hashlib.sha256(value).hexdigest()
        with _typed():
            self._db.execute("INSERT OR IGNORE INTO kept VALUES (?, ?, ?)", (run, digest, value))
        return digest

    def kept(self, run: str, digest: str) -> bytes:
        """What was kept under this digest. Raises `MachineError` where it is gone, or is not what was kept."""
        with _typed():
            row = self._db.execute("SELECT value FROM kept WHERE run = ? AND sha256 = ?", (run, digest)).fetchone()
        if row is None or hashlib.sha256(row[0]).hexdigest() != digest:
            raise MachineError(
                f"the journal has lost what a step of run {run} gave", where=_NAME, hints=("start again",)
            )
        return bytes(row[0])

    def forget_old(self) -> None:
        """Leave only the newest runs, and those that are at work."""
        for run in self.runs()[_KEPT:]:
            if not self.alive(run):
                with _typed():
                    self._db.execute("DELETE FROM kept WHERE run = ?", (run,))
                    self._db.execute("DELETE FROM events WHERE run = ?", (run,))

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
    def hold(self, run: str, *, wait: bool = True) -> Iterator[None]:
        """Say that the run is alive, as long as the context lasts and the process lives.

        Raises `UsageError` where another process says so, unless it is to `wait` for that.
        """
        path = self._lock(run)
        try:
            descriptor = _locked(path, wait=wait)
        except BlockingIOError as busy:
            raise UsageError(f"run {run} is at work in another process", hints=("wait for it to end",)) from busy
        except OSError as cause:
            raise machine_error("lock the run", cause, where=str(path)) from cause
        with _not_inherited(descriptor):
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


_leases: set[int] = set()


@contextlib.contextmanager
def _not_inherited(descriptor: int) -> Iterator[None]:
    """A child that is forked meanwhile has not got this descriptor: it would hold the lock for as long as it outlives us."""
    if not _leases:
        _close_in_children()
    _leases.add(descriptor)
    try:
        yield
    finally:
        _leases.discard(descriptor)


@cache
def _close_in_children() -> None:
    def close() -> None:
        for descriptor in _leases:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        _leases.clear()

    os.register_at_fork(after_in_child=close)


def _locked(path: Path, *, wait: bool) -> int:
    """The lock, held. Another command may remove the file in the moment before we hold it: then it is made again."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            raise
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)


def _event(row: tuple[Any, ...]) -> Event:
    names = ("run", "seq", "at", "scene", "primitive", "scope")
    told = {"body": msgspec.json.decode(row[6]), "evidence": msgspec.json.decode(row[7]) if len(row) > 7 else {}}
    return msgspec.convert({**dict(zip(names, row, strict=False)), **told}, Event)


def _connect(state: Path, *, create: bool) -> sqlite3.Connection:
    path = state / _NAME
    if any(path.with_name(_NAME + suffix).is_symlink() for suffix in ("", "-wal", "-shm")):
        raise MachineError("the journal of runs is a symbolic link", where=str(path), hints=("move it away",))
    with _typed():
        connection = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
        if create:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            _make(connection)
        return connection


def _make(connection: sqlite3.Connection) -> None:
    """The tables, once for all processes that want them at the same time."""
    script = resources.files(__package__).joinpath("journal.sql").read_text(encoding="utf-8")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in script.split(";"):
            connection.execute(statement)
        columns = {row[1] for row in connection.execute("PRAGMA table_info(events)")}
        if "evidence" not in columns:  # of an earlier version
            connection.execute("ALTER TABLE events ADD COLUMN evidence TEXT NOT NULL DEFAULT '{}'")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


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
