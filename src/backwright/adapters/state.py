"""The state directory: what Backwright remembers about one repository, inside it and invisible to git."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

from backwright.core.errors import MachineError

STATE_NAME = ".backwright"
JOURNAL_NAME = "landing.db"  # the journal of landings in it
_IGNORE = b"*\n"
_HINTS = {
    errno.EROFS: "the file system is mounted read-only; remount it or work on a copy of the repository",
    errno.EACCES: "make it writable for you, or work on a copy of the repository",
    errno.EPERM: "make it writable for you, or work on a copy of the repository",
    errno.ENOSPC: "free some disk space and try again",
    errno.EDQUOT: "free some of your disk quota and try again",
    errno.EIO: "the disk reports errors; save your work elsewhere",
}


def machine_error(doing: str, cause: OSError, *, where: str = "") -> MachineError:
    """The typed form of an operating system's refusal: `doing` completes "cannot …"."""
    hint = _HINTS.get(cause.errno or 0)
    reason = cause.strerror or str(cause)
    return MachineError(f"cannot {doing}: {reason}", where=where, hints=(hint,) if hint else ())


def existing_state(root: Path) -> Path | None:
    """The state directory if there is one already; creates nothing. A symbolic link does not count."""
    state = root / STATE_NAME
    return state if state.is_dir() and not state.is_symlink() else None


def open_state(root: Path) -> Path:
    """The state directory, created on first need together with the `.gitignore` that hides it.

    Raises `MachineError` when the tree is read-only, or when something else has the name: a repository must not be able
    to lead our writes elsewhere by shipping a symbolic link.
    """
    return ensure_state(root / STATE_NAME)


def ensure_state(state: Path) -> Path:
    """As `open_state`, for a directory given by its own path."""
    try:
        with contextlib.suppress(FileExistsError):
            state.mkdir(mode=0o700)  # it will hold copies of files that may be private
        if state.is_symlink() or not state.is_dir():
            hint = "Backwright keeps its state there; move what is in the way"
            raise MachineError(f"{state.name} is not a directory", where=state.name, hints=(hint,))
        _hide(state)
    except OSError as cause:
        raise machine_error(f"keep state in {state.name}", cause, where=state.name) from cause
    return state


def open_state_if_possible(root: Path) -> Path | None:
    """As `open_state`, but None where it is impossible: for what is only faster with state, such as a cache."""
    try:
        return open_state(root)
    except MachineError:
        return None


def remove_leftovers(state: Path) -> None:
    """Remove the half-written files and the free locks of processes that were killed. Where that is impossible they stay."""
    with contextlib.suppress(OSError):
        for folder in (state, state / "plans", state / "baselines", state / "cache" / "answers"):
            for path in folder.glob(".*.*") if not folder.is_symlink() else ():
                writer = path.suffix[1:]
                if writer.isdecimal() and not _is_alive(int(writer)):
                    path.unlink(missing_ok=True)
        for path in state.glob("run-*.lock"):
            _remove_if_free(path)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove_if_free(lock: Path) -> None:
    handle = os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.unlink()
    except BlockingIOError:
        return
    finally:
        os.close(handle)


def _hide(state: Path) -> None:
    """Have git ignore the directory, whatever the repository's own ignore rules are."""
    path = state / ".gitignore"
    if not path.is_symlink() and path.is_file() and path.read_bytes() == _IGNORE:
        return
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        os.write(handle, _IGNORE)
        os.fsync(handle)  # else a power cut leaves it empty, and git shows our state as untracked
    finally:
        os.close(handle)
