"""Folders of ours among the temporary files: nobody else may enter them, and they go when we do.

A process that is killed cannot remove its folders. It held a lock on each of them, which went with it: the next command
finds those whose lock is free, ends the processes that still work in them, and removes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from backwright.adapters.postgres_folder import PREFIX as SERVER_PREFIX
from backwright.adapters.state import machine_error

_PREFIX = "backwright-"
_LOCK_NAME = ".backwright-lock"
_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
_PATIENCE = 2.0  # seconds for killed processes to be gone


class PrivateDir:
    """A new empty folder (but for our lock), until `close` or the end of its context. Raises `MachineError`."""

    def __init__(self, purpose: str) -> None:
        try:
            self.path, self._lock = _made(purpose)
        except OSError as refused:
            where = refused.filename if isinstance(refused.filename, str) else ""
            raise machine_error("make a private folder for temporary files", refused, where=where) from refused

    def close(self) -> None:
        """Remove the folder and what is in it; once is enough."""
        if self._lock >= 0:
            remove_tree(self.path)
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def remove_tree(folder: Path) -> None:
    """Remove a folder, also where a command took our right to write from what is in it. Absence is fine."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    for inside, folders, _ in os.walk(folder):
        for path in (Path(inside) / name for name in folders):
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def sweep() -> tuple[int, int]:
    """Remove what killed processes left: how many folders, and how many processes that were still at work in them."""
    with contextlib.ExitStack() as locks:
        left = [folder for folder in _candidates() if _is_left(folder, locks)]
        ended = _end_processes(left) if left else 0
        for folder in left:
            remove_tree(folder)
    return len(left), ended


def _made(purpose: str) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-"))
        try:
            lock = os.open(path / _LOCK_NAME, _FLAGS | os.O_CREAT, 0o600)
        except FileNotFoundError:
            continue  # another process swept it away in this very moment
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return path, lock
        os.close(lock)


def _candidates() -> Iterator[Path]:
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            # A server's folder has no lock of ours: `postgres_folder` looks after those.
            if entry.name.startswith(_PREFIX) and not entry.name.startswith(SERVER_PREFIX):
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
                    yield Path(entry.path)


def _is_left(folder: Path, locks: contextlib.ExitStack) -> bool:
    """Whether nobody holds this folder any more; we do from now on."""
    try:
        lock = os.open(folder / _LOCK_NAME, _FLAGS)
    except OSError:
        with contextlib.suppress(OSError):
            folder.rmdir()  # killed between making and locking it; one that is not ours has something in it
        return False
    locks.callback(os.close, lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _end_processes(folders: Sequence[Path]) -> int:
    """Kill what was started to work in these folders, which its environment says, and its children. Linux only."""
    ended: set[int] = set()
    deadline = time.monotonic() + _PATIENCE
    while (found := set(_working_in(folders))) and time.monotonic() < deadline:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        ended |= found
        time.sleep(0.01)
    return len(ended)


def _working_in(folders: Sequence[Path]) -> Iterator[int]:
    marks = [os.fsencode(folder) for folder in folders]
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environment = (place / "environ").read_bytes()
            if int(place.name) != os.getpid() and any(mark in environment for mark in marks):
                yield int(place.name)
