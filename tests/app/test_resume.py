"""A run that was killed, stopped or interrupted goes on at its next step, and does nothing twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from app_scene import PASSES, PYTHON, THING, Watching, config_of, content, git, shop

from backwright.adapters import landing
from backwright.adapters.journal import RunJournal
from backwright.adapters.state import open_state
from backwright.app.explain import explain
from backwright.app.results import RunResult
from backwright.app.run import resume_run, run_task
from backwright.app.scenes import finalize
from backwright.app.scenes.play import Play
from backwright.app.status import last_run, status
from backwright.core.errors import StalePlan, UsageError
from backwright.core.events import Event, Run

LANDS = "land_tried"  # what of `finalize` touches the tree


def run(root: Path, **more: Any) -> RunResult:
    watching = Watching()
    more = {"tokens": THING, "python": PYTHON, **more}
    return run_task(root, config_of(root), consent=watching.consent, progress=watching, **more)


def resume(root: Path, run_id: str, **settings: str) -> RunResult:
    watching = Watching()
    config = config_of(root)
    return resume_run(root, config, run_id, settings=settings, consent=watching.consent, progress=watching)


def killed(root: Path, at: int, *, before: bool, **more: Any) -> bool:
    """A run whose process is killed right before or after its event number `at` is kept; False where it had not so many."""
    pid = os.fork()
    if pid == 0:
        write = Play.write

        def dying(self: Play, event: Event) -> None:
            if before and event.seq == at:
                os.kill(os.getpid(), signal.SIGKILL)
            write(self, event)
            if event.seq == at:
                os.kill(os.getpid(), signal.SIGKILL)

        Play.write = dying  # type: ignore[method-assign]
        try:
            run(root, **more)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def told(root: Path) -> Run:
    found = last_run(root)
    assert found is not None
    return found


def finished(run: Run) -> Counter[str]:
    return Counter(str(event.body["finished"]) for event in run.events if "finished" in event.body)


def landings(root: Path) -> list[str]:
    return [record.id for record in landing.landed(open_state(root))]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tree as an undisturbed run leaves it, less what a clock decides."""
    root = shop(tmp_path_factory.mktemp("expected") / "shop")
    run(root)
    return comparable(root)


def comparable(root: Path) -> dict[str, bytes]:
    """What does not depend on when the run was: a migration is named and dated by it."""
    return {name: text for name, text in content(root).items() if "migrations/versions" not in name}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_killed_at_every_boundary(tmp_path: Path, expected: dict[str, bytes], before: bool) -> None:
    whole = shop(tmp_path / "template")
    events = run(whole, dry_run=True).run.events
    ends = [e.seq for e in events if ("finished" in e.body if before else e.body.get("scene") == "ends")]
    for at in ends:
        root = shop(tmp_path / f"shop-{at}")
        was = content(root)
        assert killed(root, at, before=before)
        assert content(root) in (was, content(root) if landings(root) else was)
        found = told(root)
        if found.status == "done":
            continue
        assert found.status == "interrupted"
        assert status(root).next is not None
        assert f"--resume {found.id}" in explain(found.id, root).next[0].command
        result = resume(root, found.id)
        assert result.outcome == "done", (at, result)
        assert comparable(root) == expected, at
        assert landings(root) == [found.id], f"landed once, killed at {at}"
        assert set(finished(told(root)).values()) == {1}, f"no finished step is repeated, killed at {at}"


def test_a_journal_that_a_repository_brings_proves_nothing(tmp_path: Path) -> None:
    """Who forges one knows neither the tree's digest, which holds times, nor can leave it out."""
    root = shop(tmp_path / "shop")
    events = run(root, dry_run=True).run.events
    at = next(e.seq for e in events if e.body.get("finished") == "try")
    assert killed(root, at, before=False)
    found = told(root).id
    with closing(sqlite3.connect(root / ".backwright/runs.db")) as journal, journal:
        journal.execute("UPDATE events SET body = json_remove(body, '$.tree') WHERE run = ?", (found,))
    assert resume(root, found).outcome == "done"
    assert finished(told(root))["try"] == 2, "it is verified again"


def test_a_branch_is_committed_once(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    events = run(root, dry_run=True).run.events
    at = next(e.seq for e in events if e.body.get("finished") == "land")
    assert killed(root, at, before=True, branch=True)
    branch = f"backwright/{told(root).id}"
    commit = git(root, "rev-parse", branch)
    result = resume(root, told(root).id)
    assert (result.outcome, result.branch) == ("done", branch)
    assert git(root, "rev-parse", branch) == commit


def test_what_is_done_or_unknown_or_at_work_is_not_resumed(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    done = run(root).run.id
    with pytest.raises(UsageError, match="is done"):
        resume(root, done)
    with pytest.raises(UsageError, match="there is no run ffff"):
        resume(root, "ffff")
    assert killed(root, 8, before=False, tokens=("resource", "Other", "name:str"), allow_dirty=True)
    found = told(root).id
    with RunJournal.open(root) as journal, journal.hold(found):
        pid = os.fork()
        if pid == 0:
            try:
                resume(root, found)
            except UsageError as refused:
                os._exit(7 if "at work" in refused.message else 8)
            os._exit(9)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert resume(root, found).outcome == "done"


def test_questions_are_answered_when_it_is_resumed(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    asked = run(root, tokens=(), words="add a gadget")
    assert (asked.outcome, asked.reason) == ("blocked", "questions")
    result = resume(root, asked.run.id, fields="name:str(50)")
    assert result.outcome == "done"
    assert result.run.id == asked.run.id


def test_another_tree_is_read_again(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    at = next(e.seq for e in run(root, dry_run=True).run.events if e.body.get("finished") == "survey")
    assert killed(root, at, before=False)
    (root / "app/main.py").write_text((root / "app/main.py").read_text() + "\n# mine\n")
    with pytest.raises(UsageError, match="uncommitted"):
        resume(root, told(root).id)
    assert told(root).status == "failed"
    git(root, "commit", "-qam", "mine")
    result = resume(root, told(root).id)
    assert result.outcome == "done"
    assert (root / "app/main.py").read_text().endswith("# mine\n")
    assert finished(result.run)["decide"] == 2, "what was decided on another tree is decided again"


def test_a_conflict_blocks_and_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shop(tmp_path / "shop")
    original = getattr(finalize, LANDS)

    def saved_meanwhile(*given: Any, **more: Any) -> Any:
        path = root / "app/api/router.py"
        path.write_text(path.read_text() + "\n# mine\n")
        return original(*given, **more)

    monkeypatch.setattr(finalize, LANDS, saved_meanwhile)
    result = run(root)
    assert (result.outcome, result.run.status, result.reason) == ("conflict", "blocked", "conflict")
    assert "app/api/router.py" in result.failures[0]
    monkeypatch.undo()
    git(root, "commit", "-qam", "mine")
    again = resume(root, result.run.id)
    assert again.outcome == "done"
    assert "# mine" in (root / "app/api/router.py").read_text()
    with pytest.raises(StalePlan):
        landing.land(root, open_state(root), again.change)  # type: ignore[arg-type]


SLOW = PASSES.replace("'print(1)'", "'import time; time.sleep(30)'")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_interrupted_run_says_so_and_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    root = shop(tmp_path / "shop", SLOW)
    before = content(root)
    argv = [sys.executable, "-m", "backwright.surfaces.cli", "run", *THING, "--yes", "--python", PYTHON]
    process = subprocess.Popen(argv, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.2)
        found = last_run(root) if (root / ".backwright/runs.db").exists() else None
        if found is not None and finished(found)["decide"]:
            break
    time.sleep(0.5)
    process.send_signal(number)
    error = process.communicate(timeout=30)[1]
    assert process.returncode == 130, error
    assert content(root) == before
    assert told(root).status == "cancelled"
    (root / "backwright.toml").write_text(PASSES)
    git(root, "commit", "-qam", "a contract that ends")
    assert resume(root, told(root).id).outcome == "done"
