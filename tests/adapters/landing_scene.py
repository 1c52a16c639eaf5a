"""What the tests of landing share: small trees, pictures of them, and processes that die on command."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backwright.adapters import landing_rename
from backwright.adapters.landing import LandingRecord, landed
from backwright.adapters.landing_journal import Journal
from backwright.adapters.state import STATE_NAME
from backwright.core.change import ChangeSet, Edit

TREE = {"app/main.py": "main\n", "app/models/user.py": "user\r\nend", "old.py": "old\n", "README.md": "read me\n"}
WANTED: dict[str, str | None] = {
    "app/main.py": "main\nrouter\n",
    "app/models/user.py": "user\r\nposts\r\nend",
    "app/models/post.py": "post\n",
    "app/api/v1/post.py": "api\n",
    "old.py": None,
}

Picture = dict[str, tuple[str, bytes]]


@contextmanager
def memory_directory() -> Iterator[Path]:
    """A temporary directory where syncing costs nothing, if there is one: a kill does not ask what reached the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as place:
        yield Path(place)


def make_tree(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())


def text_of(root: Path, path: str) -> str | None:
    return (root / path).read_bytes().decode() if (root / path).is_file() else None


def change_of(root: Path, wanted: Mapping[str, str | None], change_id: str = "7c1e") -> ChangeSet:
    """The change that brings these files from what they are now to what is wanted."""
    edits = tuple(Edit(path, text_of(root, path), after) for path, after in wanted.items())
    return ChangeSet(change_id, "add posts", edits, "blueprint:resource", {e.path: digest(e.before) for e in edits})


def digest(text: str | None) -> str:
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def picture(root: Path) -> Picture:
    """Everything in the tree but our state: kind and mode, content."""
    found: Picture = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] == STATE_NAME:
            continue
        status = path.lstat()
        kind = f"{stat.filemode(status.st_mode)}"
        content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[name] = (kind, content)
    return found


def after_picture(root: Path, before: Picture, wanted: Mapping[str, str | None]) -> Picture:
    """What the tree must look like once the change is in it."""
    after = dict(before)
    for path, text in wanted.items():
        if text is None:
            after.pop(path)
            continue
        after[path] = (before[path][0] if path in before else "-rw-r--r--", text.encode())
        for parent in list(Path(path).parents)[:-1]:
            after.setdefault(parent.as_posix(), ("drwxr-xr-x", b""))
    return dict(sorted(after.items()))


def record(state: Path) -> LandingRecord | None:
    records = landed(state)
    return records[-1] if records else None


def in_child(action: Callable[[], object]) -> int:
    """Run it in a forked process; the signal that killed the process, 0 when it returned, -1 when it raised."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)


#: Every call by which landing changes the world, but SQLite's own: those stand before and after its commits.
STEPS: tuple[tuple[Any, str], ...] = (
    (os, "write"),
    (os, "fsync"),
    (os, "fchmod"),
    (os, "mkdir"),
    (os, "rmdir"),
    (os, "unlink"),
    (os, "rename"),
    (os, "link"),
    (landing_rename, "_native"),
    (Journal, "begin"),
    (Journal, "swapping"),
    (Journal, "landed"),
    (Journal, "settled"),
    (Journal, "forget"),
)


@contextmanager
def before_step(act: Callable[[int, str], None]) -> Iterator[None]:
    """Call `act(number, name)` before each step, counting from 1."""
    count = 0

    def wrapped(name: str, call: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **options: object) -> object:
            nonlocal count
            count += 1
            act(count, name)
            return call(*args, **options)

        return step

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in STEPS:
            patch.setattr(owner, name, wrapped(name, getattr(owner, name)))
        yield


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """SIGKILL for this process before its step of this number."""

    def act(count: int, name: str) -> None:
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    with before_step(act):
        yield
