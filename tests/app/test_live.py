"""A repository in memory says what a check of it says."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from app_scene import git, shop

import backwright
from backwright.adapters import residence
from backwright.app import live as living
from backwright.app.check import check_repository
from backwright.app.config import load
from backwright.app.live import LiveRepository
from backwright.app.questions import answer
from backwright.core.errors import NothingToDo

_SERVICE = "app/services/category.py"
_WAITING = "\n\nasync def wait() -> None:\n    import time\n\n    time.sleep(1)\n"


def _rules(live: LiveRepository, path: str) -> list[str]:
    return [finding.rule for finding in live.findings(path)]


def test_it_says_what_a_check_says(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", name="tracker_flat")
    whole = check_repository(root, load(root)).findings
    with LiveRepository(root) as live:
        for path in sorted(p.relative_to(root).as_posix() for p in root.rglob("*.py")):
            assert live.findings(path) == tuple(f for f in whole if f.span.path == path)


def test_what_is_held_counts_until_it_is_let_go(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    with LiveRepository(root) as live:
        assert _rules(live, _SERVICE) == []
        live.hold(_SERVICE, (root / _SERVICE).read_text() + _WAITING)
        assert _rules(live, _SERVICE) == ["BW601"]
        live.hold(_SERVICE, None)
        assert _rules(live, _SERVICE) == []


def test_what_is_saved_counts_at_once(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    text = (root / _SERVICE).read_text()
    with LiveRepository(root) as live:
        assert live.new_findings(_SERVICE) == ()
        (root / _SERVICE).write_text(text + _WAITING)
        assert [f.rule for f in live.new_findings(_SERVICE)] == ["BW601"]
        git(root, "commit", "-qam", "it waits")
        assert live.new_findings(_SERVICE) == ()
        assert _rules(live, _SERVICE) == ["BW601"]
        (root / _SERVICE).write_text(text)
        assert _rules(live, _SERVICE) == []


def test_new_files_and_removed_ones_are_seen(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    helper, router = "app/services/waiting.py", "app/api/routes/categories.py"
    with LiveRepository(root) as live:
        assert _rules(live, router) == []
        (root / helper).write_text("import time\n\n\ndef wait() -> None:\n    time.sleep(1)\n")
        assert _rules(live, helper) == []
        more = "\n\n@router.get('/slow')\nasync def slow() -> None:\n    wait()\n"
        live.hold(router, "from app.services.waiting import wait\n" + (root / router).read_text() + more)
        assert "BW601" in _rules(live, router)
        (root / helper).unlink()
        live.refresh()
        assert "BW601" not in _rules(live, router)
        with pytest.raises(NothingToDo):
            live.findings(helper)


def test_in_a_large_repository_it_looks_at_what_is_near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "_SMALL", 12)
    monkeypatch.setattr(living, "_AHEAD", 9)
    monkeypatch.setattr(living, "_BEHIND", 3)
    root = shop(tmp_path / "shop")
    with LiveRepository(root) as live:
        live.hold(_SERVICE, (root / _SERVICE).read_text() + _WAITING)
        assert _rules(live, _SERVICE) == ["BW601"]
        assert all(len(project.index.files) <= 12 for project, _ in live.states(_SERVICE))


def test_another_configuration_counts_at_once(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", config="")
    (root / _SERVICE).write_text((root / _SERVICE).read_text() + _WAITING)
    with LiveRepository(root) as live:
        assert _rules(live, _SERVICE) == ["BW601"]
        (root / "backwright.toml").write_text("[backwright.rules]\nignore = ['BW601']\n")
        assert _rules(live, _SERVICE) == []


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"ask": "nothing"},
        {"ask": "findings"},
        {"ask": "findings", "path": 3},
        {"ask": "edited", "event": 1, "folder": ""},
        {"ask": "edited", "event": "no hex", "folder": ""},
        {"ask": "edited", "event": b"no json".hex(), "folder": ""},
        {"ask": "edited", "event": b'{"cwd": "/"}'.hex(), "folder": b"/".hex()},
        {"ask": "fix", "path": _SERVICE},
        {"ask": "rule", "rule": "BW9999"},
        {"ask": "rule"},
    ],
)
def test_a_wrong_question_is_a_problem_in_words(tmp_path: Path, question: dict[str, object]) -> None:
    with LiveRepository(shop(tmp_path / "shop")) as live:
        assert answer(live, question)["problem"]


@pytest.mark.parametrize("path", ["../outside.py", "/etc/passwd", "app", "README.md", "gone.py", ""])
def test_what_is_no_source_has_no_findings(tmp_path: Path, path: str) -> None:
    with LiveRepository(shop(tmp_path / "shop")) as live:
        assert answer(live, {"ask": "findings", "path": path}) == {}


def test_a_hook_calls_one_in_and_is_answered_by_it(tmp_path: Path) -> None:
    """As agents do: the first call looks for itself, the next ones ask who stays."""
    root = shop(tmp_path / "shop")
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "BACKWRIGHT_RESIDENT")}
    env |= {"XDG_RUNTIME_DIR": str(tmp_path)}
    (root / _SERVICE).write_text((root / _SERVICE).read_text() + _WAITING)
    event = json.dumps({"cwd": str(root), "tool_input": {"file_path": str(root / _SERVICE)}})
    argv = [sys.executable, "-m", "backwright.surfaces.cli", "hook", "edited"]

    def hook() -> tuple[int, str]:
        done = subprocess.run(argv, input=event, env=env, cwd=root, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    first = hook()
    assert first[0] == 2
    assert "BW601" in first[1]
    listening = _socket(tmp_path)
    assert hook() == first
    (root / _SERVICE).write_text((root / _SERVICE).read_text().replace(_WAITING, ""))
    assert hook() == (0, "")
    away = subprocess.run(argv, input=event, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (away.returncode, away.stderr) == (0, "")
    shutil.rmtree(root)
    deadline = time.monotonic() + 20
    while listening.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not listening.exists()


def _socket(folder: Path) -> Path:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for found in folder.glob("bw-residents-*/*.sock"):
            return found
        time.sleep(0.05)
    raise AssertionError("no resident came")


def test_without_a_commit_nothing_is_new(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    shutil.rmtree(root / ".git")
    git(root, "init", "-q")
    (root / _SERVICE).write_text((root / _SERVICE).read_text() + _WAITING)
    event = json.dumps({"tool_input": {"file_path": str(root / _SERVICE)}})
    question = {"ask": "edited", "event": event.encode().hex(), "folder": str(root).encode().hex()}
    with LiveRepository(root) as live:
        assert _rules(live, _SERVICE) == ["BW601"]
        assert answer(live, question) == {"text": "", "stop": False}


def test_what_is_named_from_where_it_stands_is_near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "_SMALL", 2)
    root = shop(tmp_path / "events", config="", name="events_express")
    path = "src/controllers/venue.controller.ts"
    with LiveRepository(root) as live:
        (project,) = [project for project, _ in live.states(path)]
        assert {path, "src/services/venue.service.ts"} <= set(project.index.files)


def test_a_hook_that_is_answered_imports_next_to_nothing(tmp_path: Path) -> None:
    """What it imports is most of the time that it takes."""
    root = shop(tmp_path / "shop")
    where = residence.place(str(root), make=True)
    assert where is not None
    program = "import sys; from backwright.surfaces.cli.__main__ import main\ntry: main()\nfinally: print(*sys.modules)"
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(where)
        listening.listen()
        argv = [sys.executable, "-S", "-c", program, "hook", "edited"]
        own = {**env, "PYTHONPATH": str(Path(backwright.__file__).parents[1])}
        asking = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=own, cwd=root, text=True)
        assert asking.stdin is not None
        asking.stdin.write('{"tool_input": {}}')
        asking.stdin.close()
        wire, _ = listening.accept()
        with wire:
            asked = json.loads(wire.recv(65536))
            wire.sendall(b'{"text": "", "stop": false}\n')
        assert asking.stdout is not None
        loaded = set(asking.stdout.read().split())
        assert asking.wait() == 0
    assert bytes.fromhex(asked["event"]) == b'{"tool_input": {}}'
    assert bytes.fromhex(asked["folder"]).decode() == str(root)
    assert loaded.isdisjoint({"json", "re", "socket", "click", "pathlib", "contextlib", "hashlib", "typing"})
