"""What goes in and out of a verb: its result types, and what it may ask of the surface that called it."""

from __future__ import annotations

from shlex import join
from typing import Protocol

from backwright.core.errors import NotAllowed
from backwright.core.events import Event
from backwright.core.verdict import Contract
from backwright.report.results import (
    AgentsResult,
    ApplyResult,
    BlueprintInfo,
    BlueprintList,
    CheckedItem,
    CheckResult,
    ExplainResult,
    FixResult,
    Head,
    InitResult,
    MapResult,
    Next,
    PlanResult,
    Problem,
    RulePage,
    RunResult,
    SceneResult,
    StackResult,
    StackSetResult,
    StatusResult,
    UndoResult,
    VerifyResult,
)

__all__ = [
    "AgentsResult",
    "ApplyResult",
    "BlueprintInfo",
    "BlueprintList",
    "CheckResult",
    "CheckedItem",
    "Consent",
    "ExplainResult",
    "FixResult",
    "Head",
    "InitResult",
    "MapResult",
    "Next",
    "PlanResult",
    "Problem",
    "Progress",
    "Refusing",
    "RulePage",
    "RunResult",
    "SceneResult",
    "Silent",
    "StackResult",
    "StackSetResult",
    "StatusResult",
    "UndoResult",
    "VerifyResult",
]


class Consent(Protocol):
    """Asks whether the commands of a contract may run. Called before the first of them starts."""

    def __call__(self, contract: Contract) -> None:
        """Return when they may run. Raises `NotAllowed` when they may not."""
        ...


class Progress(Protocol):
    """Hears how far a verb is. Every `started` is followed by the `finished` of the same name."""

    def started(self, name: str, detail: str = "") -> None: ...

    def finished(self, name: str, outcome: str, seconds: float, detail: str = "") -> None:
        """`outcome` is that of a step (`core.verdict.Outcome`); `seconds` its wall time."""
        ...

    def event(self, event: Event) -> None:
        """An entry of the journal, as it is written."""
        ...


class Refusing:
    """A consent of nobody: no command of a repository runs that a person has not allowed."""

    def __call__(self, contract: Contract) -> None:
        """Raises `NotAllowed`."""
        commands = tuple(f"{step.name}   {join(step.argv) or step.builtin}" for step in contract.steps)
        raise NotAllowed("nobody was asked whether these commands may run", where=contract.source, hints=commands)


class Silent:
    """A progress that nobody watches."""

    def started(self, name: str, detail: str = "") -> None:
        return None

    def finished(self, name: str, outcome: str, seconds: float, detail: str = "") -> None:
        return None

    def event(self, event: Event) -> None:
        return None
