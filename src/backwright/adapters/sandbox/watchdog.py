"""Stops a command that uses up more than it may: memory and processes of all its descendants, room on the disk."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from backwright.core.permissions import Bounds

_PAGE = os.sysconf("SC_PAGE_SIZE")
_OFTEN, _SELDOM = 0.05, 1.0  # seconds between two looks at processes, and at the disk
_MIB = 1 << 20


class Watchdog:
    """Asked many times a second, it looks as often as it is worth. `writable` are the folders that may grow."""

    def __init__(self, bounds: Bounds, writable: Sequence[Path] = ()) -> None:
        self._bounds = bounds
        self._writable = [path for path in writable if path.is_dir()]
        self._root = 0
        self._next_look = self._next_disk = 0.0
        self._room = [_room(path) for path in self._writable]
        self._size: int | None = None

    def started(self, pid: int) -> None:
        """Watch this process and what comes from it."""
        self._root = pid
        self._next_disk = time.monotonic() + _SELDOM

    def why_stop(self) -> str:
        """What it has used up, as a sentence; `""` while there is nothing to say."""
        now = time.monotonic()
        reason = ""
        if now >= self._next_look and self._root:
            self._next_look = now + _OFTEN
            reason = self._processes()
        if not reason and now >= self._next_disk:
            self._next_disk = now + _SELDOM
            reason = self._disk()
        return reason

    def _processes(self) -> str:
        pids = list(descendants(self._root))
        if len(pids) > self._bounds.processes:
            return f"it started more than {self._bounds.processes} processes"
        # Shared pages count once for each process that has them: looked at exactly only where the sum is suspicious.
        if sum(map(_resident, pids)) > self._bounds.memory and sum(map(_own, pids)) > self._bounds.memory:
            return f"it used more than {self._bounds.memory // _MIB} MiB of memory"
        return ""

    def _disk(self) -> str:
        """Others write to the same disk: only what the folders hold themselves counts."""
        grown = any(
            was - _room(path) > self._bounds.growth for path, was in zip(self._writable, self._room, strict=True)
        )
        if grown and sum(map(_size, self._writable)) > self._bounds.growth:
            return f"it wrote more than {self._bounds.growth // _MIB} MiB"
        return ""


def descendants(pid: int) -> Iterator[int]:
    """The process and all that come from it."""
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        yield one
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())


def _resident(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    return 0


def _own(pid: int) -> int:
    """Its memory, of what is shared its part."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident(pid)


def _room(path: Path) -> int:
    try:
        found = os.statvfs(path)
    except OSError:
        return 0
    return found.f_bfree * found.f_frsize


def _size(path: Path) -> int:
    """The blocks that a folder takes on the disk."""
    total = 0
    waiting = [str(path)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return total
