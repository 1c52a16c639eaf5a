"""What calls printed, kept in `.backwright/cache/printed` to be printed again while nothing has changed that it came from.

This is asked before anything else is imported: on ten thousand files the imports would cost more than the looking. So it
imports next to nothing itself. A record begins with what only one call on one checkout can have, inodes and times that
nobody can choose: a record that came with a repository is not believed.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import time
import zlib

from backwright.adapters.program import program_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KEPT = 12  # records of one repository; the oldest go
MAX_BYTES = 16 * 1024 * 1024  # of one record

# Of a file or a folder: inode, size, times of change in nanoseconds. None where there is nothing.
Stamp = tuple[int, int, int, int]
# Links, where they lead, and what is there.
Links = tuple[tuple[str, str, "Stamp | None"], ...]

_ENVIRONMENT = (
    "BACKWRIGHT_CONFIG",
    "COLUMNS",
    "FORCE_COLOR",
    "GITHUB_STEP_SUMMARY",
    "NO_COLOR",
    "PATH",
    "TERM",
    "TMPDIR",
)
_STATE = ".backwright"
_FOLDER = f"{_STATE}/cache/printed"
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Printed:
    """What a call wrote to standard output and standard error, and its exit code.

    `before`, `after` surround the seconds that the call took, written as `form` (`""` where it did not say any).
    `note` is a file in the state folder that says when the call was, with the text around the time.
    """

    __slots__ = ("after", "before", "code", "error", "form", "note")

    def __init__(
        self, before: str, form: str, after: str, error: str, code: int, note: tuple[str, str, str] | None = None
    ) -> None:
        self.before, self.form, self.after = before, form, after
        self.error, self.code, self.note = error, code, note

    def output(self, seconds: float) -> str:
        """Standard output of a call that took so long."""
        return f"{self.before}{self.form % seconds if self.form else ''}{self.after}"


def find(start: str, arguments: Sequence[str]) -> Printed | None:
    """What these arguments printed in the folder `start`, None where it is unknown or may be outdated.

    Notes that the call was made again.
    """
    folder = start
    while True:
        if os.path.isdir(f"{folder}/{_FOLDER}"):
            found = _read(folder, _identity(folder, start, arguments))
            if found is not None:
                if found.note:
                    _write_note(folder, found.note)
                return found
        if folder == os.path.dirname(folder):
            return None
        folder = os.path.dirname(folder)


def keep(
    root: str, start: str, arguments: Sequence[str], watched: Mapping[str, Stamp | None], links: Links, printed: Printed
) -> None:
    """Keep what was printed for as long as all that is watched stays as it is; paths are relative to `root`, or absolute."""
    state = f"{root}/{_STATE}"
    if any(os.path.islink(path) for path in (state, f"{state}/cache", f"{root}/{_FOLDER}")) or not os.path.isdir(state):
        return
    fields = (printed.before, printed.form, printed.after, printed.error, printed.code, printed.note)
    body = marshal.dumps((tuple(watched), tuple(watched.values()), links, fields))
    identity = _identity(root, start, arguments)
    name = f"{zlib.crc32(identity):08x}"
    record = b"%s\n%08x%s" % (identity, zlib.crc32(body), body)
    if len(record) > MAX_BYTES or not identity:
        return
    temporary = f"{root}/{_FOLDER}/.{name}.{os.getpid()}"
    try:
        os.makedirs(f"{root}/{_FOLDER}", 0o700, exist_ok=True)
        _write(temporary, record)
        os.replace(temporary, f"{root}/{_FOLDER}/{name}")
        _drop_oldest(f"{root}/{_FOLDER}")
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def stamp(path: str) -> Stamp | None:
    """What tells that a file or folder is as it was; of a link, its own."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return stamp_of(status)


def stamp_of(status: os.stat_result) -> Stamp:
    """The same, of a status that is known."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _identity(root: str, start: str, arguments: Sequence[str]) -> bytes:
    """Of a call on a checkout by a program, on one line; empty where the checkout has no state yet."""
    own = stamp(f"{root}/{_STATE}/.gitignore")
    streams = [(s.encoding, os.get_terminal_size(s.fileno()) if s.isatty() else None) for s in (sys.stdout, sys.stderr)]
    environment = [os.environ.get(name) for name in _ENVIRONMENT]
    call = (program_state(), sys.argv[0], tuple(arguments), start, streams, environment)
    return repr((own, os.stat(root).st_ino, call)).encode("utf-8", "backslashreplace") if own else b""


def _read(root: str, identity: bytes) -> Printed | None:
    if not identity:
        return None
    try:
        with open(os.open(f"{root}/{_FOLDER}/{zlib.crc32(identity):08x}", _READ), "rb", buffering=0) as file:
            record = file.read(MAX_BYTES)
    except OSError:
        return None
    at = len(identity) + 1
    if record[: at - 1] != identity or record[at : at + 8] != b"%08x" % zlib.crc32(record[at + 8 :]):
        return None
    paths, stamps, links, fields = marshal.loads(record[at + 8 :])  # noqa: S302 - its beginning shows that it is ours
    return Printed(*fields) if _is_as_it_was(root, paths, stamps, links) else None


def _is_as_it_was(root: str, paths: Iterable[str], stamps: Iterable[Stamp | None], links: Links) -> bool:
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for path, then in zip(paths, stamps, strict=True):
            try:
                now = os.stat(path, dir_fd=folder, follow_symlinks=False)
            except OSError:
                if then is None:
                    continue
                return False
            if (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns) != then:
                return False
    finally:
        os.close(folder)
    return all(os.path.realpath(path) == target and stamp(target) == then for path, target, then in links)


def _write_note(root: str, note: tuple[str, str, str]) -> None:
    """Say in a file of the state folder that the call was made now."""
    name, before, after = note
    temporary = f"{root}/{_STATE}/.{name}.{os.getpid()}"
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    with contextlib.suppress(OSError):
        _write(temporary, f"{before}{now}{after}".encode())
        os.replace(temporary, f"{root}/{_STATE}/{name}")


def _write(path: str, content: bytes) -> None:
    with open(os.open(path, _WRITE, 0o600), "wb") as file:
        file.write(content)


def _drop_oldest(folder: str) -> None:
    with os.scandir(folder) as entries:
        kept = sorted(entries, key=lambda entry: entry.stat(follow_symlinks=False).st_mtime_ns, reverse=True)
    for entry in kept[KEPT:]:
        os.unlink(entry.path)
