"""What undoing needs is kept for the latest changes only, and never without bound."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_scene import git
from landing_scene import TREE, change_of, make_tree

from backwright.adapters import landing_journal
from backwright.adapters.landing import land, landed, undo
from backwright.adapters.state import open_state
from backwright.core.errors import MachineError, UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_tree(tmp_path / "shop", TREE)
    return tmp_path / "shop"


@pytest.fixture
def state(root: Path) -> Path:
    return open_state(root)


def test_the_journal_stays_small(root: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing_journal, "KEPT_LANDINGS", 3)
    path = root / "README.md"
    for number in range(6):
        land(root, state, change_of(root, {"README.md": f"{number}\n", f"new/{number}.py": "x\n"}, f"aaa{number}"))
    records = landed(state)
    assert [record.id for record in records] == [f"aaa{n}" for n in range(6)]
    assert [record.undoable for record in records] == [False, False, False, True, True, True]
    with pytest.raises(UsageError, match="change aaa2 was landed too long ago to be undone"):
        undo(root, state, "aaa2")
    for number in (5, 4, 3):
        undo(root, state, f"aaa{number}")
    assert path.read_text() == "2\n"
    assert sorted(file.name for file in (root / "new").iterdir()) == ["0.py", "1.py", "2.py"]


def test_large_images_are_let_go_first_but_never_the_last(
    root: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing_journal, "KEPT_BYTES", 1000)
    for number in range(3):
        land(root, state, change_of(root, {f"{number}.py": "x" * 600}, f"aaa{number}"))
        assert [record.undoable for record in landed(state)] == [*[False] * number, True]
    land(root, state, change_of(root, {"huge.py": "x" * 5000}, "bbbb"))
    undo(root, state, "bbbb")
    assert not (root / "huge.py").exists()


def test_a_journal_that_came_with_the_repository_is_not_believed(root: Path, state: Path) -> None:
    """Who fetches a repository must not have files written by what its maker says was landed."""
    land(root, state, change_of(root, {"README.md": "theirs\n"}))
    git(root, "init", "-q")
    assert undo(root, state, "7c1e").paths == ("README.md",)  # a repository around ours changes nothing
    land(root, state, change_of(root, {"README.md": "theirs\n"}, "8c1e"))
    git(root, "add", "-f", ".backwright/landing.db")
    git(root, "commit", "-q", "-m", "a gift")
    with pytest.raises(MachineError, match="came with the repository"):
        undo(root, state, "8c1e")
    with pytest.raises(MachineError, match="came with the repository"):
        land(root, state, change_of(root, {"README.md": "ours\n"}, "9c1e"))
    assert (root / "README.md").read_text() == "theirs\n"
    git(root, "rm", "-q", "--cached", ".backwright/landing.db")
    assert undo(root, state, "8c1e").paths == ("README.md",)
