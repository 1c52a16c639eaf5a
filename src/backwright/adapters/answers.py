"""Answers of verbs, kept in `.backwright/cache/answers` under a key that changes with all they came from.

Nothing here is ever needed: what cannot be read is worked out again, what cannot be written is forgotten.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from pathlib import Path

from backwright.adapters.state import existing_state

KEPT = 12  # answers of one repository; the oldest go
MAX_BYTES = 8 * 1024 * 1024  # of one answer, compressed

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def find_answer(root: Path, key: str) -> bytes | None:
    """What was kept for the repository at `root` under this key; None where that is nothing, or damaged."""
    folder = _folder(root)
    if folder is None:
        return None
    try:
        with open(os.open(folder / key, _READ), "rb", buffering=0) as file:
            return zlib.decompress(file.read(MAX_BYTES))
    except (OSError, zlib.error):
        return None


def keep_answer(root: Path, key: str, body: bytes) -> None:
    """Keep an answer where the repository has a state folder already."""
    folder = _folder(root)
    compressed = zlib.compress(body, 1)
    if folder is None or len(compressed) > MAX_BYTES:
        return
    temporary = folder / f".{key}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(temporary, _WRITE, 0o600), "wb") as file:
            file.write(compressed)
        temporary.replace(folder / key)
        _drop_oldest(folder)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _folder(root: Path) -> Path | None:
    """Where the answers are; None where there is no state folder, or where the repository laid a link in our way."""
    state = existing_state(root)
    folder = state / "cache" / "answers" if state else None
    return None if folder is None or folder.is_symlink() or folder.parent.is_symlink() else folder


def _drop_oldest(folder: Path) -> None:
    with os.scandir(folder) as entries:
        kept = sorted(entries, key=lambda entry: entry.stat(follow_symlinks=False).st_mtime_ns, reverse=True)
    for entry in kept[KEPT:]:
        Path(entry.path).unlink()
