"""Backwright: plans, makes and proves a backend change in an existing repository, in its own style.

The verbs as functions, for programs. Each returns the value that the command line shows (see `backwright.app.results`)
and raises `backwright.core.errors.BackwrightError` for failures that can be expected. Those that run commands of the
repository ask `consent` first; without one they raise `NeedsPerson`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # the command line imports this first of all, and `typing` and `pathlib` are slow to import
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from backwright.app.results import (
        ApplyResult,
        CheckResult,
        Consent,
        MapResult,
        PlanResult,
        Progress,
        RunResult,
        VerifyResult,
    )

__all__ = ["apply", "check", "map", "plan", "run", "verify"]


def map(path: str | Path = ".") -> MapResult:
    """The stack, the architecture and the house style of the backend at `path`."""
    from pathlib import Path

    from backwright.app.config import load
    from backwright.app.map import map_repository

    return map_repository(Path(path), load(Path(path)))


def check(path: str | Path = ".", *, since: str | None = None) -> CheckResult:
    """The findings of the guardrails; with `since` only those that are new since that commit."""
    from pathlib import Path

    from backwright.app.check import check_repository
    from backwright.app.config import load

    return check_repository(Path(path), load(Path(path)), since=since)


def plan(path: str | Path = ".", *, save: bool = True, **request: Any) -> PlanResult:
    """A change worked out. `request` is one of `tokens`, `file` and `words`, with `options` and `settings`."""
    from pathlib import Path

    from backwright.app.config import load
    from backwright.app.plan import plan_request

    return plan_request(Path(path), load(Path(path)), save=save, **request)


def apply(
    plan_id: str,
    path: str | Path = ".",
    *,
    python: str = "",
    consent: Consent | None = None,
    progress: Progress | None = None,
) -> ApplyResult:
    """The saved plan made, verified and landed."""
    from pathlib import Path

    from backwright.app.apply import apply_plan
    from backwright.app.config import load
    from backwright.app.results import Refusing, Silent

    where = Path(path)
    allowed = consent or Refusing()
    return apply_plan(where, load(where), plan_id, python=python, consent=allowed, progress=progress or Silent())


def verify(
    path: str | Path = ".", *, python: str = "", consent: Consent | None = None, progress: Progress | None = None
) -> VerifyResult:
    """What the repository's own contract says of the tree as it is."""
    from pathlib import Path

    from backwright.app.config import load
    from backwright.app.results import Refusing, Silent
    from backwright.app.verify import verify_repository

    where = Path(path)
    allowed = consent or Refusing()
    return verify_repository(where, load(where), python=python, consent=allowed, progress=progress or Silent())


def run(
    path: str | Path = ".", *, consent: Consent | None = None, progress: Progress | None = None, **task: Any
) -> RunResult:
    """A task planned, proved and landed; `task` are the arguments of `backwright.app.run.run_task`."""
    from pathlib import Path

    from backwright.app.config import load
    from backwright.app.results import Refusing, Silent
    from backwright.app.run import run_task

    where = Path(path)
    return run_task(where, load(where), consent=consent or Refusing(), progress=progress or Silent(), **task)
