"""`verify`: the repository's own contract, run on a private copy of the tree as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from backwright.adapters.workcopy import work_copy
from backwright.app.check import findings_since
from backwright.app.config import Config
from backwright.app.guardrails import guard
from backwright.app.project import Project, open_project
from backwright.app.proving import clock, open_prover
from backwright.app.results import Consent, Progress, VerifyResult
from backwright.core.findings import Finding
from backwright.core.verdict import Contract, Outcome, StepResult, Verdict
from backwright.engine.checking import Checked


def verify_repository(
    path: Path, config: Config, *, python: str = "", consent: Consent, progress: Progress
) -> VerifyResult:
    """What the contract says of the tree as it is; guardrails ask what is new since the last commit.

    Raises as `open_project` and `open_prover`.
    """
    seconds = clock()
    with (
        open_project(path, config) as project,
        open_prover(project, python=python, consent=consent, progress=progress) as prover,
    ):
        now = guard(project)
        fresh = _since_last_commit(project, now)
        known = [f for f in now.findings if f not in fresh]
        with work_copy(project.tree.root, project.tree.files()) as copy:
            verdict = prover.run(copy, _known(prover.contract, known), guardrails=lambda: now.findings)
        return VerifyResult(prover.contract, verdict, project.head, fresh, seconds())


def _since_last_commit(project: Project, now: Checked) -> tuple[Finding, ...]:
    git = project.tree.git
    return findings_since(project, "HEAD", now) if git is not None and git.head() else ()


def _known(contract: Contract, findings: Sequence[Finding]) -> Verdict:
    """The baseline that only the guardrails have here: what was found before the last commit."""
    problems = tuple(sorted(f"{f.span.path}: {f.rule} {f.message}" for f in findings))
    steps = [step.name for step in contract.steps if step.builtin == "guardrails"]
    outcome: Outcome = "failed" if problems else "passed"
    return Verdict(tuple(StepResult(step=name, outcome=outcome, problems=problems) for name in steps))
