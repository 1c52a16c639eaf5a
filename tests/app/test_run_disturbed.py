"""Runs beside each other, beside a user who saves, and killed at random moments: no half change, and no work of others lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from app_scene import PASSES, PYTHON, THING, config_of, content, shop

from backwright.adapters import landing
from backwright.adapters.journal import RunJournal
from backwright.adapters.state import open_state
from backwright.agent.replay import replay
from backwright.app.apply import undo
from backwright.app.results import RunResult, Silent
from backwright.app.run import run_task
from backwright.app.status import last_run
from backwright.core.errors import NeedsPerson
from backwright.core.verdict import Contract

KILLS = os.environ.get("BACKWRIGHT_KILLS", "6")  # more at night: 200
BENCH = Path(__file__).parents[2] / "bench/kills_run.py"
ROUTER = "app/api/router.py"


def allowed(contract: Contract) -> None:
    """A contract of ours."""


def run(root: Path, name: str = "Thing") -> RunResult:
    tokens = ("resource", name, *THING[2:])
    config = config_of(root)
    return run_task(root, config, tokens=tokens, allow_dirty=True, python=PYTHON, consent=allowed, progress=Silent())


@pytest.mark.parametrize("count", [2, 8])
def test_runs_beside_each_other(tmp_path: Path, count: int) -> None:
    root = shop(tmp_path / "shop", PASSES)
    before = content(root)
    names = [f"Thing{'abcdefgh'[number]}" for number in range(count)]
    children = [_forked(root, name) for name in names]
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    assert set(codes) <= {0, 4}, codes
    assert codes.count(0) >= 1
    landed = [record.id for record in landing.landed(open_state(root))]
    assert len(landed) == codes.count(0)
    there = content(root)
    for name, code in zip(names, codes, strict=True):
        assert (f"app/models/{name.lower()}.py" in there) == (code == 0), f"{name} is there whole or not at all"
    for change in reversed(landed):
        undo(root, change)
    assert content(root) == before
    with RunJournal.read(root) as journal:
        assert journal is not None
        statuses = sorted(replay(one, journal.events(one)).status for one in journal.runs())
    assert statuses == sorted({0: "done", 4: "blocked"}[code] for code in codes)


def _forked(root: Path, name: str) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            result = run(root, name)
            os._exit({"done": 0, "conflict": 4, "blocked": 4}.get(result.outcome, 1))
        except NeedsPerson:
            os._exit(4)
        finally:
            os._exit(9)
    return pid


def test_a_user_who_saves_loses_nothing(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", PASSES)
    before = content(root)
    file = root / ROUTER
    text = file.read_text()
    saver = os.fork()
    if saver == 0:
        for number in range(10_000):
            (tmp_path / "saved").write_text(f"{text}# save {number}\n")
            (tmp_path / "saved").replace(file)
            time.sleep(0.05)
        os._exit(0)
    try:
        try:
            assert run(root).outcome == "conflict"
        except NeedsPerson:
            assert last_run(root) is not None
    finally:
        os.kill(saver, signal.SIGKILL)
        os.waitpid(saver, 0)
    now = content(root)
    assert now.keys() == before.keys()
    assert {name for name in now if now[name] != before[name]} == {ROUTER}
    assert b"# save" in now[ROUTER]


def test_random_kills() -> None:
    argv = [sys.executable, str(BENCH), "--kills", KILLS, "--seed", str(os.getpid())]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
