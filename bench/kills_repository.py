"""A real git repository with uncommitted work of every kind, a change for it, and pictures that tell trees apart."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from backwright.adapters import landing
from backwright.adapters.state import STATE_NAME
from backwright.core.change import ChangeSet, Edit

GIT_ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_NOSYSTEM": "1"}
Picture = tuple[dict[str, tuple[int, bytes]], bytes]


def git(root: Path, *arguments: str) -> bytes:
    command = [
        "git",
        "-C",
        str(root),
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b.c",
        "-c",
        "core.autocrlf=false",
        *arguments,
    ]
    return subprocess.run(command, env=GIT_ENV, check=True, capture_output=True).stdout


def make_repository(root: Path) -> None:
    """A copy of our own sources under git, with uncommitted work of every kind."""
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(Path(landing.__file__).parents[1], root / "app", ignore=ignore)
    (root / "crlf.txt").write_bytes(b"one\r\ntwo\r\n")
    git(root.parent, "init", "-q", str(root))
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / "app/core/stack.py").write_text("stashed\n")
    git(root, "stash")
    (root / "app/core/events.py").write_text("staged\n")
    git(root, "mv", "app/core/ports.py", "app/core/gates.py")
    git(root, "add", "app/core/events.py")
    (root / "app/core/facts.py").write_text("unstaged\n")
    (root / "app/core/change.py").unlink()
    (root / "untracked.py").write_text("untracked\n")
    (root / "app/core/errors.py").chmod(0o755)


def make_change(root: Path) -> ChangeSet:
    """Eleven files: three changed, one of them with uncommitted work and one with CRLF; one deleted; seven new."""

    def text(path: str) -> str:
        return (root / path).read_bytes().decode()

    edits = [
        Edit(path, text(path), text(path) + "more\r\n")
        for path in ("app/core/errors.py", "app/core/facts.py", "crlf.txt")
    ]
    edits.append(Edit("app/core/verdict.py", text("app/core/verdict.py"), None))
    new = ["app/models/order.py", "app/api/v2/order.py", "app/core/order.py", "tests/order/a.py", "tests/order/b.py"]
    edits += [Edit(path, None, f"# {path}\n" * 200) for path in [*new, "tests/c.py", "ünï.py"]]
    return ChangeSet("7c1e", "add orders", tuple(edits), "bench", {})


def picture(root: Path) -> Picture:
    """Every file with mode and content, and what git says."""
    found: dict[str, tuple[int, bytes]] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != STATE_NAME]
        for name in names + folders:
            path = Path(folder) / name
            content = path.read_bytes() if path.is_file() else b""
            found[path.relative_to(root).as_posix()] = (path.lstat().st_mode, content)
    return found, git(root, "status", "--porcelain", "-z", "--untracked-files=all") + git(root, "stash", "list")
