"""Read-only git in untrusted repositories: git is run only over a private git directory (see `gitdir`)."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path

from backwright.adapters.decoding import MAX_FILE_BYTES, decode
from backwright.adapters.gitdir import GitDirs, copy_refs, deciding_files, git_dirs, make_private
from backwright.adapters.privatedir import PrivateDir
from backwright.adapters.state import machine_error
from backwright.core.errors import MachineError, ToolMissing, UsageError

TIMEOUT = 60.0  # seconds; git over a healthy tree takes milliseconds

ENVIRONMENT = {
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "SSH_ASKPASS": "/bin/false",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": ":",
    "GIT_SSH_COMMAND": "/bin/false",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_CEILING_DIRECTORIES": "/",
}
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.attributesFile=/dev/null",
    "core.untrackedCache=false",
    "core.askPass=/bin/false",
    "core.sshCommand=/bin/false",
    "core.alternateRefsCommand=",
    "credential.helper=",
    "diff.external=",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
)
FLAGS = ("--no-pager", "--no-replace-objects", *(part for setting in _SETTINGS for part in ("-c", setting)))
_DIFF_FLAGS = ("--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=all")

_FILE_MODES = {"100644", "100755"}
_SUBMODULE_MODE = "160000"
_UNSAFE_IN_REF = re.compile(r"^-|[\x00-\x1f]")


def find_root(start: Path) -> Path | None:
    """The nearest directory at or above `start` that is the top of a git work tree, None if there is none."""
    return next((folder for folder in (start, *start.parents) if git_dirs(folder)), None)


def came_along(root: Path, path: str) -> bool:
    """Whether the repository around `root` tracks a file of ours below it: whoever made the repository wrote that one.

    False where there is no repository, or no git program to ask.
    """
    top = find_root(root)
    try:
        git = ReadOnlyGit.open(top) if top else None
    except ToolMissing:
        return False
    if git is None or top is None:
        return False
    try:
        return git.tracks((root.relative_to(top) / path).as_posix())
    finally:
        git.close()


class ReadOnlyGit:
    """git over one work tree, unable to run what the repository configures or to write into it.

    The private git directory lives until `close()` or the end of the process, and shows the repository as it was when
    opened. The user's own excludes file (`core.excludesFile`) is ignored knowingly: two people must get one answer.
    Files under a clean filter (LFS) whose time changed count as changed, since no filter is run.
    """

    def __init__(self, root: Path, private: PrivateDir, program: str, source: GitDirs | None) -> None:
        self.root = root
        self._private = private.path
        self._program = program
        self._source = source
        self._refs_copied = source is None
        self._env = {
            **ENVIRONMENT,
            "PATH": os.environ.get("PATH", os.defpath),
            "GIT_DIR": str(private.path),
            "GIT_WORK_TREE": str(root),
        }
        self._finalizer = weakref.finalize(self, private.close)

    @classmethod
    def open(cls, root: Path) -> ReadOnlyGit | None:
        """git for the repository whose work tree is `root`; None if `root` is not the top of one.

        Raises `ToolMissing` where there is no git program, `MachineError` where the repository cannot be read.
        """
        source = git_dirs(root)
        return _open(cls, root, source, ()) if source else None

    @classmethod
    def without_repository(cls, root: Path, *, exclude: Iterable[str] = ()) -> ReadOnlyGit:
        """git's ignore rules for a folder that is not a repository; `exclude` are further patterns.

        Raises `ToolMissing` where there is no git program.
        """
        return _open(cls, root, None, exclude)

    def close(self) -> None:
        """Remove the private git directory."""
        self._finalizer()

    def files(self) -> list[str]:
        """Paths that are tracked, or untracked and not ignored; names that are not UTF-8 hold surrogate escapes."""
        return [path for path in self.entries() if not path.endswith("/")]

    def entries(self) -> list[str]:
        """`files()`, and the repositories nested in this one: they end in ``/`` and are not looked into."""
        out = self._run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        return os.fsdecode(out).split("\0")[:-1]

    def tracks(self, path: str) -> bool:
        """Whether a file, or anything in a folder, is part of the repository itself."""
        return bool(self._run("ls-files", "-z", "--cached", "--", path))

    def ignores(self, path: str) -> bool:
        """Whether git leaves this path out."""
        return self._start(("check-ignore", "-q", "--", f"./{path}")).returncode == 0

    def ignored(self, paths: Iterable[str]) -> set[str]:
        """Those of these paths that git leaves out."""
        asked = b"".join(os.fsencode(f"./{path}") + b"\0" for path in paths)
        done = self._start(("check-ignore", "-z", "--stdin"), asked) if asked else None
        return {path.removeprefix("./") for path in os.fsdecode(done.stdout).split("\0")[:-1]} if done else set()

    def deciding_files(self) -> tuple[Path, ...]:
        """The files of the repository that decide what is listed and which commit is checked out; none where unknown."""
        return deciding_files(self._source) if self._source else ()

    def branch(self) -> str:
        """The branch that is checked out, ``""`` on a detached HEAD and outside a repository."""
        head = (self._private / "HEAD").read_text(encoding="utf-8").strip()
        name = head.removeprefix("ref: refs/heads/")
        return name if self._source and name != head else ""

    def head(self) -> str:
        """The full id of the commit that is checked out, ``""`` before the first commit."""
        return self._resolve("HEAD")

    def is_dirty(self) -> bool:
        """Whether the work tree differs from HEAD: changed, staged or untracked files that are not ignored."""
        self._copy_refs()
        return bool(self._run("status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=all"))

    def changed_since(self, ref: str) -> dict[str, str | None]:
        """What changed in the work tree since it and `ref` parted (their merge base), untracked files included.

        Maps each path to its text before; None where it did not exist, or was not a readable text. A deleted file is
        in the answer too. Raises `UsageError` if `ref` is unknown or has no history in common with HEAD.
        """
        base = self._merge_base(self._commit(ref))
        raw = self._run("diff", "--raw", "-z", *_DIFF_FLAGS, base).split(b"\0")[:-1]
        objects: dict[str, str] = {}
        for meta, name in zip(raw[::2], raw[1::2], strict=True):
            old_mode, new_mode, old_object, *_ = meta.decode("ascii").removeprefix(":").split(" ")
            if _SUBMODULE_MODE not in (old_mode, new_mode):
                # An unmerged path comes twice, once without its old object.
                objects[os.fsdecode(name)] = (
                    old_object if old_mode in _FILE_MODES else objects.get(os.fsdecode(name), "")
                )
        for name in self._run("ls-files", "-z", "--others", "--exclude-standard").split(b"\0")[:-1]:
            if not name.endswith(b"/"):
                objects.setdefault(os.fsdecode(name), "")
        texts = self._texts(set(objects.values()) - {""})
        return {path: texts.get(object_id) for path, object_id in objects.items()}

    def commit(self, ref: str) -> str:
        """The full id of the commit that `ref` names. Raises `UsageError` if it is unknown."""
        return self._commit(ref)

    def blobs(self, commit: str) -> dict[str, tuple[str, str]]:
        """Every file of a commit: its path to mode and object. Links and submodules are not among them."""
        found = {}
        for entry in self._run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
            meta, _, name = entry.partition(b"\t")
            mode, _, object_id = meta.decode("ascii").split(" ")
            if mode in _FILE_MODES:
                found[os.fsdecode(name)] = (mode, object_id)
        return found

    def contents(self, objects: Iterable[str]) -> dict[str, bytes]:
        """Blob id to what it holds; those that are larger than a file may be are left out."""
        return self._contents(set(objects))

    def file_at(self, ref: str, path: str) -> str | None:
        """The text of a file in a commit; None if it is not there or is not a readable text.

        Raises `UsageError` if `ref` is unknown.
        """
        commit = self._commit(ref)
        if path.startswith("/") or not {"", ".", ".."}.isdisjoint(path.split("/")):
            return None
        entry = self._run("ls-tree", "-z", "--full-tree", commit, "--", f":(literal){path}").split(b"\0")[0]
        meta, _, name = entry.partition(b"\t")
        if os.fsdecode(name) != path:
            return None
        mode, _, object_id = meta.decode("ascii").split(" ")
        return self._texts({object_id}).get(object_id) if mode in _FILE_MODES else None

    def _texts(self, objects: set[str]) -> dict[str, str | None]:
        """Blob id to text."""
        return {object_id: decode(data).text for object_id, data in self._contents(objects).items()}

    def _contents(self, objects: set[str]) -> dict[str, bytes]:
        """Blob id to content. Sizes are asked first, since a small pack can hold a blob of many gigabytes."""
        if not objects:
            return {}
        asked = "".join(f"{object_id}\n" for object_id in sorted(objects)).encode("ascii")
        sizes = self._run("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", stdin=asked)
        wanted = []
        for line in sizes.decode("ascii").splitlines():
            object_id, kind, *size = line.split(" ")
            if kind == "blob" and int(size[0]) <= MAX_FILE_BYTES:
                wanted.append(object_id)
        out = self._run("cat-file", "--batch=%(objectsize)", stdin="".join(f"{o}\n" for o in wanted).encode("ascii"))
        contents: dict[str, bytes] = {}
        at = 0
        for object_id in wanted:
            end_of_size = out.index(b"\n", at)
            start = end_of_size + 1
            end = start + int(out[at:end_of_size])
            contents[object_id] = out[start:end]
            at = end + 1  # a newline follows the content
        return contents

    def _commit(self, ref: str) -> str:
        commit = self._resolve(ref) if ref and not _UNSAFE_IN_REF.search(ref) else ""
        if not commit:
            raise UsageError(
                f"`{ref}` is not a commit, branch or tag of this repository",
                where=str(self.root),
                hints=("see the names with: git branch --all", "in a shallow clone, fetch it first: git fetch origin"),
            )
        return commit

    def _resolve(self, ref: str) -> str:
        self._copy_refs()
        done = self._start(("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"))
        return done.stdout.decode("ascii").strip() if done.returncode == 0 else ""

    def _merge_base(self, commit: str) -> str:
        done = self._start(("merge-base", commit, "HEAD"))
        if done.returncode != 0:
            raise UsageError(
                f"`{commit[:12]}` and HEAD have no commit in common",
                where=str(self.root),
                hints=("in a shallow clone, fetch the history first: git fetch --unshallow",),
            )
        return done.stdout.decode("ascii").strip()

    def _copy_refs(self) -> None:
        """Copy the refs when history is first asked for; listing files needs none of them."""
        if self._source and not self._refs_copied:
            try:
                copy_refs(self._source, self._private)
            except OSError as error:
                raise MachineError(f"the git refs cannot be read: {error.strerror}", where=str(self.root)) from error
            self._refs_copied = True

    def _run(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        done = self._start(arguments, stdin)
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise MachineError(
                f"git {arguments[0]} failed: {lines[-1] if lines else f'exit code {done.returncode}'}",
                where=str(self.root),
                hints=("check the repository with: git fsck", "objects that a partial clone lacks are not fetched"),
            )
        return done.stdout

    def _start(self, arguments: tuple[str, ...], stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [self._program, *FLAGS, *arguments],
                cwd=self.root,
                env=self._env,
                input=stdin or b"",
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise MachineError(
                f"git {arguments[0]} did not end within {TIMEOUT:.0f} s", where=str(self.root)
            ) from error
        except OSError as error:
            raise MachineError(f"git cannot be run: {error.strerror}", where=self._program) from error


def _open(cls: type[ReadOnlyGit], root: Path, source: GitDirs | None, exclude: Iterable[str]) -> ReadOnlyGit:
    program = shutil.which("git")
    # A relative entry of PATH would let the folder we stand in say what git is.
    if program is None or not Path(program).is_absolute():
        raise ToolMissing("git is not installed", hints=("install git and try again",))
    try:
        return cls(root, make_private(source, exclude), program, source)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)  # where our copy of the index goes
        where = tempfile.gettempdir() if full else str(root)
        raise machine_error("read the git repository", error, where=where) from error
