"""What an agent is told after an edit, and before it stops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from app_scene import git, shop

from backwright.app import live
from backwright.app.hooks import Said, after_edit, before_stop, read_payload
from backwright.app.results import Refusing, Silent
from backwright.core.errors import UsageError

_INJECTED = """
from sqlalchemy import text
from sqlalchemy.orm import Session


def broken(session: Session, name: str) -> None:
    session.execute(text(f"SELECT * FROM items WHERE name = '{name}'"))
"""


def _source(root: Path) -> Path:
    return next(p for p in sorted(root.rglob("*.py")) if "test" not in str(p.relative_to(root)) and p.stat().st_size)


def _edited(path: Path, name: str = "file_path") -> dict[str, object]:
    return {"hook_event_name": "PostToolUse", "cwd": str(path.parent), "tool_input": {name: str(path)}}


@pytest.mark.parametrize("name", ["file_path", "filePath", "absolute_path"])
def test_new_errors_are_told(tmp_path: Path, name: str) -> None:
    root = shop(tmp_path / "shop")
    source = _source(root)
    assert after_edit(_edited(source, name), root) == Said()
    source.write_text(source.read_text() + _INJECTED)
    said = after_edit(_edited(source, name), root)
    assert said.stop
    assert "BW301 interpolated-sql" in said.text
    assert f"{source.relative_to(root).as_posix()}:" in said.text


def test_in_a_large_repository_what_is_near_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_SMALL", 16)
    monkeypatch.setattr(live, "_AHEAD", 12)
    monkeypatch.setattr(live, "_BEHIND", 4)
    root = shop(tmp_path / "shop")
    router = root / "app/api/routes/categories.py"
    helper = root / "app/services/category.py"
    helper.write_text(helper.read_text() + "\n\ndef wait() -> None:\n    import time\n\n    time.sleep(3)\n")
    git(root, "commit", "-qam", "a helper")
    lines = "\n\n@router.get('/slow')\nasync def slow() -> None:\n    wait()\n"
    router.write_text("from app.services.category import wait\n" + router.read_text() + lines)
    said = after_edit(_edited(router), root)
    assert "BW601 blocking-call-in-async" in said.text


def test_patches_name_their_files(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    source = _source(root)
    source.write_text(source.read_text() + _INJECTED)
    patch = f"*** Begin Patch\n*** Update File: {source.relative_to(root)}\n+x\n*** End Patch\n"
    moved = f"*** Update File: gone.py\n*** Move to: {source.relative_to(root)}\n"
    for given in (patch, moved, {"command": patch}, {"input": patch}):
        said = after_edit({"cwd": str(root), "tool_input": given}, root)
        assert "BW301" in said.text


def test_old_errors_are_not_told(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    source = _source(root)
    source.write_text(source.read_text() + _INJECTED)
    git(root, "commit", "-qam", "old")
    source.write_text(source.read_text() + "\n\nMORE = 1\n")
    assert after_edit(_edited(source), root) == Said()


def test_nothing_to_say(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "notes.md").write_text("x")
    (root / "loop.py").symlink_to("loop.py")
    for payload in (
        {},
        {"tool_input": 3},
        {"tool_input": {"file_path": "/etc/passwd"}},
        {"tool_input": {"file_path": "../../etc/passwd"}},
        {"tool_input": {"file_path": "a\0b"}},
        {"tool_input": {"file_path": "loop.py"}},
        {"tool_input": {"file_path": "x" * 5000}},
        {"tool_input": {"file_path": str(root / "notes.md")}},
        {"cwd": 7, "tool_input": {"file_path": "gone.py"}},
    ):
        assert after_edit(payload, root) == Said()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert after_edit(_edited(elsewhere / "x.py"), elsewhere) == Said()


def test_before_it_stops(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")

    def said(**payload: object) -> Said:
        return before_stop({"cwd": str(root), **payload}, root, consent=Refusing(), progress=Silent())

    assert said() == Said()  # nothing was changed
    source = _source(root)
    before = source.read_text()
    source.write_text(before + _INJECTED)
    assert "BW301" in said().text
    assert said(stop_hook_active=True) == Said()  # it was told once
    source.write_text(before + "\n\nMORE = 1\n")
    unverified = said()
    assert unverified.stop
    assert unverified.text.startswith("Nothing was verified: ")


def test_errors_of_a_path_are_errors(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    source = _source(root)
    config = '[backwright.rules.severity]\nBW301 = "warning"\n[backwright.rules.paths."**"]\nBW3 = "error"\n'
    (root / "backwright.toml").write_text(config)
    source.write_text(source.read_text() + _INJECTED)
    assert "BW301" in after_edit(_edited(source), root).text


def test_a_wrong_configuration_is_no_silence(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "backwright.toml").write_text("[backwright\n")
    with pytest.raises(UsageError):
        after_edit(_edited(_source(root)), root)


@pytest.mark.parametrize("text", ["", "x", "[1]", "{"])
def test_events_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="event was expected"):
        read_payload(text)
    assert read_payload(json.dumps({"a": 1})) == {"a": 1}
