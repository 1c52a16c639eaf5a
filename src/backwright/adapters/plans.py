"""Plans that were saved: one JSON file each in `.backwright/plans/`."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

import msgspec

from backwright.adapters.git import came_along
from backwright.adapters.state import existing_state, machine_error, open_state
from backwright.core.change import ChangeSet
from backwright.core.errors import MachineError, UsageError
from backwright.core.request import Understood

_FOLDER = "plans"
_ID = re.compile(r"[0-9a-f]{4,40}")
_SHOWN = 10
_KEPT = 100
_MAX_BYTES = 64 * 1024 * 1024


class SavedPlan(msgspec.Struct, frozen=True):
    """A change with the project it is for (its folder within the repository), and how it came about.

    `source` is the digest of all that was read for it. `request` and `settings` make it again; no request is kept that
    a file cannot hold.
    """

    project: str
    change: ChangeSet
    source: str = ""
    request: Understood | None = None
    settings: dict[str, str] = {}


def save_plan(root: Path, plan: SavedPlan) -> None:
    """Keep the plan in the repository's state; the oldest of more than a hundred go. Raises `MachineError` where that cannot be written."""
    folder = _folder(open_state(root))
    temporary = folder / f".{plan.change.id}.{os.getpid()}"
    if msgspec.json.decode(msgspec.json.encode(plan.request), type=Understood | None) != plan.request:
        plan = msgspec.structs.replace(plan, request=None)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(plan))
        temporary.replace(folder / f"{plan.change.id}.json")
        for old in saved_ids(root)[_KEPT:]:
            (folder / f"{old}.json").unlink(missing_ok=True)
    except OSError as cause:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise machine_error("save the plan", cause, where=str(folder)) from cause


def load_plan(root: Path, plan_id: str) -> SavedPlan:
    """The plan of this id. Raises `UsageError` listing those that are saved, `MachineError` for one that is not ours."""
    state = existing_state(root)
    path = _folder(state) / f"{plan_id}.json" if state else None
    if path is None or not _ID.fullmatch(plan_id) or not path.is_file() or path.is_symlink():
        known = saved_ids(root)
        hints = tuple(f"backwright apply {name}" for name in known[:_SHOWN]) or ("make one: backwright plan …",)
        raise UsageError(f"there is no plan {plan_id}", hints=hints)
    if came_along(root, path.relative_to(root).as_posix()):
        raise MachineError(
            "this plan came with the repository, nobody made it here", where=str(path), hints=("plan again",)
        )
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise MachineError("the saved plan is too large to be one of ours", where=str(path))
        return msgspec.json.decode(path.read_bytes(), type=SavedPlan)
    except msgspec.MsgspecError as cause:
        raise MachineError("the saved plan is damaged", where=str(path), hints=("plan again",)) from cause
    except OSError as cause:
        raise machine_error("read the plan", cause, where=str(path)) from cause


def saved_ids(root: Path) -> tuple[str, ...]:
    """The ids of all saved plans, the newest first."""
    state = existing_state(root)
    folder = _folder(state) if state else None
    if folder is None or not folder.is_dir() or folder.is_symlink():
        return ()
    files = [p for p in folder.iterdir() if p.suffix == ".json" and _ID.fullmatch(p.stem) and not p.is_symlink()]
    return tuple(p.stem for p in sorted(files, key=lambda p: -p.stat().st_mtime_ns))


def new_id(taken: set[str], digest: str = "") -> str:
    """An id of four hexadecimal digits, or as many more as it takes to be the only one; from `digest` where given."""
    digest = digest or secrets.token_hex(16)
    return next(digest[:n] for n in range(4, len(digest) + 1) if digest[:n] not in taken)


def _folder(state: Path) -> Path:
    return state / _FOLDER
