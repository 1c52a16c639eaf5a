"""Saved plans: what was saved comes back, and nothing else passes for a plan."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_scene import git

from backwright.adapters import plans
from backwright.adapters.plans import SavedPlan, load_plan, new_id, save_plan, saved_ids
from backwright.core.change import Assumption, ChangeSet, Edit
from backwright.core.errors import MachineError, UsageError


def plan(change_id: str) -> SavedPlan:
    edits = (Edit("a.py", None, "x = 1\n", "it is new"), Edit("b.py", "y\r\n", "ü\r\n"))
    assumed = (Assumption("paginate", "20..100", "nothing was said", ("no",)),)
    return SavedPlan(
        "backend", ChangeSet(change_id, "add a thing", edits, "blueprint:resource", {"b.py": "00"}, assumed)
    )


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    for name in ("ab12", "cd34"):
        save_plan(tmp_path, plan(name))
    assert load_plan(tmp_path, "ab12") == plan("ab12")
    assert set(saved_ids(tmp_path)) == {"ab12", "cd34"}
    assert {path.name for path in (tmp_path / ".backwright/plans").iterdir()} == {"ab12.json", "cd34.json"}


@pytest.mark.parametrize("name", ["ffff", "../ab12", "ab12.json", "", "AB12", "/etc/passwd"])
def test_an_unknown_id_lists_those_there_are(tmp_path: Path, name: str) -> None:
    save_plan(tmp_path, plan("ab12"))
    with pytest.raises(UsageError, match="there is no plan") as caught:
        load_plan(tmp_path, name)
    assert caught.value.hints == ("backwright apply ab12",)


def test_looking_creates_nothing(tmp_path: Path) -> None:
    assert saved_ids(tmp_path) == ()
    with pytest.raises(UsageError):
        load_plan(tmp_path, "ab12")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{}", b'{"project": 1}', b"\x00\xff"])
def test_a_damaged_plan_is_said_to_be(tmp_path: Path, content: bytes) -> None:
    save_plan(tmp_path, plan("ab12"))
    (tmp_path / ".backwright/plans/ab12.json").write_bytes(content)
    with pytest.raises(MachineError, match="damaged"):
        load_plan(tmp_path, "ab12")


def test_a_link_is_no_plan(tmp_path: Path) -> None:
    save_plan(tmp_path, plan("ab12"))
    (tmp_path / ".backwright/plans/cd34.json").symlink_to("ab12.json")
    assert saved_ids(tmp_path) == ("ab12",)
    with pytest.raises(UsageError):
        load_plan(tmp_path, "cd34")


def test_ids_are_short_and_unique() -> None:
    digest = "ab12cd34" * 4
    assert new_id(set(), digest) == "ab12"
    assert new_id({"ab12", "ab12c"}, digest) == "ab12cd"
    assert len(new_id(set())) == 4


def test_old_plans_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "_KEPT", 3)
    for number in range(5):
        save_plan(tmp_path, SavedPlan("", ChangeSet(f"aaa{number}", "t", (), "a", {})))
        os.utime(tmp_path / f".backwright/plans/aaa{number}.json", (number, number))
    assert saved_ids(tmp_path) == ("aaa4", "aaa3", "aaa2")


def test_a_plan_that_came_with_the_repository_is_not_applied(tmp_path: Path) -> None:
    save_plan(tmp_path, plan("ab12"))
    git(tmp_path, "init", "-q")
    assert load_plan(tmp_path, "ab12") == plan("ab12")
    git(tmp_path, "add", "-f", ".backwright/plans/ab12.json")
    with pytest.raises(MachineError, match="came with the repository"):
        load_plan(tmp_path, "ab12")
