"""What ACT is given and what it gives back, whoever does it: a blueprint, a model, or another coding agent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from backwright.core.change import ChangeSet, Question

Difficulty = Literal["simple", "medium", "complex"]
Ended = Literal["finished", "limit", "quota", "unreachable", "refused"]


class Part(msgspec.Struct, frozen=True):
    """One piece of a context pack. `tokens` is what it costs the reader, estimated; `why` says what it is there for."""

    kind: str  # "task" | "protocol" | "house" | "outline" | "exemplar" | "finding" | "knowledge" | "lesson" …
    title: str  # "app/services/order.py:12-48", "error-playbook: import"
    text: str
    tokens: int
    why: str = ""


class Pack(msgspec.Struct, frozen=True):
    """What a model or an agent is shown of the repository: parts in order, cut to `budget` tokens."""

    parts: tuple[Part, ...] = ()
    budget: int = 0
    left_out: tuple[str, ...] = ()  # titles of parts that the budget had no place for

    @property
    def tokens(self) -> int:
        return sum(part.tokens for part in self.parts)


class Failure(msgspec.Struct, frozen=True):
    """Why an attempt was not proven: its class, the least evidence that shows it, and the page of the playbook on it."""

    cause: str  # "import" | "test" | "migration" | "types" | "guardrail" | "auth" …: a page of the error playbook
    step: str  # of the verify contract
    evidence: str
    playbook: str = ""  # the page's text
    fingerprint: str = ""  # equal where two attempts failed in the same way


class Limits(msgspec.Struct, frozen=True):
    """What ACT may spend before it is stopped; 0 is no limit. `dollars` counts only where prices are known."""

    seconds: float = 900.0
    requests: int = 40
    tokens: int = 0
    dollars: float = 0.0


class Assignment(msgspec.Struct, frozen=True):
    """One call of ACT. `workspace` is a private copy of the tree that it may write to; nothing else."""

    run: str
    task: str
    kind: str  # of the request: "resource", "field", …, "unknown"
    difficulty: Difficulty
    workspace: Path
    scope: tuple[str, ...] = ("**",)  # globs, relative to the workspace, of what may be changed
    pack: Pack = Pack()
    protocol: str = ""  # the execution protocol's text
    attempt: int = 1
    failures: tuple[Failure, ...] = ()  # of the attempts before, the oldest first
    differently: bool = False  # the same way has failed too often: another one is ordered
    limits: Limits = Limits()
    read_only: bool = False  # a review: nothing may be changed


class Usage(msgspec.Struct, frozen=True):
    """What ACT has spent."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    dollars: float | None = None  # None where no price is known
    seconds: float = 0.0


class Dropped(msgspec.Struct, frozen=True):
    """A change that was made or tried and is not part of what is proposed."""

    path: str
    why: str


class Proposal(msgspec.Struct, frozen=True):
    """What came out of ACT. `change` is None where nothing was changed; only verification says whether it is any good."""

    ended: Ended
    change: ChangeSet | None = None
    message: str = ""  # in the engine's own words, free of control characters
    usage: Usage = Usage()
    dropped: tuple[Dropped, ...] = ()
    questions: tuple[Question, ...] = ()
    retry_after: float = 0.0  # seconds, where a provider said so
    session: str = ""  # with which a vendor's command line goes on


Told = Callable[[str, dict[str, object]], None]
"""Told while ACT works: what happens ("request", "tool", "text", "edit", "dropped") and its details, to be journalled."""


class Engine(Protocol):
    """Does ACT. An engine never touches the user's tree, and what it says of its own success counts for nothing."""

    name: str  # "blueprint", "model", "claude", "codex" …

    def describe(self) -> str:
        """Who is talked to, and where: shown to the user before the first request."""
        ...

    def act(self, assignment: Assignment, told: Told) -> Proposal:
        """Work on the assignment. Raises `ToolMissing` where the engine is not there, `NeedsPerson` where it may not start."""
        ...
