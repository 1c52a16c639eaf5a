"""The journal of a run. A run is the replay of its events."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Scene = Literal["PREPARE", "ACQUIRE", "ACT", "VERIFY", "FINALIZE"]
Primitive = Literal["READ", "SELECT", "VALIDATE", "WRITE", "CALL_TOOL", "NOTIFY"]
Scope = Literal["CODEBASE", "LOCAL_FS", "PROCESS", "CREDENTIALS", "NETWORK"]


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an event can be checked against. The journal keeps the value behind `sha256`; paths are relative to the repository."""

    sha256: str = ""
    paths: tuple[str, ...] = ()
    exit_code: int | None = None
    command: str = ""


class Event(msgspec.Struct, frozen=True):
    """One step of a run. `at` is ISO 8601 in UTC."""

    run: str
    seq: int
    at: str
    scene: Scene
    primitive: Primitive
    scope: Scope
    body: dict[str, Any]
    evidence: Evidence = Evidence()


class Asked(msgspec.Struct, frozen=True):
    """What a run was asked for, and how it is to end: all that a later process needs to go on with it.

    Exactly one of `tokens`, `file`, `words` and `review` says what. `python` is the environment of the repository's
    commands, `""` where it is to be found.
    """

    tokens: tuple[str, ...] = ()
    file: str = ""
    words: str = ""
    review: str = ""  # "REF..REF": judge what somebody else changed
    options: dict[str, Any] = {}
    settings: dict[str, str] = {}
    dry_run: bool = False
    branch: bool = False
    allow_dirty: bool = False
    python: str = ""
    engine: str = ""  # "" is the blueprints, and a model where none of them takes the request
    tdd: bool = False
    project: str = ""  # the folder it was asked for in, relative to the repository

    @property
    def task(self) -> str:
        """In one line."""
        return self.words or " ".join(self.tokens) or self.file or f"review {self.review}"


class Run(msgspec.Struct, frozen=True):
    """A run as its events tell it. Status: running | interrupted | done | partial | failed | blocked | cancelled."""

    id: str
    task: str
    status: str
    events: tuple[Event, ...] = ()

    @property
    def landed(self) -> tuple[str, ...]:
        """The ids of what it has put into the tree, in the order in which it is taken back: the last part first."""
        lands = (event.body for event in reversed(self.events) if event.body.get("finished") == "land")
        return tuple(str(body["landed"]) for body in lands if body.get("landed"))
