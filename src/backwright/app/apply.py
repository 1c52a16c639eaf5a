"""`apply`: exactly the planned change, proved in a private copy and landed in one step; and its undoing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from backwright.adapters import landing
from backwright.adapters.plans import load_plan
from backwright.adapters.state import open_state
from backwright.app.config import Config
from backwright.app.plan import refuse_outdated
from backwright.app.project import Project, open_backend, open_project
from backwright.app.proving import clock, open_prover
from backwright.app.recovering import recovered_root
from backwright.app.results import ApplyResult, Consent, Head, Progress, UndoResult
from backwright.app.trying import Tried, refuse_stale, stale_paths, try_change
from backwright.core.change import ChangeSet
from backwright.core.errors import StalePlan


def apply_plan(
    path: Path, config: Config, plan_id: str, *, python: str = "", consent: Consent, progress: Progress
) -> ApplyResult:
    """Make the saved plan, verify it, land it; the tree stays as it was unless everything holds.

    Raises `UsageError` for an unknown id, `StalePlan` when the tree is not what was planned for, and as `open_project`
    and `open_prover`.
    """
    seconds = clock()
    root = recovered_root(path)
    plan = load_plan(root, plan_id)
    fixes = plan.request is not None and plan.request.fix is not None
    with (open_backend if fixes else open_project)(root / plan.project, config) as project:
        refuse_stale(project, plan.change)
        refuse_outdated(project, plan)
        open_state(root)  # a tree that cannot be written to is refused before minutes are spent
        with open_prover(project, python=python, consent=consent, progress=progress) as prover:
            tried = try_change(prover, plan.change, prover.baseline())
        if not tried.proven:
            return _result(project, tried, "not_landed", seconds())
        try:
            landed = land(project, tried)
        except StalePlan as conflict:
            conflicts = tuple(name for name, _ in stale_paths(project, tried.change)) or (conflict.where,)
            result = _result(project, tried, "conflict", seconds())
            return msgspec.structs.replace(result, conflicts=conflicts)
        result = _result(project, tried, "landed", seconds())
        return msgspec.structs.replace(result, change=landed, landed_id=landed.id)


def undo(path: Path, change_id: str) -> UndoResult:
    """Take a landed change back. Raises `UsageError` for an unknown id, `StalePlan` when later edits are in the way."""
    seconds = clock()
    root = recovered_root(path)
    state = open_state(root)
    titles = {record.id: record.title for record in landing.landed(state)}
    undone = landing.undo(root, state, change_id)
    head = Head(root.name)
    return UndoResult(change_id, titles.get(change_id, ""), head, undone.paths, seconds())


def land(project: Project, tried: Tried, *, task: str = "") -> ChangeSet:
    """Put the proven change into the tree; returns it with what there is to say about it. `task` as in `landing.land`.

    Raises `StalePlan` when somebody changed the files meanwhile; the tree is as it was then.
    """
    root = project.tree.root
    moved = project.changed_since_read()
    landed = landing.land(root, open_state(root), tried.change, task=task)
    notes = (*tried.change.notes, *landed.notes)
    if moved:
        what = f"{moved[0]} and {len(moved) - 1} more files were" if len(moved) > 1 else f"{moved[0]} was"
        notes += (f"{what} changed meanwhile: the proof is of the tree before; prove it again with backwright verify",)
    return msgspec.structs.replace(tried.change, notes=notes)


def _result(
    project: Project, tried: Tried, outcome: Literal["landed", "not_landed", "conflict"], seconds: float
) -> ApplyResult:
    return ApplyResult(
        change=tried.change,
        verdict=tried.verdict,
        head=project.head,
        outcome=outcome,
        new_findings=tried.new_findings,
        seconds=seconds,
    )
