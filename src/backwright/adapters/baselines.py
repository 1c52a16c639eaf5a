"""Verdicts on trees before a change, kept so that the same tree is not verified twice for the same question."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

import msgspec

from backwright.adapters.git import came_along
from backwright.adapters.state import existing_state, open_state_if_possible
from backwright.adapters.workcopy import WorkCopy
from backwright.core.verdict import Contract, Verdict

_FOLDER = "baselines"
_KEPT = 8


def baseline_key(copy: WorkCopy, contract: Contract, tools: str, project: str) -> str:
    """What a baseline depends on: the content of every file, the commands, and the state of the `tools` that they run."""
    files = sorted((path, known.sha256) for path, known in copy.files.items())
    facts = (project, files, sorted(copy.links.items()), contract.digest, tools)
    return hashlib.sha256(json.dumps(facts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def known_baseline(root: Path, key: str) -> Verdict | None:
    """The verdict that was kept under this key; None where there is none that can be read, or it came with the repository."""
    state = existing_state(root)
    path = state / _FOLDER / f"{key}.json" if state else None
    if path is None or path.is_symlink() or path.parent.is_symlink():
        return None
    try:
        if path.is_file() and came_along(root, path.relative_to(root).as_posix()):
            return None  # who says how things were before decides what counts as broken by a change
        return msgspec.json.decode(path.read_bytes(), type=Verdict)
    except (OSError, msgspec.MsgspecError):
        return None


def keep_baseline(root: Path, key: str, verdict: Verdict) -> None:
    """Keep a verdict in which every step ran; the oldest go. Where nothing can be written it is not kept."""
    if any(result.outcome == "unavailable" for result in verdict.results):
        return  # what is missing today may be there tomorrow
    state = open_state_if_possible(root)
    if state is None or (state / _FOLDER).is_symlink():
        return
    folder = state / _FOLDER
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        temporary = folder / f".{key}.{os.getpid()}"
        temporary.write_bytes(msgspec.json.encode(verdict))
        temporary.replace(folder / f"{key}.json")
        for old in sorted(folder.glob("*.json"), key=lambda p: -p.stat().st_mtime_ns)[_KEPT:]:
            old.unlink()
