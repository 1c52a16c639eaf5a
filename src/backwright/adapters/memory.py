"""Small things remembered about a repository between calls: one JSON file each in its state directory."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec

from backwright.adapters.state import existing_state, open_state_if_possible

T = TypeVar("T")


class LastCheck(msgspec.Struct, frozen=True):
    """The last whole check: findings by severity, the short commit it saw, when (ISO 8601, UTC)."""

    findings: dict[str, int]
    commit: str
    at: str


class Counted(msgspec.Struct, frozen=True):
    """What rules counted in each backend (by its root) when it was last checked as a whole: `kit.counts.Counts.here`."""

    backends: dict[str, dict[str, int]]


def remember(root: Path, name: str, value: msgspec.Struct) -> None:
    """Keep `value`; where nothing can be written it is forgotten."""
    state = open_state_if_possible(root)
    if state is None:
        return
    temporary = state / f".{name}.{os.getpid()}"
    with contextlib.suppress(OSError):
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(value))
        temporary.replace(state / f"{name}.json")


def recall(root: Path, name: str, kind: type[T]) -> T | None:
    """What was kept under this name; None where there is nothing that can be read."""
    state = existing_state(root)
    path = state / f"{name}.json" if state else None
    if path is None or path.is_symlink():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None
