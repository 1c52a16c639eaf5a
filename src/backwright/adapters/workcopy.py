"""A private copy of a repository's files: where edits are tried and commands run, so that the user's tree is not."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from backwright.adapters.landing_paths import check_paths, parents_of, split
from backwright.adapters.landing_tree import NotPlainError, Odd, Root, encoded, mode_of, remove, write_new
from backwright.adapters.privatedir import PrivateDir
from backwright.adapters.state import machine_error
from backwright.core.change import Edit
from backwright.core.errors import MachineError, StalePlan, UsageError

_LARGE = 1 << 20  # bytes; from here on the kernel copies, sharing blocks where the file system can
_CLOCK = 20_000_000  # ns; the time stamps of files are coarser than the clock, by a tick of at most 10 ms
_NO_KERNEL_COPY = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM})
_OPEN_SOURCE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OPEN_TARGET = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = 0o644


class Snapshot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file of the copy when it was last known. `stamp` is 0 where a later write might leave it as it is."""

    sha256: str
    size: int
    inode: int
    stamp: int  # ns, of the last change to content or attributes


class Difference(msgspec.Struct, frozen=True):
    """A file that is not what the snapshot says: sha256 then and now, `""` where it is no (regular) file."""

    path: str
    was: str
    now: str


@dataclass(frozen=True)
class WorkCopy:
    """The copy in `root`, and what was in it when the snapshot was taken.

    `links` are the symbolic links that were copied, with their targets; `skipped` is (path, why) for what was not.
    """

    root: Path
    files: dict[str, Snapshot]
    links: dict[str, str]
    skipped: tuple[tuple[str, str], ...]

    def sha256(self, path: str) -> str:
        """Of the snapshot; `""` where it has no such file."""
        known = self.files.get(path)
        return known.sha256 if known else ""


@contextlib.contextmanager
def work_copy(root: Path, files: Sequence[str]) -> Iterator[WorkCopy]:
    """`make_copy` into a temporary directory, which is removed at the end. Raises `MachineError`."""
    with PrivateDir("copy") as place:
        if place.resolve().is_relative_to(root.resolve()):
            hint = "set TMPDIR to a directory outside the repository"
            raise MachineError(
                "the directory for temporary files is inside the repository", where=str(place), hints=(hint,)
            )
        yield make_copy(root, files, place / root.resolve().name)


def make_copy(root: Path, files: Sequence[str], destination: Path) -> WorkCopy:
    """Copy these files (paths relative to `root`, with `/`) and relative links among them; hash what is copied.

    Permission bits are kept. Left out and listed are links that leave the tree, and what is not a regular file. The
    destination must be new or empty. Raises `MachineError`.
    """
    folders: dict[str, list[str]] = {}
    for path in sorted(set(files)):
        folder, name = split(path)
        folders.setdefault(folder, []).append(name)
    copying = _Copying(top=os.path.realpath(root))
    try:
        destination.mkdir(parents=True, exist_ok=True)
        with Root(root) as source, Root(destination) as target:
            for folder in sorted(folders):
                copying.folder(source, target, folder, folders[folder])
    except OSError as refused:
        where = refused.filename if isinstance(refused.filename, str) else ""
        raise machine_error("make a private copy of the repository", refused, where=where) from refused
    return WorkCopy(destination, _trusted(copying.files), copying.links, tuple(copying.skipped))


def write(copy: WorkCopy, edits: Sequence[Edit]) -> WorkCopy:
    """Make the edits in the copy; what comes back has them in its snapshot.

    Raises `StalePlan` when a file is not `Edit.before` (nothing is written then), `UsageError` for paths that may not
    be written, `MachineError`.
    """
    check_paths((edit.path for edit in edits), allow_protected=True)
    try:
        with Root(copy.root) as root:
            ready = [(edit.path, encoded(edit.path, edit.after), _mode_before(root, edit)) for edit in edits]
            for path, after, mode in ready:
                _write_one(root, path, after, mode)
    except OSError as refused:
        raise machine_error("write to the private copy", refused, where=str(refused.filename or "")) from refused
    return _retaken(copy, [edit.path for edit in edits])


def changed(copy: WorkCopy) -> tuple[Difference, ...]:
    """The files of the snapshot that are different or gone now, sorted: made by a formatter, or by a careless test."""
    found = []
    with Root(copy.root) as root:
        for path, known in copy.files.items():
            if not _untouched(copy.root, path, known):
                now = _sha256(root, path)
                if now != known.sha256:
                    found.append(Difference(path, known.sha256, now))
        for path, target in copy.links.items():
            if not _is_link_to(copy.root / path, target):
                found.append(Difference(path, "", _sha256(root, path)))
    return tuple(sorted(found, key=lambda difference: difference.path))


def added(copy: WorkCopy) -> tuple[str, ...]:
    """Files and links in the copy that the snapshot does not have, sorted; caches and build products are among them."""
    found = []
    for folder, folders, names in os.walk(copy.root):
        inside = Path(folder).relative_to(copy.root)
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        found += [(inside / name).as_posix() for name in names + links]
    return tuple(sorted(path for path in found if path not in copy.files and path not in copy.links))


def refreshed(copy: WorkCopy) -> WorkCopy:
    """The same copy with a snapshot of its known files as they are now, so that `changed` starts from here."""
    return _retaken(copy, [difference.path for difference in changed(copy)])


def read_text(copy: WorkCopy, path: str) -> str | None:
    """A file of the copy, line ends as they are; None if it is absent. Raises `UsageError` if it is not UTF-8 text."""
    with Root(copy.root) as root:
        content = _content(root, path)
    if content is None:
        return None
    try:
        if isinstance(content, bytes):
            return content.decode()
    except UnicodeDecodeError:
        pass
    raise UsageError("not a UTF-8 text file", where=path)


class _Copying:
    """The copy in the making."""

    def __init__(self, top: str) -> None:
        self.top = top  # real path of the source
        self.files: dict[str, Snapshot] = {}
        self.links: dict[str, str] = {}
        self.skipped: list[tuple[str, str]] = []

    def folder(self, source: Root, target: Root, folder: str, names: list[str]) -> None:
        """Copy what these names mean in one directory."""
        try:
            with source.directory(folder) as origin:
                target.make_directories((*parents_of(folder), folder) if folder else (), durable=False)
                with target.directory(folder) as place:
                    for name in names:
                        self._one(origin, place, f"{folder}/{name}" if folder else name, name)
        except FileNotFoundError:
            self.skipped += [(f"{folder}/{name}", "absent") for name in names]
        except NotPlainError:
            self.skipped += [(f"{folder}/{name}", "behind a symbolic link") for name in names]

    def _one(self, origin: int, place: int, path: str, name: str) -> None:
        try:
            handle = os.open(name, _OPEN_SOURCE, dir_fd=origin)
        except FileNotFoundError:
            self.skipped.append((path, "absent"))
            return
        except OSError as refused:
            if refused.errno == errno.ELOOP:
                self._link(origin, place, path, name)
            elif refused.errno in (errno.EACCES, errno.EPERM, errno.ENXIO):
                self.skipped.append((path, "not readable"))
            else:
                raise
            return
        try:
            found = os.fstat(handle)
            if stat.S_ISREG(found.st_mode):
                self.files[path] = _copy_file(handle, found, place, name)
            else:
                self.skipped.append((path, "not a regular file"))
        finally:
            os.close(handle)

    def _link(self, origin: int, place: int, path: str, name: str) -> None:
        target = os.readlink(name, dir_fd=origin)
        end = os.path.realpath(f"{self.top}/{path}")
        inside = os.path.relpath(end, self.top)
        if target.startswith("/") or not Path(end).is_relative_to(self.top) or ".git" in inside.split("/"):
            self.skipped.append((path, "a symbolic link out of the tree"))
            return
        os.symlink(target, name, dir_fd=place)
        self.links[path] = target


def _copy_file(source: int, found: os.stat_result, place: int, name: str) -> Snapshot:
    mode = stat.S_IMODE(found.st_mode) & 0o777
    target = os.open(name, _OPEN_TARGET, mode | 0o600, dir_fd=place)
    try:
        if found.st_size >= _LARGE and _copy_in_kernel(source, target):
            with open(target, "rb", closefd=False) as copied:
                digest = hashlib.file_digest(copied, "sha256").hexdigest()
        else:
            digest = _copy_by_hand(source, target, found.st_size)
        made = os.fstat(target)
        if stat.S_IMODE(made.st_mode) != mode:
            os.fchmod(target, mode)
            made = os.fstat(target)
        return Snapshot(digest, made.st_size, made.st_ino, made.st_ctime_ns)
    finally:
        os.close(target)


def _copy_in_kernel(source: int, target: int) -> bool:
    """Whether it worked; nothing has been written otherwise."""
    if not hasattr(os, "copy_file_range"):
        return False
    try:
        while os.copy_file_range(source, target, 1 << 30):
            pass
    except OSError as refused:
        if refused.errno in _NO_KERNEL_COPY:
            os.lseek(source, 0, os.SEEK_SET)
            os.lseek(target, 0, os.SEEK_SET)
            os.ftruncate(target, 0)
            return False
        raise
    os.lseek(target, 0, os.SEEK_SET)
    return True


def _copy_by_hand(source: int, target: int, size: int) -> str:
    digest = hashlib.sha256()
    while piece := os.read(source, min(size, _LARGE) + 1):
        digest.update(piece)
        left = memoryview(piece)
        while left:
            left = left[os.write(target, left) :]
    return digest.hexdigest()


def _trusted(files: dict[str, Snapshot]) -> dict[str, Snapshot]:
    """Without the stamps that are so fresh that a later write could bear the same."""
    limit = time.time_ns() - _CLOCK
    return {
        path: known if known.stamp < limit else msgspec.structs.replace(known, stamp=0) for path, known in files.items()
    }


def _untouched(root: Path, path: str, known: Snapshot) -> bool:
    """Whether attributes alone prove that the file is the one we know."""
    try:
        found = os.lstat(f"{root}/{path}")
    except OSError:
        return False
    return (found.st_ctime_ns, found.st_ino, found.st_size) == (known.stamp, known.inode, known.size)


def _is_link_to(path: Path, target: str) -> bool:
    try:
        return str(path.readlink()) == target
    except OSError:
        return False


def _content(root: Root, path: str) -> bytes | Odd | None:
    try:
        return root.read(path)
    except NotPlainError:
        return Odd("behind a symbolic link")


def _sha256(root: Root, path: str) -> str:
    content = _content(root, path)
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else ""


def _retaken(copy: WorkCopy, paths: Sequence[str]) -> WorkCopy:
    """The copy with these files as they are now in its snapshot."""
    files = dict(copy.files)
    links = dict(copy.links)
    fresh: dict[str, Snapshot] = {}
    with Root(copy.root) as root:
        for path in paths:
            files.pop(path, None)
            links.pop(path, None)
            content = _content(root, path)
            if isinstance(content, bytes):
                found = os.lstat(copy.root / path)
                digest = hashlib.sha256(content).hexdigest()
                fresh[path] = Snapshot(digest, found.st_size, found.st_ino, found.st_ctime_ns)
    files.update(_trusted(fresh))
    return replace(copy, files=dict(sorted(files.items())), links=links)


def _mode_before(root: Root, edit: Edit) -> int:
    content = _content(root, edit.path)
    if isinstance(content, Odd):
        raise UsageError(f"cannot be edited: it is {content.what}", where=edit.path)
    if content != encoded(edit.path, edit.before):
        what = (
            "is gone"
            if content is None
            else "exists already"
            if edit.before is None
            else "is not what the edit expects"
        )
        raise StalePlan(f"{edit.path} {what}", where=edit.path, hints=("plan again",))
    if content is None:
        return _NEW_FILE
    with root.parent(edit.path) as (handle, name):
        return mode_of(handle, name)


def _write_one(root: Root, path: str, after: bytes | None, mode: int) -> None:
    if after is not None:
        root.make_directories(parents_of(path), durable=False)
    with root.parent(path) as (handle, name):
        remove(handle, name)
        if after is not None:
            write_new(handle, name, after, mode, durable=False)
