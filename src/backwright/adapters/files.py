"""A repository's files as git sees them, read without ever leaving its root."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from backwright.adapters.decoding import MAX_FILE_BYTES, decode
from backwright.adapters.git import ReadOnlyGit, find_root
from backwright.core.errors import NothingToDo, ToolMissing, UsageError
from backwright.core.ports import SourceFile
from backwright.engine.projects import is_manifest, is_under

# Two edits within the granularity of the file system's clock can leave the same time and size.
GRANULARITY = 2_000_000_000  # nanoseconds
_MAX_LINKS = 40  # as many as Linux follows
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_OPEN_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
# What nobody means to list, where no ignore file says so.
_NEVER_LISTED = (".git", "node_modules", ".venv", "__pycache__")
_OUTSIDE = "leads out of the repository"
_CHANGED = "changed while it was read"


class RepositoryTree:
    """Read access to one repository; satisfies `core.ports.Tree`.

    `root` is its top, `project` the folder that was asked for, relative to it. The files are listed once, when opened.
    `notes` says what the reader should know about the listing; `listed_at` is when it began, in nanoseconds.
    """

    def __init__(
        self, root: Path, project: str, git: ReadOnlyGit | None, entries: Sequence[str], notes: tuple[str, ...] = ()
    ) -> None:
        self.root = root
        self.project = project
        self.git = git
        self.notes = notes
        self._root_fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._folder: tuple[str, int] = ("", self._root_fd)  # files come in order, so the last folder serves many
        self._skipped: dict[str, str] = {}
        self.listed_at = time.time_ns()
        self._stats = self._examine(entries)
        self._not_listed = self.skipped
        self._files = tuple(sorted(self._stats))
        self._strayed = False

    def __enter__(self) -> RepositoryTree:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the open folders and git's private directory."""
        self._leave_folder()
        if self._root_fd >= 0:
            os.close(self._root_fd)
            self._root_fd = -1
            self._folder = ("", -1)
        if self.git is not None:
            self.git.close()

    def files(self) -> tuple[str, ...]:
        """All paths that are part of the repository, sorted; deleted ones, folders and special files are not."""
        return self._files

    def stats(self) -> Mapping[str, os.stat_result]:
        """The status of each file when it was listed; that of a symbolic link is the link's own."""
        return self._stats

    def ships(self, folder: str) -> bool:
        """Whether a file below this folder is part of the repository."""
        at = bisect_left(self._files, f"{folder}/")
        return at < len(self._files) and self._files[at].startswith(f"{folder}/")

    def fingerprint(self) -> str:
        """What changes with the listing and with the content of any file in it; nothing but links is read for it.

        It is `""` where that cannot be known from the files' status: one was changed too short a time ago.
        """
        parts = [repr((self.project, self.git is None, self.notes, self._not_listed))]
        newest = 0
        for path in self._files:
            status = self._stats[path]
            newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
            parts.append(f"{path}\0{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}")
            if stat.S_ISLNK(status.st_mode):  # its own status says nothing about its target
                target = self._read(path)
                parts.append(target.sha256 or target.skipped)
        if not has_settled(newest, self.listed_at):
            return ""
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def strayed(self) -> bool:
        """Whether something was read that is not listed: the fingerprint knows nothing of it."""
        return self._strayed

    @property
    def skipped(self) -> tuple[tuple[str, str], ...]:
        """Path and reason of what was left out so far, by listing and by reading."""
        return tuple(sorted(self._skipped.items()))

    def read(self, path: str) -> SourceFile:
        """One file. Never raises for what is in the tree: what cannot or must not be read is skipped with a reason.

        Symbolic links are followed as long as they stay inside the root. `text` has no byte order mark; `encoding`
        says how to write it back. Not for several threads at once.
        """
        file = self._read(path)
        if file.skipped:
            self._skipped[_printable(path)] = file.skipped
        self._strayed = self._strayed or path not in self._stats
        return file

    def _read(self, path: str) -> SourceFile:
        try:
            data = self._bytes(path)
        except _LeftOut as left_out:
            return SourceFile(path, 0, "", None, left_out.reason)
        except OSError as error:
            return SourceFile(path, 0, "", None, _reason(error))
        if len(data) > MAX_FILE_BYTES:
            return SourceFile(path, len(data), "", None, "larger than 1 MiB")
        digest = hashlib.sha256(data).hexdigest()
        decoded = decode(data)
        return SourceFile(path, len(data), digest, decoded.text, decoded.skipped, decoded.encoding)

    def _examine(self, entries: Sequence[str]) -> dict[str, os.stat_result]:
        stats: dict[str, os.stat_result] = {}
        top = f"{self.root}/"
        for path in entries:
            try:
                status = os.lstat(top + path)
            except OSError:  # deleted, but git still has it
                continue
            mode = status.st_mode
            if not path.isprintable() and _printable(path) != path:
                self._skipped[_printable(path)] = "its name is not valid UTF-8"
            elif stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                stats[path] = status
            elif stat.S_ISDIR(mode):
                self._skipped[path.rstrip("/")] = "a repository of its own"
            else:
                self._skipped[path] = "not a regular file"
        return stats

    def _bytes(self, path: str) -> bytes:
        """The content, or one byte more than the limit of it. Raises _LeftOut and OSError."""
        parts = path.split("/")
        if not all(parts) or ".." in parts or "." in parts or "\0" in path:
            raise _LeftOut(_OUTSIDE if ".." in parts or path.startswith("/") else "not a path of the repository")
        if ".git" in parts:
            raise _LeftOut("belongs to git")
        try:
            return self._plain_bytes("/".join(parts[:-1]), parts[-1])
        except OSError as error:
            if error.errno not in {errno.ELOOP, errno.ENOTDIR, errno.EMLINK}:
                raise
        *folders, name = self._resolve(parts)
        return self._plain_bytes("/".join(folders), name)

    def _plain_bytes(self, folder: str, name: str) -> bytes:
        """The content of a path that has no symbolic link in it. Raises OSError where it has one."""
        folder_fd = self._enter_folder(folder)
        # Looked at before it is opened: opening a device or a pipe can have effects.
        mode = os.stat(name, dir_fd=folder_fd, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if not stat.S_ISREG(mode):
            raise _LeftOut("not a regular file")
        with open(os.open(name, _OPEN_FILE, dir_fd=folder_fd), "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _LeftOut(_CHANGED)
            chunks = bytearray()
            while len(chunks) <= MAX_FILE_BYTES and (chunk := file.read(MAX_FILE_BYTES + 1 - len(chunks))):
                chunks += chunk
        return bytes(chunks)

    def _enter_folder(self, folder: str) -> int:
        """A descriptor of a folder, reached one component at a time so that no link is followed."""
        if folder == self._folder[0]:
            return self._folder[1]
        self._leave_folder()
        current = self._root_fd
        for name in folder.split("/") if folder else ():
            try:
                inner = os.open(name, _OPEN_FOLDER, dir_fd=current)
            finally:
                if current != self._root_fd:
                    os.close(current)
            current = inner
        self._folder = (folder, current)
        return current

    def _leave_folder(self) -> None:
        folder, descriptor = self._folder
        if folder:
            os.close(descriptor)
        self._folder = ("", self._root_fd)

    def _resolve(self, parts: Sequence[str]) -> list[str]:
        """The path without symbolic links, followed by hand inside the root. Raises _LeftOut and OSError."""
        resolved: list[str] = []
        pending = deque(parts)
        links = 0
        while pending:
            name = pending.popleft()
            if name in {"", "."}:
                continue
            if name == "..":
                if not resolved:
                    raise _LeftOut(_OUTSIDE)
                resolved.pop()
                continue
            folder_fd = self._enter_folder("/".join(resolved))
            if not stat.S_ISLNK(os.stat(name, dir_fd=folder_fd, follow_symlinks=False).st_mode):
                resolved.append(name)
                continue
            links += 1
            if links > _MAX_LINKS:
                raise _LeftOut("a loop of symbolic links")
            target = os.readlink(name, dir_fd=folder_fd)
            if target.startswith("/"):
                top, target = f"{self.root}/", f"{target}/"
                if not target.startswith(top):
                    raise _LeftOut(_OUTSIDE)
                target = target.removeprefix(top)  # may still lead out by `..`: that is seen when it is walked
                resolved.clear()
            pending.extendleft(reversed(target.split("/")))
        if not resolved:
            raise _LeftOut("not a regular file")
        if ".git" in resolved:
            raise _LeftOut("belongs to git")
        return resolved


class _LeftOut(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def has_settled(changed: int, seen: int) -> bool:
    """Whether a file that was changed and then seen at these times must get another time when it is changed again."""
    return changed + GRANULARITY < seen


def open_tree(start: Path) -> RepositoryTree:
    """The repository that `start` lies in: git's work tree, else the nearest folder above with a manifest, else itself.

    Raises `UsageError` if `start` is not an existing directory, `NothingToDo` if there is no file to read in it.
    """
    try:
        start = start.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError("this path does not exist", where=_printable(str(start))) from error
    if not start.is_dir():
        raise UsageError("this is not a directory", where=_printable(str(start)), hints=(f"try: {start.parent}",))
    if not os.access(start, os.R_OK | os.X_OK):
        raise UsageError("you have no permission to read this directory", where=_printable(str(start)))
    if _is_bare(start):
        hint = "make a work tree of it: git clone, or git worktree add"
        raise NothingToDo(
            "this is a git repository without files of its own", where=_printable(str(start)), hints=(hint,)
        )
    repository = find_root(start)
    tree = (_open_git_tree(repository, start) if repository else None) or _open_plain_tree(start, repository)
    if not any(is_under(path, tree.project) for path in tree.files()):
        tree.close()
        nested = [path for path, reason in tree.skipped if reason == "a repository of its own"]
        hints = tuple(f"it holds another repository: {path}" for path in nested[:3])
        hints = hints or ("go to the folder of your backend, or name it: -C DIR",)
        raise NothingToDo("there are no files to read here", where=_printable(str(start)), hints=hints)
    return tree


def _is_bare(folder: Path) -> bool:
    """Whether this is git's own directory, of a bare repository or of another."""
    return (folder / "HEAD").is_file() and all((folder / name).is_dir() for name in ("objects", "refs"))


def _open_git_tree(root: Path, start: Path) -> RepositoryTree | None:
    """The tree of the git repository at `root`; None if that ignores the folder `start`."""
    try:
        git = ReadOnlyGit.open(root)
    except ToolMissing:
        return _walked(root, start)
    if git is None:
        return None
    project = _relative(start, root)
    entries = git.entries()
    if project and not any(is_under(path, project) for path in entries) and git.ignores(project):
        git.close()
        return None
    return RepositoryTree(root, project, git, entries)


def _open_plain_tree(start: Path, around: Path | None) -> RepositoryTree:
    """The tree of a folder that is not under git, or is ignored by the repository `around` it."""
    root = start
    ends = {around, _home(), Path(start.anchor)}
    for folder in (start, *start.parents):
        if folder in ends:
            break
        if any(map(is_manifest, _names(folder))):
            root = folder
            break
    try:
        git = ReadOnlyGit.without_repository(root, exclude=[f"{name}/" for name in _NEVER_LISTED])
    except ToolMissing:
        return _walked(root, start)
    entries = git.entries()
    git.close()
    return RepositoryTree(root, _relative(start, root), None, entries)


def _walked(root: Path, start: Path) -> RepositoryTree:
    entries: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _NEVER_LISTED]
        prefix = _relative(Path(folder), root)
        entries += [f"{prefix}/{name}" if prefix else name for name in names]
    note = f"git is not installed: every file is read except {', '.join(_NEVER_LISTED)}, whatever .gitignore says"
    return RepositoryTree(root, _relative(start, root), None, entries, (note,))


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _relative(path: Path, root: Path) -> str:
    return "" if path == root else path.relative_to(root).as_posix()


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return "does not exist"
        case errno.EACCES | errno.EPERM:
            return "no permission to read it"
        case errno.ELOOP | errno.EMLINK:
            return _CHANGED
        case errno.ENAMETOOLONG:
            return "its name is too long"
        case _:
            return f"cannot be read: {error.strerror}"


def _printable(path: str) -> str:
    """The path with bytes that are not UTF-8 spelled out: such text cannot be printed or stored."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
