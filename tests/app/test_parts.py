"""Several requests in one: each on top of the one before, verified and landed by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from app_scene import PASSES, PYTHON, config_of, content, git, shop

from backwright.adapters import landing
from backwright.adapters.state import open_state
from backwright.agent.recording import Playing
from backwright.agent.scenes import Step
from backwright.app.apply import undo
from backwright.app.explain import explain
from backwright.app.results import RunResult, Silent
from backwright.app.run import _STEPS as STEPS
from backwright.app.run import resume_run, run_task
from backwright.app.scenes import prepare
from backwright.app.scenes.play import Play
from backwright.core.errors import Unsupported
from backwright.core.verdict import Contract
from backwright.report.advice import next_steps

TWO = "add a makers API with name and motto, then rename the motto of makers to slogan"
NO_RATING = PASSES.replace(
    "'print(1)'",
    "\"import pathlib, sys; sys.exit(any('slogan' in p.read_text() for p in pathlib.Path('app').rglob('maker*.py')))\"",
)


def allowed(contract: Contract) -> None:
    """Each part proves with the commands that were allowed for the first."""


def run(root: Path, **more: Any) -> RunResult:
    more = {"words": TWO, "python": PYTHON, **more}
    return run_task(root, config_of(root), consent=allowed, progress=Silent(), **more)


def landings(root: Path) -> list[str]:
    return [record.title for record in landing.landed(open_state(root))]


def test_each_part_lands_on_the_one_before(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before = content(root)
    result = run(root)
    assert result.outcome == "done", result
    assert len(landings(root)) == 2
    assert "slogan" in (root / "app/models/maker.py").read_text()
    assert result.change is not None
    made = {edit.path: edit for edit in result.change.edits}
    assert made.keys() == content(root).keys() - before.keys() | {p for p in before if content(root)[p] != before[p]}
    assert made["app/models/maker.py"].before is None, "it tells of all parts, not of the last one"
    told = explain(result.run.id, root).next
    assert told == next_steps(result)
    for step in told:
        undo(root, step.command.rpartition(" ")[2])
    assert content(root) == before


def test_each_part_is_a_commit_of_the_branch(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before = content(root)
    result = run(root, branch=True)
    assert result.outcome == "done", result
    assert content(root) == before
    assert len(git(root, "log", "--format=%s", f"main..{result.branch}").splitlines()) == 2
    assert "slogan" in git(root, "show", f"{result.branch}:app/models/maker.py")
    assert "slogan" not in git(root, "show", f"{result.branch}~1:app/models/maker.py")


def test_nothing_is_written_by_a_dry_run(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before = content(root)
    result = run(root, dry_run=True)
    assert result.outcome == "dry_run"
    assert content(root) == before
    assert [step.command for step in next_steps(result)] == [f"backwright explain {result.run.id}"]


def test_a_part_that_is_refused_does_not_hide_what_landed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = prepare.decide

    def refusing(play: Play, scene: Playing, step: Step) -> None:
        if play.number == 2:
            raise Unsupported("no way to spell this", where="app/models/maker.py")
        decide(play, scene, step)

    monkeypatch.setitem(STEPS, "decide", refusing)
    root = shop(tmp_path / "shop")
    result = run(root)
    assert (result.outcome, result.run.status) == ("partial", "partial")
    assert result.missing == ("rename the motto of makers to slogan",)
    assert "no way to spell this" in result.failures[0]
    assert len(landings(root)) == 1
    monkeypatch.undo()
    git(root, "add", "-A")
    git(root, "commit", "-qm", "the first part")
    again = resume_run(root, config_of(root), result.run.id, settings={}, consent=allowed, progress=Silent())
    assert again.outcome == "done"


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", NO_RATING)
    result = run(root)
    assert (result.outcome, result.run.status) == ("partial", "partial")
    assert result.missing == ("rename the motto of makers to slogan",)
    assert len(landings(root)) == 1
    (root / "backwright.toml").write_text(PASSES)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "the first part, and a contract that lets the second pass")
    again = resume_run(root, config_of(root), result.run.id, settings={}, consent=allowed, progress=Silent())
    assert again.outcome == "done"
    assert len(landings(root)) == 2


def test_the_report_is_about_all_parts(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    result = run(root)
    told = {(one.kind, one.name): one for one in result.behaviour}
    assert ("table", "makers") in told, "the first part made it"
    assert told["table", "makers"].how == "added"
    assert any("slogan" in name for kind, name in told if kind == "column"), "the second part renamed it"
    assert result.checklist
    assert len({item.key for item in result.checklist}) == len(result.checklist)
