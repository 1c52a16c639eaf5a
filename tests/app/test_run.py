"""The five scenes and `apply`: what is proven lands whole, what is not leaves the tree as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from app_scene import PASSES, PYTHON, THING, Watching, config_of, content, git, shop

from backwright.adapters.journal import RunJournal
from backwright.adapters.sandbox import open_sandbox
from backwright.agent.replay import replay
from backwright.app.apply import apply_plan, undo
from backwright.app.plan import plan_request
from backwright.app.project import Project
from backwright.app.results import ApplyResult, RunResult
from backwright.app.run import run_task
from backwright.app.status import last_run, status
from backwright.core.errors import NeedsPerson, NothingToDo, StalePlan, UsageError
from backwright.core.events import Run
from backwright.core.facts import Loc
from backwright.engine.checking import Checked
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex

FAILS_WITH_THING = PASSES.replace("'print(1)'", "\"import os, sys; sys.exit(os.path.exists('app/models/thing.py'))\"")
NEVER_RUNS = PASSES.replace("'python', '-c', 'print(1)'", "'absent-tool'")
MEDDLES = PASSES.replace("'print(1)'", "\"open('README.md', 'a').write('x')\"")


def run(root: Path, watching: Watching | None = None, **more: Any) -> RunResult:
    watching = watching or Watching()
    more = {"tokens": THING, "python": PYTHON, **more}
    return run_task(root, config_of(root), consent=watching.consent, progress=watching, **more)


def journalled(root: Path, run_id: str) -> Run:
    with RunJournal.read(root) as journal:
        assert journal is not None
        return replay(run_id, journal.events(run_id), alive=journal.alive(run_id))


def test_a_proven_change_lands(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before, watching = content(root), Watching()
    result = run(root, watching)
    assert result.outcome == "done"
    assert [(s.scene, s.ok) for s in result.scenes] == [
        (scene, True) for scene in ("PREPARE", "ACQUIRE", "ACT", "VERIFY", "FINALIZE")
    ]
    assert len(watching.asked) == 1
    assert watching.steps == [
        ("before: tests", "passed"), ("before: guardrails", "passed"), ("tests", "passed"), ("guardrails", "passed"),
    ]  # fmt: skip
    assert result.change is not None
    now = content(root)
    assert {path for path in now if now[path] != before.get(path)} == {edit.path for edit in result.change.edits}
    told = journalled(root, result.run.id)
    assert told == result.run
    assert told.events == tuple(watching.events)
    assert [(e.body["sandbox"], e.body["grants"]) for e in told.events if "sandbox" in e.body] == [
        (open_sandbox().describe(), [])
    ]
    assert told.status == "done"
    undone = undo(root, result.landed_id)
    assert set(undone.restored) == {edit.path for edit in result.change.edits}
    assert content(root) == before


def test_options_are_the_same_from_the_journal(tmp_path: Path) -> None:
    """As the command line gives them: they are read back from the journal, which is JSON."""
    untouched = {"auth": (), "filters": (), "sorts": (), "search": (), "unique": ()}
    root = shop(tmp_path / "shop")
    words = "add a makers API with name and motto"
    assert run(root, tokens=(), words=words, options=untouched, dry_run=True).outcome == "dry_run"
    listed = run(root, options={**untouched, "sorts": ("name",)}, dry_run=True)
    assert listed.change is not None
    assert any("sort" in (edit.after or "") for edit in listed.change.edits if edit.path.startswith("app/"))


def test_a_change_that_breaks_something_does_not_land(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", FAILS_WITH_THING)
    before = content(root)
    result = run(root)
    assert result.outcome == "failed"
    assert [s.ok for s in result.scenes] == [True, True, True, False]
    assert result.verdict is not None
    assert next((r.step, r.was, r.outcome) for r in result.verdict.results) == ("tests", "passed", "failed")
    assert content(root) == before
    assert journalled(root, result.run.id).status == "failed"


def test_what_cannot_be_proved_is_not_begun(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", NEVER_RUNS)
    before = content(root)
    result = run(root)
    assert result.outcome == "failed"
    assert [s.scene for s in result.scenes] == ["PREPARE"]
    assert "absent-tool is not installed" in result.scenes[0].detail
    assert result.verdict is not None
    assert not any(r.outcome == "failed" for r in result.verdict.results), "exit code 3, not 1"
    assert content(root) == before


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before = content(root)
    (root / "README.md").write_text("dirty is fine here")
    result = run(root, dry_run=True)
    assert result.outcome == "dry_run"
    assert content(root) == {**before, "README.md": b"dirty is fine here"}


def test_a_branch_leaves_index_head_and_tree(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before, index, head = content(root), (root / ".git/index").read_bytes(), git(root, "rev-parse", "HEAD")
    result = run(root, branch=True)
    assert result.outcome == "done"
    assert (content(root), (root / ".git/index").read_bytes(), git(root, "rev-parse", "HEAD")) == (before, index, head)
    assert result.change is not None
    names = git(root, "diff", "--name-only", f"main...{result.branch}").split()
    assert sorted(names) == sorted(edit.path for edit in result.change.edits)


def test_open_questions_block(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    result = run(root, tokens=(), words="add a gadget")
    assert result.outcome == "blocked"
    assert "--set fields=" in result.failures[0]
    assert journalled(root, result.run.id).status == "blocked"


@pytest.mark.parametrize("words", ["make a landing page in React", "frobnicate"])
def test_tasks_of_others_are_written_down_as_blocked(tmp_path: Path, words: str) -> None:
    root = shop(tmp_path / "shop")
    with pytest.raises(NeedsPerson):
        run(root, tokens=(), words=words)
    told = last_run(root)
    assert told is not None
    assert told.status == "blocked"
    assert any("hand_off" in e.body for e in told.events) == ("React" in words)


def test_a_refused_consent_ends_it(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")

    def refuse(contract: object) -> None:
        raise NeedsPerson("no")

    with pytest.raises(NeedsPerson):
        run_task(root, config_of(root), tokens=THING, python=PYTHON, consent=refuse, progress=Watching())
    told = last_run(root)
    assert told is not None
    assert told.status == "blocked"


def test_dirty_trees_are_refused_unless_allowed(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "README.md").write_text("mine")
    with pytest.raises(UsageError, match="uncommitted"):
        run(root)
    assert run(root, allow_dirty=True).outcome == "done"
    assert (root / "README.md").read_text() == "mine"


def test_a_killed_run_leaves_the_tree_and_is_seen_as_interrupted(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", PASSES.replace("'print(1)'", "'import time; time.sleep(60)'"))
    before = content(root)
    argv = [sys.executable, "-m", "backwright.surfaces.cli", "run", *THING, "--yes", "--python", PYTHON]
    process = subprocess.Popen(argv, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    told = None
    while time.monotonic() < deadline and (told is None or len(told.events) < 4):
        time.sleep(0.2)
        told = last_run(root) if (root / ".backwright/runs.db").exists() else None
    assert told is not None
    assert told.status == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert content(root) == before
    told = last_run(root)
    assert told is not None
    assert told.status == "interrupted"
    assert "interrupted" in status(root).last_run


# -- apply ---------------------------------------------------------------------------------------------------------
def planned(root: Path) -> str:
    result = plan_request(root, config_of(root), tokens=THING)
    assert result.saved
    return result.change.id


def apply(root: Path, plan_id: str) -> ApplyResult:
    watching = Watching()
    return apply_plan(root, config_of(root), plan_id, python=PYTHON, consent=watching.consent, progress=watching)


def test_applying_a_plan_lands_it_under_its_id(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    plan_id = planned(root)
    result = apply(root, plan_id)
    assert (result.outcome, result.landed_id) == ("landed", plan_id)
    with pytest.raises(StalePlan):
        apply(root, plan_id)
    undo(root, plan_id)
    assert apply(root, plan_id).outcome == "landed", "an undone plan can be applied again"


def test_what_verification_changes_is_not_landed(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", MEDDLES)
    readme = (root / "README.md").read_bytes()
    result = apply(root, planned(root))
    assert result.outcome == "landed"
    assert (root / "README.md").read_bytes() == readme
    assert any("README.md" in note for note in result.change.notes)


def test_a_save_during_verification_is_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shop(tmp_path / "shop")
    plan_id = planned(root)
    import backwright.app.apply as applying

    original = applying.land

    def saved_meanwhile(*given: Any) -> Any:
        (root / "app/api/router.py").write_text("mine\n")
        return original(*given)

    monkeypatch.setattr(applying, "land", saved_meanwhile)
    before = content(root)
    result = apply(root, plan_id)
    assert (result.outcome, result.conflicts) == ("conflict", ("app/api/router.py",))
    assert content(root) == {**before, "app/api/router.py": b"mine\n"}


def test_the_baseline_of_the_same_tree_is_taken_once(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    first, second, third = Watching(), Watching(), Watching()
    run(root, first, dry_run=True)
    run(root, second, dry_run=True)
    assert ("before: tests", "passed") in first.steps
    assert ("before: tests", "passed") not in second.steps
    (root / "README.md").write_text("another tree")
    run(root, third, dry_run=True)
    assert ("before: tests", "passed") in third.steps


def test_plans_are_the_same_for_the_same_request(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    first = plan_request(root, config_of(root), tokens=THING, save=False)
    assert not first.saved
    with pytest.raises(UsageError, match="there is no plan"):
        apply(root, first.change.id)


def test_nothing_is_planned_where_there_is_no_backend(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    with pytest.raises(NothingToDo):
        plan_request(tmp_path, config_of(tmp_path), tokens=THING)


def test_a_style_that_grows_is_no_new_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is the project's style is said once, with counts: more of the same is nothing new."""
    voice = Voice("BW101", "query-in-router", "error")
    place = Loc(1, 1, 1, 1, 0, 0)

    def guarded(project: Project, index: FactIndex | None = None) -> Checked:
        each = [voice.finding(path, place, "queries") for path in (index or project.index).files]
        return Checked((voice.style(each, f"{len(each)} of {len(each)} query", help="stop"),))

    monkeypatch.setattr("backwright.app.trying.guard", guarded)
    assert run(shop(tmp_path / "shop")).outcome == "done"


def test_a_new_finding_is_not_landed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = Voice("BW101", "query-in-router", "error")

    def guarded(_project: Project, index: FactIndex | None = None) -> Checked:
        found = voice.finding("app/main.py", Loc(1, 1, 1, 1, 0, 0), "queries")
        return Checked((found,) * (1 if index is None else 2))

    monkeypatch.setattr("backwright.app.trying.guard", guarded)
    result = run(shop(tmp_path / "shop"))
    assert result.outcome != "done"
    assert [f.message for f in result.new_findings] == ["queries"]
