"""What identifies the program that makes results: what it kept is worth nothing to another one."""

from __future__ import annotations

import os
import sys
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def program_id() -> str:
    """The state of the program in a few letters."""
    import hashlib

    return hashlib.sha256(program_state().encode("utf-8", "surrogateescape")).hexdigest()[:16]


@cache
def program_state() -> str:
    """Changes with every file of this package, with the interpreter, and with what is installed beside it.

    A distribution that comes, goes or is replaced changes the time of the folder it is installed in. The code of one that
    is edited in place is not watched.
    """
    folders = [(folder, _time(folder)) for folder in sys.path]
    return repr((sys.version, sys.executable, folders, sorted(_files(os.path.dirname(os.path.dirname(__file__))))))


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
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0
