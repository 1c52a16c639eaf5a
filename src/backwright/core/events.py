"""The journal of a run. A run is the replay of its events."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Scene = Literal["PREPARE", "ACQUIRE", "ACT", "VERIFY", "FINALIZE"]
Primitive = Literal["READ", "SELECT", "VALIDATE", "WRITE", "CALL_TOOL", "NOTIFY"]
Scope = Literal["CODEBASE", "LOCAL_FS", "PROCESS", "CREDENTIALS", "NETWORK"]


class Event(msgspec.Struct, frozen=True):
    """One step of a run. `at` is ISO 8601 in UTC."""

    run: str
    seq: int
    at: str
    scene: Scene
    primitive: Primitive
    scope: Scope
    body: dict[str, Any]


class Run(msgspec.Struct, frozen=True):
    """A run as its events tell it. Status: running | done | failed | blocked | cancelled."""

    id: str
    task: str
    status: str
    events: tuple[Event, ...] = ()
