"""A change as a commit on a branch of its own, made without touching the user's index, HEAD or work tree.

Objects go into the repository's store through a private git directory with our configuration; the branch is the only
reference that is written, and it must not exist yet.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from backwright.adapters.git import ENVIRONMENT, FLAGS, TIMEOUT
from backwright.adapters.gitdir import GitDirs, copy_refs, git_dirs, make_private
from backwright.adapters.landing_paths import check_change
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import MachineError, StalePlan, ToolMissing, UsageError

_NAME, _EMAIL = "Backwright", "backwright@localhost"
_NEW_FILE = "100644"


def commit_on_branch(
    root: Path, branch: str, change: ChangeSet, *, task: str = "", onto: str = "", again: bool = False
) -> str:
    """Commit the change on top of HEAD as the new branch `branch`; returns the commit's id.

    With `onto`, the commit that the branch is at, on top of that. With `again`, a branch that ends with this change
    already is the answer: the process that made it could not say so.

    Raises `UsageError` without a repository or a commit, when the branch exists, and as `landing.land` for what may not
    be written; `StalePlan` where a file that is changed differs from the last commit; `ToolMissing`, `MachineError`.
    """
    check_change(change.edits, task=task)
    source = git_dirs(root)
    program = shutil.which("git")
    if source is None:
        raise UsageError("a branch needs a git repository", where=str(root))
    if program is None:
        raise ToolMissing("git is not installed", hints=("install git and try again",))
    try:
        private = make_private(source)
    except OSError as error:
        raise MachineError(f"the git repository cannot be read: {error.strerror}", where=str(root)) from error
    try:
        copy_refs(source, private.path)
        return _Committing(root, source, private.path, program).commit(branch, change, onto, again=again)
    except OSError as error:
        raise MachineError(f"the branch cannot be written: {error.strerror}", where=str(root)) from error
    finally:
        private.close()


class _Committing:
    """One commit in the making."""

    def __init__(self, root: Path, source: GitDirs, private: Path, program: str) -> None:
        self._root = root
        self._source = source
        self._program = program
        self._env = {
            **ENVIRONMENT,
            "PATH": os.environ.get("PATH", os.defpath),
            "GIT_DIR": str(private),
            "GIT_WORK_TREE": str(root),
            "GIT_OBJECT_DIRECTORY": str(source.common / "objects"),
            "GIT_INDEX_FILE": str(private / "index-of-the-branch"),
        }

    def commit(self, branch: str, change: ChangeSet, onto: str, *, again: bool) -> str:
        head = onto or self._try("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if not head:
            raise UsageError("a branch needs a commit to start from", where=str(self._root))
        ref = f"refs/heads/{branch}"
        tip = self._try("rev-parse", "--verify", "--quiet", ref)
        if tip and tip != onto:
            if again and self._git("log", "-1", "--format=%B", tip).strip() == _message(change).strip():
                return tip
            raise UsageError(f"the branch {branch} exists already", where=str(self._root))
        self._git("read-tree", head)
        self._git("update-index", "-z", "--index-info", stdin=b"".join(self._entry(head, e) for e in change.edits))
        tree = self._git("write-tree")
        made = self._git("commit-tree", tree, "-p", head, stdin=_message(change).encode(), env=self._who())
        real = {"GIT_DIR": str(self._source.git_dir)}
        self._git("update-ref", "-m", f"backwright: {change.title}", ref, made, onto or "0" * len(made), env=real)
        return made

    def _entry(self, head: str, edit: Edit) -> bytes:
        """A line for `update-index`. Raises `StalePlan` when the last commit has another content than was planned on."""
        listed = self._git("ls-tree", "-z", "--full-tree", head, "--", f":(literal){edit.path}").rstrip("\0")
        mode, _, known = listed.partition("\t")[0].split(" ") if listed else ("", "", "")
        if known != (self._blob(edit.before) if edit.before is not None else ""):
            raise StalePlan(
                "this file differs from the last commit, which the branch starts from",
                where=edit.path,
                hints=("commit your changes first", "or land the change in the working tree, without --branch"),
            )
        if edit.after is None:
            return b"0 " + b"0" * len(known) + b"\t" + os.fsencode(edit.path) + b"\0"
        blob = self._blob(edit.after, keep=True)
        return f"{mode or _NEW_FILE} {blob}\t".encode() + os.fsencode(edit.path) + b"\0"

    def _blob(self, text: str, *, keep: bool = False) -> str:
        return self._git("hash-object", *(("-w",) if keep else ()), "--no-filters", "--stdin", stdin=text.encode())

    def _who(self) -> dict[str, str]:
        """The user's own name for the commit where git knows it; looking it up runs nothing of the repository."""
        name, email = self._configured("user.name") or _NAME, self._configured("user.email") or _EMAIL
        return {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", email))
        }

    def _configured(self, key: str) -> str:
        files = [self._source.common / "config", Path.home() / ".gitconfig", Path.home() / ".config" / "git" / "config"]
        for file in files:
            if file.is_file() and (value := self._try("config", "--file", str(file), "--no-includes", "--get", key)):
                return value
        return ""

    def _try(self, *arguments: str) -> str:
        done = self._start(arguments, b"", {})
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""

    def _git(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        done = self._start(arguments, stdin, env or {})
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise MachineError(
                f"git {arguments[0]} failed: {lines[-1] if lines else done.returncode}", where=str(self._root)
            )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def _start(
        self, arguments: tuple[str, ...], stdin: bytes, env: Mapping[str, str]
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [self._program, *FLAGS, *arguments],
                cwd=self._root,
                env={**self._env, **env},
                input=stdin,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise MachineError(
                f"git {arguments[0]} did not end within {TIMEOUT:.0f} s", where=str(self._root)
            ) from error


def _message(change: ChangeSet) -> str:
    asked = f"\n\nAsked for: {change.request}" if change.request else ""
    return f"{change.title[:1].upper()}{change.title[1:]}{asked}\n"
