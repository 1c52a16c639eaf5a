"""Reaching files below an open root: component by component, never through a symbolic link, everything synced."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from backwright.adapters.landing_paths import split
from backwright.core.errors import UsageError

_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK = 1 << 20
_FULL_SYNC = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: fsync alone stops at the drive's cache


class NotPlainError(Exception):
    """The way to a file leads through something that is not a directory, such as a symbolic link."""


@dataclass(frozen=True)
class Odd:
    """What is there is not a file that can be read; equal to no content."""

    what: str


Content = bytes | Odd | None  # None: nothing is there


class Root:
    """The top directory, held open, so that nothing above it can be exchanged under our feet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def __enter__(self) -> Root:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)

    @contextlib.contextmanager
    def directory(self, path: str) -> Iterator[int]:
        """An open directory below the root. Raises `NotPlainError`, or `FileNotFoundError` when it is absent."""
        handle = os.dup(self._handle)
        try:
            for part in path.split("/") if path else ():
                below = _enter(handle, part)
                os.close(handle)
                handle = below
            yield handle
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def parent(self, path: str) -> Iterator[tuple[int, str]]:
        """The open directory that holds this file, and the file's name in it."""
        directory, name = split(path)
        with self.directory(directory) as handle:
            yield handle, name

    def read(self, path: str) -> Content:
        """The file's content; None also when its directory is absent. Raises `NotPlainError`."""
        with contextlib.suppress(FileNotFoundError), self.parent(path) as (handle, name):
            return look(handle, name)
        return None

    def is_directory(self, path: str) -> bool:
        """Whether a real directory is there. Raises `NotPlainError` when something else is."""
        try:
            with self.directory(path):
                return True
        except FileNotFoundError:
            return False

    def make_directories(self, paths: Iterable[str], *, durable: bool = True) -> None:
        """Create each, outermost first; one that exists by now is fine."""
        for path in paths:
            with self.parent(path) as (handle, name):
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=handle)
                if durable:
                    sync(handle)

    def remove_directories(self, paths: Iterable[str]) -> None:
        """Remove each that is empty, innermost first; those that somebody uses by now stay."""
        for path in sorted(paths, key=len, reverse=True):
            with contextlib.suppress(FileNotFoundError, NotPlainError), self.parent(path) as (handle, name):
                try:
                    os.rmdir(name, dir_fd=handle)
                except OSError as refused:
                    if refused.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                        raise
                sync(handle)

    def sync_parents(self, paths: Iterable[str]) -> None:
        """Make the names in the directories of these files durable."""
        for directory in sorted({split(path)[0] for path in paths}):
            with contextlib.suppress(FileNotFoundError), self.directory(directory) as handle:
                sync(handle)


def look(directory: int, name: str) -> Content:
    """What a name means right now, without following it."""
    try:
        handle = os.open(name, _OPEN_FILE, dir_fd=directory)
    except FileNotFoundError:
        return None
    except OSError as refused:
        if refused.errno in (errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENXIO):
            return Odd("a symbolic link" if refused.errno == errno.ELOOP else "not readable")
        raise
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return Odd("not a regular file")
        pieces = []
        while piece := os.read(handle, max(_CHUNK, found.st_size + 1)):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(handle)


def encoded(path: str, text: str | None) -> bytes | None:
    """Text as it stands in a file, line ends untouched. Raises `UsageError` for what UTF-8 cannot say."""
    try:
        return None if text is None else text.encode()
    except UnicodeEncodeError:
        raise UsageError("the text cannot be written as UTF-8", where=path) from None


def mode_of(directory: int, name: str) -> int:
    """The permission bits of a file."""
    return stat.S_IMODE(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)


def write_new(directory: int, name: str, data: bytes, mode: int, *, like: str = "", durable: bool = True) -> None:
    """Create a file, by default durable when this returns (its name is not: sync the directory).

    Owner, group and extended attributes are taken over from the file `like` where the system lets us.
    """
    handle = os.open(name, _CREATE, 0o600, dir_fd=directory)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
        if like:
            _take_over(handle, directory, like)
        os.fchmod(handle, mode)
        if durable:
            sync(handle)
    finally:
        os.close(handle)


def remove(directory: int, name: str) -> None:
    """Unlink; absence is fine."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=directory)


def sync(handle: int) -> None:
    """Return only when file or directory is on stable storage."""
    if _FULL_SYNC is not None:
        fcntl.fcntl(handle, _FULL_SYNC)
    else:
        os.fsync(handle)


def _enter(directory: int, part: str) -> int:
    if part in ("", ".", ".."):
        raise NotPlainError(part)
    try:
        return os.open(part, _OPEN_DIRECTORY, dir_fd=directory)
    except OSError as refused:
        if refused.errno in (errno.ELOOP, errno.ENOTDIR):
            raise NotPlainError(part) from refused
        raise


def _take_over(handle: int, directory: int, like: str) -> None:
    """Best effort: who shares files with a group may be allowed to edit them, but not to give them away."""
    try:
        source = os.open(like, _OPEN_FILE, dir_fd=directory)
    except OSError:
        return  # gone or exchanged meanwhile: the swap will notice
    try:
        old, new = os.fstat(source), os.fstat(handle)
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            try:
                os.fchown(handle, old.st_uid, old.st_gid)
            except PermissionError:
                with contextlib.suppress(PermissionError):
                    os.fchown(handle, -1, old.st_gid)
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # file systems without attributes
                for attribute in os.listxattr(source):
                    with contextlib.suppress(OSError):  # attributes only the administrator may set
                        os.setxattr(handle, attribute, os.getxattr(source, attribute))
    finally:
        os.close(source)
