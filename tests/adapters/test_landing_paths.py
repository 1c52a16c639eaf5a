"""Which files a change may touch only where the task names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backwright.adapters.landing import land
from backwright.adapters.landing_paths import PROTECTED, check_edit, check_path
from backwright.adapters.state import open_state
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import UsageError


def one(path: str, before: str | None, after: str, **base: str) -> ChangeSet:
    return ChangeSet("c1", "", (Edit(path, before, after),), "test", {path: "", **base})


@pytest.mark.parametrize(
    "name", [".vscode", ".claude", ".codex", ".cursor", ".gemini", ".mcp.json", "stack.yaml", "backwright.toml"]
)
def test_what_decides_what_others_run_is_protected_whether_or_not_it_is_there(name: str) -> None:
    assert name in PROTECTED
    for path in (name, f"sub/{name}", name.upper(), f"{name}/x"):
        with pytest.raises(UsageError, match="not changed in passing"):
            check_path(path)
        check_path(path, allow_protected=True)


@pytest.mark.parametrize(
    "after",
    [
        "[tool.backwright.verify]\ncommands = { tests = ['true'] }\n",
        'tool."back\\u0077right".verify.steps = []\n',
        "tool.backwright = 1\n",
        "[tool.backwright\n",
    ],
)
def test_our_settings_in_a_manifest_change_only_when_named(tmp_path: Path, after: str) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    state = open_state(root)
    with pytest.raises(UsageError, match=r"would alter \[tool.backwright\]"):
        land(root, state, one("pyproject.toml", None, after))
    assert not (root / "pyproject.toml").exists()
    land(root, state, one("pyproject.toml", None, after), allow_protected=True)
    land(root, state, one("sub/pyproject.toml", None, after), task="let [tool.backwright] be this")


@pytest.mark.parametrize("task", ["add `backwright.toml`", 'add "backwright.toml".', "add (backwright.toml), please"])
def test_a_task_names_a_file_as_a_word(task: str) -> None:
    check_edit(Edit("backwright.toml", None, ""), task=task)
    for path in ("sub/backwright.toml", "stack.yaml", "toml/.mcp.json"):
        with pytest.raises(UsageError, match="not changed in passing"):
            check_edit(Edit(path, None, ""), task=task)
    with pytest.raises(UsageError, match="never writes there"):
        check_edit(Edit(".git/config", None, ""), task="add .git/config")
