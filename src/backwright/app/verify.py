"""`verify`: the repository's own contract, run on a private copy of the tree as it is."""

from __future__ import annotations

from pathlib import Path

from backwright.adapters.workcopy import work_copy
from backwright.app.config import Config
from backwright.app.guardrails import findings_since
from backwright.app.project import Project, open_backend
from backwright.app.proving import clock, open_prover
from backwright.app.results import Consent, Progress, VerifyResult
from backwright.core.findings import Finding


def verify_repository(
    path: Path, config: Config, *, python: str = "", consent: Consent, progress: Progress
) -> VerifyResult:
    """What the contract says of the tree as it is; guardrails ask what is new since the last commit.

    Raises as `open_backend` and `open_prover`.
    """
    seconds = clock()
    with (
        open_backend(path, config) as project,
        open_prover(project, python=python, consent=consent, progress=progress) as prover,
    ):
        fresh = _since_last_commit(project)
        with work_copy(project.tree.root, project.tree.files()) as copy:
            verdict = prover.run(copy, guardrails=lambda: fresh)
        return VerifyResult(prover.contract, verdict, project.head, fresh, seconds())


def _since_last_commit(project: Project) -> tuple[Finding, ...]:
    git = project.tree.git
    return findings_since(project, "HEAD") if git is not None and git.head() else ()
