"""Facts of files that were read before, kept in `.backwright/cache/facts.db`.

Facts are keyed by path, content and what extracted them. A second table remembers each file's status, so that a file
whose status has not changed is not even read. The cache is never needed: where it cannot be used it holds nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from backwright.adapters.state import open_state_if_possible

MAX_BYTES = 256 * 1024 * 1024
_BUSY = 2.0  # seconds to wait for another process that writes
_MAX_WAL_BYTES = 4 * 1024 * 1024

_SCHEMA = (
    "CREATE TABLE facts(id INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " maker TEXT NOT NULL, imports TEXT NOT NULL, skipped TEXT NOT NULL, body BLOB NOT NULL,"
    " UNIQUE(path, sha256, maker))",
    "CREATE TABLE files(path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,"
    " inode INTEGER NOT NULL, seen INTEGER NOT NULL, fact INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)
_ALL = (
    "SELECT files.path, size, mtime, ctime, inode, seen, sha256, maker, imports, skipped, body"
    " FROM files JOIN facts ON facts.id = files.fact"
)
_ONE = "SELECT imports, skipped, body FROM facts WHERE path = ? AND sha256 = ? AND maker = ?"
_PUT_FACTS = (
    "INSERT INTO facts(path, sha256, maker, imports, skipped, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_PUT_FILE = (
    "INSERT OR REPLACE INTO files SELECT path, ?, ?, ?, ?, ?, id FROM facts WHERE path = ? AND sha256 = ? AND maker = ?"
)
_ALL_TYPES = (str, int, int, int, int, int, str, str, str, str, bytes)
_ONE_TYPES = (str, str, bytes)
# sqlite3 cannot even say what is wrong where the damage is in a name.
_FAILURES = (sqlite3.Error, UnicodeDecodeError)
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# Oldest first, but those of files as they are now last.
_EVICTION_ORDER = "SELECT id, length(body) FROM facts ORDER BY id IN (SELECT fact FROM files), id"


class Status(NamedTuple):
    """A file's status when its content was hashed. Times in nanoseconds; `seen` is when that was."""

    size: int
    mtime: int
    ctime: int
    inode: int
    seen: int


class Stored(NamedTuple):
    """The encoded facts of one file's content; `imports` are those of `Parsed`, one a line."""

    imports: str
    skipped: str
    body: bytes


class Known(NamedTuple):
    """A file as it was last time. `maker` identifies what extracted the facts."""

    status: Status
    sha256: str
    maker: str
    facts: Stored


class Entry(NamedTuple):
    """A file to remember; `facts` is None where the cache has them already."""

    path: str
    status: Status
    sha256: str
    maker: str
    facts: Stored | None


class FactCache:
    """The cache of one tree. Several processes may use it at once; a failure of it is no failure of theirs."""

    def __init__(self, database: sqlite3.Connection | None, *, max_bytes: int = MAX_BYTES) -> None:
        self._database = database
        self._max_bytes = max_bytes

    @classmethod
    def open(cls, root: Path, *, max_bytes: int = MAX_BYTES) -> FactCache:
        """The cache of the tree at `root`, created on first need; an empty one where the tree cannot be written to.

        One of another version, or a damaged one, is replaced.
        """
        path = _place(root)
        database = _connect(path) or _connect(path) if path else None
        return cls(database, max_bytes=max_bytes)

    def __enter__(self) -> FactCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def usable(self) -> bool:
        """Whether anything is remembered at all."""
        return self._database is not None

    def close(self) -> None:
        """Give the database back; nothing is remembered afterwards."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def files(self) -> dict[str, Known]:
        """All files of the last run."""
        rows = self._select(_ALL)
        # A damaged database can hold anything anywhere; what is in the bodies is checked when they are decoded.
        sound = (row for row in rows if tuple(map(type, row)) == _ALL_TYPES)
        return {row[0]: Known(Status(*row[1:6]), row[6], row[7], Stored(*row[8:])) for row in sound}

    def find(self, path: str, sha256: str, maker: str) -> Stored | None:
        """The facts of a content that was seen before, on another branch for example."""
        rows = self._select(_ONE, (path, sha256, maker))
        return Stored(*rows[0]) if rows and tuple(map(type, rows[0])) == _ONE_TYPES else None

    def note(self, name: str) -> str:
        """What was noted under this name, ``""`` if nothing was."""
        rows = self._select("SELECT value FROM meta WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def save(self, entries: Sequence[Entry], removed: Iterable[str], notes: dict[str, str]) -> None:
        """Remember all of this, or nothing where the disk is full or another process writes for too long."""
        database = self._database
        if database is None:
            return
        try:
            with database:
                database.execute("BEGIN IMMEDIATE")
                database.executemany(_PUT_FACTS, ((e.path, e.sha256, e.maker, *e.facts) for e in entries if e.facts))
                database.executemany(_PUT_FILE, ((*e.status, e.path, e.sha256, e.maker) for e in entries))
                database.executemany("DELETE FROM files WHERE path = ?", ((path,) for path in removed))
                database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", notes.items())
                self._evict(database)
            database.execute("PRAGMA incremental_vacuum").fetchall()
        except _FAILURES:
            self.close()

    def _select(self, query: str, arguments: Sequence[str] = ()) -> list[tuple[Any, ...]]:
        if self._database is None:
            return []
        try:
            return self._database.execute(query, arguments).fetchall()
        except _FAILURES:
            self.close()
            return []

    def _evict(self, database: sqlite3.Connection) -> None:
        pages, free, page_bytes = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        excess = (pages - free) * page_bytes - self._max_bytes
        if excess <= 0:
            return
        excess += self._max_bytes // 4  # not to be back here at the next save
        going = []
        for number, size in database.execute(_EVICTION_ORDER):
            going.append((number,))
            excess -= size
            if excess <= 0:
                break
        database.executemany("DELETE FROM facts WHERE id = ?", going)
        database.execute("DELETE FROM files WHERE fact NOT IN (SELECT id FROM facts)")


def _place(root: Path) -> Path | None:
    """Where the database is; None where it cannot be, or where the repository laid a link in our way."""
    state = open_state_if_possible(root)
    if state is None:
        return None
    folder = state / "cache"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    path = folder / "facts.db"
    return None if folder.is_symlink() or any(file.is_symlink() for file in _files(path)) else path


def _files(path: Path) -> tuple[Path, ...]:
    return (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))


def _connect(path: Path) -> sqlite3.Connection | None:
    """The database, ready for use; None if it cannot be used, after removing it if it is damaged."""
    try:
        database = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    except sqlite3.Error:
        return None
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(f"PRAGMA journal_size_limit = {_MAX_WAL_BYTES}")
        if _schema(database) != set(_SCHEMA):
            _rebuild(database)
    except _FAILURES as error:
        database.close()
        if isinstance(error, UnicodeDecodeError) or getattr(error, "sqlite_errorcode", None) in _DAMAGED:
            for file in _files(path):
                file.unlink(missing_ok=True)
        return None
    return database


def _schema(database: sqlite3.Connection) -> set[str]:
    rows = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {row[0] for row in rows}


def _rebuild(database: sqlite3.Connection) -> None:
    """Replace what is there, unless another process has just done so."""
    with database:
        database.execute("BEGIN IMMEDIATE")
        if _schema(database) == set(_SCHEMA):
            return
        objects = database.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        for kind, name in sorted(objects, key=lambda row: row[0] in {"table", "view"}):
            quoted = str(name).replace('"', '""')
            database.execute(f'DROP {kind} IF EXISTS "{quoted}"')
        for statement in _SCHEMA:
            database.execute(statement)
