"""A private git directory that stands in for a repository's own.

git runs programs that a repository's configuration names (fsmonitor, hooks, filters, text converters, includes), and
writes to the repository even when only asked to look. The private directory has a configuration of ours, a copy of
HEAD, refs and index, and the repository's objects as alternates; nothing in it comes from theirs unread.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from backwright.adapters.privatedir import PrivateDir

_MAX_CONTROL_BYTES = 1024 * 1024  # of HEAD, config and the other small files in a git directory

# Settings that say how work tree and index compare. Nothing that names a program or a path is ever carried over.
_CARRIED = {
    "core": {"filemode", "ignorecase", "precomposeunicode", "symlinks", "autocrlf", "eol", "trustctime", "checkstat"},
    "extensions": {"objectformat"},
}
_SECTION = re.compile(r"\s*\[\s*([A-Za-z0-9.-]+)\s*\]\s*")
_SETTING = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)\s*=\s*([A-Za-z0-9]+)\s*")

_REF = re.compile(r"refs/[^\x00-\x20~^:?*\[\\\x7f]+")
_OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class GitDirs(NamedTuple):
    """Where a repository keeps its things: a linked work tree has its own `git_dir`, and shares `common`."""

    git_dir: Path
    common: Path


def git_dirs(root: Path) -> GitDirs | None:
    """The git directories of the work tree whose top is `root`, None if it is not the top of one."""
    git_dir = root / ".git"
    try:
        if stat.S_ISREG(git_dir.stat().st_mode):
            link = os.fsdecode(_small(git_dir)).strip()
            if not link.startswith("gitdir:"):
                return None
            git_dir = Path(os.path.normpath(root / link.removeprefix("gitdir:").strip()))
        link = os.fsdecode(_small(git_dir / "commondir")).strip()
        common = Path(os.path.normpath(git_dir / link)) if link else git_dir
        usable = bool(_small(git_dir / "HEAD")) and (common / "objects").is_dir()
    except (OSError, ValueError):
        return None
    return GitDirs(git_dir, common) if usable else None


def make_private(source: GitDirs | None, exclude: Iterable[str] = ()) -> PrivateDir:
    """A new private git directory in the system's temporary folder, without refs (see `copy_refs`).

    Without a source it is an empty repository that ignores `exclude`. Raises OSError.
    """
    made = PrivateDir("git")
    private = made.path
    try:
        for folder in ("objects/info", "objects/pack", "refs/heads", "info"):
            (private / folder).mkdir(parents=True)
        if source is None:
            (private / "config").write_text(_config(b""), encoding="utf-8")
            (private / "HEAD").write_text("ref: refs/heads/none\n", encoding="utf-8")
            (private / "info" / "exclude").write_text("".join(f"{line}\n" for line in exclude), encoding="utf-8")
        else:
            (private / "config").write_text(_config(_small(source.common / "config")), encoding="utf-8")
            (private / "HEAD").write_text(_head(source.git_dir), encoding="utf-8")
            (private / "info" / "exclude").write_bytes(_small(source.common / "info" / "exclude"))
            (private / "objects" / "info" / "alternates").write_bytes(_alternate(source.common))
            _copy_index(source.git_dir, private)
    except OSError:
        made.close()
        raise
    return made


def copy_refs(source: GitDirs, private: Path) -> None:
    """Copy all refs, as one file of packed refs: ten thousand tags are one write. Raises OSError."""
    refs: dict[str, str] = {}
    for folder in dict.fromkeys((source.common, source.git_dir)):
        refs |= _packed_refs(folder) | _loose_refs(folder)
    lines = ["# pack-refs with: sorted \n"]
    for name in sorted(refs, key=os.fsencode):
        value = refs[name]
        for _ in range(5):  # as deep as git follows symbolic refs
            value = refs.get(value, value)
        if _OBJECT.fullmatch(value):
            lines.append(f"{value} {name}\n")
    (private / "packed-refs").write_text("".join(lines), encoding="utf-8", errors="surrogateescape")
    for folder, name in ((source.git_dir, "ORIG_HEAD"), (source.git_dir, "FETCH_HEAD"), (source.common, "shallow")):
        content = _small(folder / name)
        if content:
            (private / name).write_bytes(content)


def deciding_files(source: GitDirs) -> tuple[Path, ...]:
    """The files of a repository that say what its work tree has, and which commit is checked out.

    None at all where that cannot be said of a few files.
    """
    head = _small(source.git_dir / "HEAD").decode("utf-8", "replace").strip()
    own = [source.git_dir / name for name in ("HEAD", "index", "commondir")]
    shared = [source.common / name for name in ("config", "packed-refs", "info/exclude", "reftable")]
    if not _OBJECT.fullmatch(head):
        name = head.removeprefix("ref:").strip()
        ref = source.common / name
        if not _is_ref(name) or _small(ref).startswith(b"ref:"):
            return ()
        shared.append(ref)
    return () if (source.common / "reftable").exists() else (*own, *shared)


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO | None]:
    """The file opened for reading, None if it is no regular file: no link is followed and no pipe waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    with open(descriptor, "rb") as file:
        yield file if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def _small(path: Path) -> bytes:
    """The content of a small regular file, empty if it is none."""
    with _regular(path) as file:
        content = file.read(_MAX_CONTROL_BYTES + 1) if file else b""
        return content if len(content) <= _MAX_CONTROL_BYTES else b""


def _head(git_dir: Path) -> str:
    text = _small(git_dir / "HEAD").decode("utf-8", "replace").strip()
    if _OBJECT.fullmatch(text):
        return f"{text}\n"
    name = text.removeprefix("ref:").strip()
    return f"ref: {name}\n" if _is_ref(name) else "ref: refs/heads/unknown\n"


def _config(theirs: bytes) -> str:
    """Our configuration, with the few plain settings of theirs that say how files compare."""
    core = {"bare": "false", "fsmonitor": "false", "hookspath": "/dev/null"}
    extensions: dict[str, str] = {}
    section = ""
    for line in theirs.decode("utf-8", "replace").splitlines():
        if line.lstrip().startswith("["):
            opened = _SECTION.fullmatch(line)
            section = opened[1].lower() if opened else ""
        elif (setting := _SETTING.fullmatch(line)) and setting[1].lower() in _CARRIED.get(section, ()):
            (core if section == "core" else extensions)[setting[1].lower()] = setting[2].lower()
    lines = ["[core]", f"\trepositoryformatversion = {1 if extensions else 0}"]
    lines += [f"\t{key} = {value}" for key, value in core.items()]
    if extensions:
        lines += ["[extensions]", *(f"\t{key} = {value}" for key, value in extensions.items())]
    return "\n".join(lines) + "\n"


def _alternate(common: Path) -> bytes:
    """The line that lends us the repository's objects (and those it borrows itself), quoted as git reads it."""
    path = os.fsencode(common / "objects")
    return b'"%s"\n' % path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")


def _copy_index(git_dir: Path, private: Path) -> None:
    """Copy the index with its time: git compares that to the files' to find entries written in the same instant."""
    for path in (git_dir / "index", *git_dir.glob("sharedindex.*")):
        with _regular(path) as source:
            if source is None:
                continue
            status = os.fstat(source.fileno())
            with open(private / path.name, "wb") as target:
                shutil.copyfileobj(source, target, 1024 * 1024)
        os.utime(private / path.name, ns=(status.st_atime_ns, status.st_mtime_ns))


def _is_ref(name: str) -> bool:
    """Whether git accepts this as the full name of a ref; one bad name would make it refuse all of them."""
    return (
        _REF.fullmatch(name) is not None
        and ".." not in name
        and "@{" not in name
        and not name.endswith(".")
        and all(part and not part.startswith(".") and not part.endswith(".lock") for part in name.split("/"))
    )


def _packed_refs(folder: Path) -> dict[str, str]:
    refs = {}
    with _regular(folder / "packed-refs") as file:
        for line in file or ():
            object_id, _, name = os.fsdecode(line.rstrip(b"\n")).partition(" ")
            if _OBJECT.fullmatch(object_id) and _is_ref(name):
                refs[name] = object_id
    return refs


def _loose_refs(folder: Path) -> dict[str, str]:
    """Name to object id, or to the name it stands for."""
    refs = {}
    for current, _, names in os.walk(folder / "refs"):
        for name in names:
            path = Path(current) / name
            ref = path.relative_to(folder).as_posix()
            value = os.fsdecode(_small(path)).strip()
            target = value.removeprefix("ref:").strip()
            if _is_ref(ref) and (_OBJECT.fullmatch(value) or _is_ref(target)):
                refs[ref] = target
    return refs
