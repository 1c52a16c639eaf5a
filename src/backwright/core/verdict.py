"""What verification saw. A required step that could not run is never a pass."""

from __future__ import annotations

from typing import Literal

import msgspec

Outcome = Literal["passed", "failed", "skipped", "unavailable"]


class Step(msgspec.Struct, frozen=True):
    """One step of the verify contract: an argv (never a shell), or a built-in (`builtin` names it)."""

    name: str  # format lint types tests migrations guardrails …
    argv: tuple[str, ...] = ()
    builtin: str = ""
    required: bool = True
    timeout: float = 600.0  # seconds
    cwd: str = ""  # relative to the project
    env: dict[str, str] = msgspec.field(default_factory=dict)
    source: str = ""  # where it comes from: "stack/stack.yaml:12", "pyproject.toml [tool.ruff]"
    pass_signal: str = ""  # text that its output must hold, besides exit code 0
    skip_if_missing: str = ""  # a program without which the contract allows the step to be skipped


class Contract(msgspec.Struct, frozen=True):
    """The steps that prove a change in this project, in order."""

    steps: tuple[Step, ...]
    source: str
    digest: str = ""  # of the canonical command list; what consent is keyed on
    grants: tuple[str, ...] = ()  # what the commands may do beyond their private copy: "network=host"


class Fault(msgspec.Struct, frozen=True):
    """One thing that a failing step showed. `place` is the innermost `path:line` of the project in its stack, `""` without one."""

    name: str  # the test, or the file that is complained of
    message: tuple[str, ...]  # its lines: the assertion, the error
    place: str = ""
    problem: str = ""  # what `StepResult.problems` calls it, where that is known


class StepResult(msgspec.Struct, frozen=True):
    """What one step did. `was` is its outcome in the baseline, `""` where none was taken."""

    step: str
    outcome: Outcome
    was: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    detail: str = ""  # "142 passed, 9 of them new"; why unavailable
    tail: str = ""  # the end of its output, when it failed
    command: str = ""
    required: bool = True
    problems: tuple[str, ...] | None = (
        None  # what it complains of, free of line numbers; None where that cannot be told
    )
    new: tuple[str, ...] | None = (
        None  # of the problems, those that the baseline did not have; None without a comparison
    )
    proved: tuple[str, ...] = ()  # the names of the tests that passed
    faults: tuple[Fault, ...] = ()  # what it showed, when it failed


class Red(msgspec.Struct, frozen=True):
    """A new test without the change that it is for: it has to fail for want of that, not for a reason of its own."""

    test: str
    reason: Literal[
        "assertion", "answer", "missing", "other"
    ]  # an answer 404 or 405; a name that only the change brings
    evidence: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """All results. `ok` only when every required step passed."""

    results: tuple[StepResult, ...]
    seconds: float = 0.0
    sandbox: str = ""  # what held the commands, and what they were granted: "bubblewrap, network loopback"

    @property
    def ok(self) -> bool:
        required = [r for r in self.results if r.required]
        return bool(required) and all(r.outcome == "passed" for r in required)
