"""What identifies the program that makes results: what it kept is worth nothing to another one."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def program_id() -> str:
    """Changes with every file of this package, with the interpreter, and with what is installed beside it.

    A distribution that comes, goes or is replaced changes the time of the folder it is installed in. The code of one that
    is edited in place is not watched.
    """
    folders = [(folder, _time(folder)) for folder in sys.path]
    identity = (sys.version, sys.executable, folders, sorted(_files(str(Path(__file__).parents[1]))))
    return hashlib.sha256(repr(identity).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns


def _time(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return 0
