"""`run --review`: somebody else's change, told and verified as our own, with nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_scene import PASSES, PYTHON, THING, config_of, content, git, shop

from backwright.app.results import RunResult, Silent
from backwright.app.review import review_change
from backwright.app.run import resume_run, run_task
from backwright.core.errors import NothingToDo, UsageError
from backwright.core.verdict import Contract
from backwright.report.run_report import markdown_of_run

NO_THINGS = PASSES.replace("'print(1)'", "\"import os, sys; sys.exit(os.path.exists('app/models/thing.py'))\"")


def allowed(contract: Contract) -> None:
    """A contract of ours."""


def review(root: Path, refs: str) -> RunResult:
    return review_change(root, config_of(root), refs, python=PYTHON, consent=allowed, progress=Silent())


def changed(root: Path) -> str:
    """A branch with a change on it, by its name."""
    done = run_task(root, config_of(root), tokens=THING, python=PYTHON, branch=True, consent=allowed, progress=Silent())
    assert done.outcome == "done"
    return done.branch


def test_what_behaves_otherwise_is_told_and_nothing_written(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    branch = changed(root)
    (root / "README.md").write_text("uncommitted work is no matter\n")
    before = content(root)
    result = review(root, f"main..{branch}")
    assert (result.outcome, result.review) == ("done", f"main..{branch}")
    assert content(root) == before
    names = {one.name for one in result.behaviour if one.how == "added"}
    assert "things" in names
    assert any(name.startswith("POST ") for name in names)
    assert any(one.kind == "migration" for one in result.behaviour)
    assert [s.scene for s in result.scenes] == ["PREPARE", "PREPARE", "ACQUIRE", "ACT", "VERIFY"]
    assert "Changed behaviour" in markdown_of_run(result)
    with pytest.raises(UsageError, match="is a review"):
        resume_run(root, config_of(root), result.run.id, settings={}, consent=allowed, progress=Silent())


def test_what_breaks_does_not_hold(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", NO_THINGS)
    git(root, "checkout", "-qb", "others")
    (root / "app/models/thing.py").write_text("X = 1\n")
    (root / "logo.png").write_bytes(b"\x89PNG\x00\xff")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "a thing")
    result = review(root, "main..others")
    assert (result.outcome, result.reason) == ("failed", "unproven")
    assert result.verdict is not None
    assert next((r.was, r.outcome) for r in result.verdict.results) == ("passed", "failed")
    assert result.change is not None
    assert any("logo.png" in note for note in result.change.notes)


def test_what_is_no_change_is_said(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    with pytest.raises(NothingToDo):
        review(root, "main..main")
    with pytest.raises(UsageError, match="is not a commit"):
        review(root, "main..nowhere")
    with pytest.raises(UsageError, match=r"is not REF\.\.REF"):
        review(root, "main")
