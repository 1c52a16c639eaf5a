"""Engines do ACT: whatever they propose is verified, sifted and limited, and the tree is theirs never."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from app_scene import PASSES, PYTHON, Watching, config_of, content, git, shop

from backwright.adapters.engines.workplace import Workplace
from backwright.app import engines
from backwright.app.config import load
from backwright.app.context import show_context
from backwright.app.lessons import lessons_of
from backwright.app.results import RunResult
from backwright.app.run import resume_run, run_task
from backwright.app.status import last_run
from backwright.core.acting import Assignment, Dropped, Proposal, Told, Usage
from backwright.core.change import ChangeSet, Edit, Question
from backwright.core.errors import NeedsPerson, ToolMissing, UsageError
from backwright.core.events import Run

TASK = "frobnicate the gadgets"
GOOD = "app/services/gadget.py"
NEEDS_GADGET = PASSES.replace(
    "'print(1)'",
    f"\"import os, sys; sys.exit(os.path.exists('bad.txt') or not os.path.exists('{GOOD}') and os.path.exists('asked'))\"",
)
Script = Callable[[Assignment], Proposal]


class Robot:
    """An engine that plays a script, an entry an attempt; the last one again and again."""

    def __init__(self, script: Sequence[Script]) -> None:
        self.name = "robot"
        self.script = list(script)
        self.assignments: list[Assignment] = []

    def __call__(self, place: Workplace) -> Robot:
        assert place.ground.copy.root != place.ground.original
        return self

    def describe(self) -> str:
        return "nobody but this test"

    def act(self, assignment: Assignment, told: Told) -> Proposal:
        self.assignments.append(assignment)
        told("request", {"tokens": 12})
        return self.script[min(len(self.assignments), len(self.script)) - 1](assignment)


def writes(*edits: Edit, **more: Any) -> Script:
    change = ChangeSet("", "whatever", edits, "robot:1", {})
    return lambda assignment: Proposal("finished", change, **more)


def new(path: str, text: str = "X = 1\n") -> Edit:
    return Edit(path, None, text)


def ends(how: Any, **more: Any) -> Script:
    return lambda assignment: Proposal(how, **more)


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Robot]:
    def install(*script: Script, name: str = "robot") -> Robot:
        made = Robot(script)
        monkeypatch.setattr(engines, "known_engines", lambda: {name: made})
        return made

    return install


def run(root: Path, **more: Any) -> RunResult:
    watching = Watching()
    more = {"words": TASK, "engine": "robot", "python": PYTHON, **more}
    config = load(root, arguments=more.pop("settings_of_user", ()))
    return run_task(root, config, consent=watching.consent, progress=watching, **more)


def resume(root: Path, run_id: str, **settings: str) -> RunResult:
    watching = Watching()
    config = config_of(root)
    return resume_run(root, config, run_id, settings=settings, consent=watching.consent, progress=watching)


def told(root: Path) -> Run:
    found = last_run(root)
    assert found is not None
    return found


def test_a_correct_change_lands(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    made = robot(writes(new(GOOD), message="done", usage=Usage(2, 100, 20)))
    root = shop(tmp_path / "shop")
    result = run(root)
    assert result.outcome == "done"
    assert (root / GOOD).read_text() == "X = 1\n"
    assert result.change is not None
    assert (result.change.author, result.change.request) == ("robot:1", TASK)
    assert made.assignments[0].task == TASK
    told_to = next(e for e in told(root).events if "talks_to" in e.body)
    assert (told_to.scope, told_to.body["talks_to"]) == ("NETWORK", "nobody but this test")
    assert any(e.body.get("engine_event") == "request" for e in told(root).events)


def test_a_wrong_change_is_repaired_with_what_was_wrong(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    repaired = ChangeSet("", "", (new(GOOD),), "robot:1", {})

    def repair(assignment: Assignment) -> Proposal:
        assert (assignment.workspace / "bad.txt").read_text() == "X = 1\n", "it starts from what was proposed before"
        return Proposal("finished", repaired)

    made = robot(writes(new("bad.txt")), repair)
    root = shop(tmp_path / "shop", NEEDS_GADGET)
    result = run(root)
    assert result.outcome == "done"
    assert not (root / "bad.txt").exists()
    assert [a.attempt for a in made.assignments] == [1, 2]
    assert [f.step for f in made.assignments[1].failures] == ["tests"]
    assert [(s.scene, s.ok) for s in result.scenes[2:6]] == [
        ("ACT", True),
        ("VERIFY", False),
        ("ACT", True),
        ("VERIFY", True),
    ]
    assert {part.kind for part in made.assignments[0].pack.parts} >= {"task", "house"}
    assert made.assignments[0].protocol.startswith("# Execution protocol")
    (lesson,) = lessons_of(root)
    assert (lesson.failed, lesson.passed, lesson.fingerprint) == (1, 2, made.assignments[1].failures[0].fingerprint)
    again = show_context(root, config_of(root), words="the gadgets again")
    assert [part.kind for part in again.pack.parts].count("lesson") == 1


def test_the_same_mistake_three_times_blocks_with_state_kept(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    made = robot(writes(new("bad.txt")))
    root = shop(tmp_path / "shop", NEEDS_GADGET)
    before = content(root)
    result = run(root)
    assert (result.outcome, result.reason) == ("blocked", "stuck")
    assert [(a.attempt, a.differently) for a in made.assignments] == [(1, False), (2, False), (3, True)]
    assert content(root) == before
    made.script.append(writes(new(GOOD)))
    again = resume(root, result.run.id)
    assert again.outcome == "done"
    assert made.assignments[-1].attempt == 4
    assert len(made.assignments[-1].failures) == 3


@pytest.mark.parametrize(
    ("how", "reason"), [("quota", "quota"), ("unreachable", "unreachable"), ("refused", "refused"), ("limit", "limit")]
)
def test_a_stop_is_resumable(tmp_path: Path, robot: Callable[..., Robot], how: str, reason: str) -> None:
    made = robot(ends(how, message="429", retry_after=30.0), writes(new(GOOD)))
    root = shop(tmp_path / "shop")
    before = content(root)
    result = run(root)
    assert (result.outcome, result.reason, result.run.status) == ("blocked", reason, "blocked")
    assert content(root) == before
    assert resume(root, result.run.id).outcome == "done"
    assert [a.attempt for a in made.assignments] == [1, 1], "a stop is no attempt"


def test_what_is_written_outside_is_dropped_and_told(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    outside = [new(path) for path in ("../out.py", ".git/hooks/post-commit", ".claude/settings.json", "/etc/x")]
    robot(writes(*outside, new(GOOD), dropped=(Dropped("node_modules/x", "not in scope"),)))
    root = shop(tmp_path / "shop")
    result = run(root)
    assert result.outcome == "done"
    assert result.change is not None
    assert [edit.path for edit in result.change.edits] == [GOOD]
    dropped = {e.body["dropped"] for e in told(root).events if "dropped" in e.body and "why" in e.body}
    assert dropped == {*(edit.path for edit in outside), "node_modules/x"}
    assert any(".claude/settings.json" in note for note in result.change.notes)
    assert not (tmp_path / "out.py").exists()


@pytest.mark.parametrize("branch", [False, True])
def test_a_protected_file_is_changed_where_the_task_names_it(
    tmp_path: Path, robot: Callable[..., Robot], branch: bool
) -> None:
    robot(writes(new(".mcp.json", "{}\n"), new("sub/.mcp.json", "{}\n"), new(GOOD)))
    root = shop(tmp_path / "shop")
    result = run(root, words=f"{TASK}, and add `.mcp.json`.", branch=branch)
    assert result.outcome == "done"
    assert result.change is not None
    assert [edit.path for edit in result.change.edits] == [".mcp.json", GOOD]
    assert git(root, "show", f"{result.branch}:.mcp.json").strip() == "{}" if branch else (root / ".mcp.json").is_file()


@pytest.mark.parametrize("branch", [False, True])
def test_our_settings_in_a_manifest_are_not_changed_in_passing(
    tmp_path: Path, robot: Callable[..., Robot], branch: bool
) -> None:
    settings = new("sub/pyproject.toml", "[tool.backwright.verify]\ncommands = []\n")
    robot(writes(settings, new(GOOD)))
    root = shop(tmp_path / "shop")
    result = run(root, words=f"{TASK} as sub/pyproject.toml says", branch=branch)
    assert result.outcome == "done"
    assert result.change is not None
    assert [edit.path for edit in result.change.edits] == [GOOD]
    assert any("sub/pyproject.toml" in note and "[tool.backwright]" in note for note in result.change.notes)


def test_nothing_and_only_forbidden_things_are_no_change(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    robot(writes(), writes(new(".git/config")), writes())
    root = shop(tmp_path / "shop")
    before = content(root)
    result = run(root)
    assert result.outcome == "blocked"
    assert content(root) == before


def test_its_questions_are_answered_when_it_is_resumed(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    made = robot(ends("finished", questions=(Question("color", "Which color?", "high"),)), writes(new(GOOD)))
    root = shop(tmp_path / "shop")
    result = run(root)
    assert (result.outcome, result.reason) == ("blocked", "questions")
    assert "--set color=" in result.failures[0]
    assert resume(root, result.run.id, color="red").outcome == "done"
    assert "color = red" in made.assignments[-1].task


def test_a_model_takes_what_no_blueprint_does(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    robot(writes(new(GOOD)), name="model")
    root = shop(tmp_path / "shop")
    assert run(root, engine="", settings_of_user=("agent.model=acme:coder",)).outcome == "done"
    root = shop(tmp_path / "other")
    with pytest.raises(NeedsPerson, match="No recipe fits"):
        run(root, engine="")


def test_who_is_missing_or_unknown_is_said(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    def missing(assignment: Assignment) -> Proposal:
        raise ToolMissing("robots are not installed")

    robot(missing, writes(new(GOOD)))
    root = shop(tmp_path / "shop")
    with pytest.raises(ToolMissing):
        run(root)
    assert told(root).status == "failed"
    assert resume(root, told(root).id).outcome == "done", "once it is installed"
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")
    with pytest.raises(UsageError, match="no engine is called"):
        run(root, engine="robbot")


def test_files_that_it_did_not_see_are_not_overwritten(tmp_path: Path, robot: Callable[..., Robot]) -> None:
    made = robot(writes(Edit("README.md", "not what is there\n", "mine\n")))
    root = shop(tmp_path / "shop")
    before = content(root)
    with pytest.raises(NeedsPerson):
        run(root)
    assert content(root) == before
    assert len(made.assignments) == 1


def test_an_engine_that_cannot_be_opened_is_refused_before_anything_is_proved(
    tmp_path: Path, robot: Callable[..., Robot]
) -> None:
    made = robot(writes(new(GOOD)), name="model")
    root = shop(tmp_path / "shop")
    with pytest.raises(UsageError, match="no model is set"):
        run(root, engine="model")
    (root / "backwright.toml").write_text(f'backwright.agent.model = "x:y"\n{PASSES}')
    with pytest.raises(NeedsPerson, match="only you can choose"):
        run(root, engine="model", allow_dirty=True)
    assert not [event for event in told(root).events if event.scope == "PROCESS"]
    assert not made.assignments
