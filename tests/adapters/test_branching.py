"""A change on a branch: the branch is there, and nothing else of the repository is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_scene import git, repository, snapshot

from backwright.adapters.branching import commit_on_branch
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import StalePlan, UsageError

FILES: dict[str, str | bytes] = {"app/a.py": "a = 1\n", "app/run.sh": "#!/bin/sh\n", "old.py": "gone\n"}


def change(*edits: Edit) -> ChangeSet:
    return ChangeSet("ab12", "add a thing", edits, "test", {}, request="resource Thing name:str")


ALL = change(
    Edit("app/a.py", "a = 1\n", "a = 2\n"),
    Edit("app/run.sh", "#!/bin/sh\n", "#!/bin/sh\necho\n"),
    Edit("app/new/ü b.py", None, "b = 'ü'\r\n"),
    Edit("old.py", "gone\n", None),
)


def test_the_commit_holds_exactly_the_change(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    (root / "app/run.sh").chmod(0o755)
    git(root, "commit", "-qam", "second")
    (root / "untracked.txt").write_text("mine")
    (root / "staged.txt").write_text("mine")
    git(root, "add", "staged.txt")
    before = {p: s for p, s in snapshot(root).items() if "/.git/objects/" not in p}
    commit = commit_on_branch(root, "backwright/ab12", ALL)

    after = {p: s for p, s in snapshot(root).items() if "/.git/objects/" not in p}
    touched = {p for p in after if p not in before or (after[p] != before[p] and after[p][0] != 0o040000)}
    names = {p.removeprefix(f"{root}/.git/") for p in touched}
    assert names == {
        "refs/heads/backwright", "refs/heads/backwright/ab12",
        "logs/refs/heads/backwright", "logs/refs/heads/backwright/ab12",
    }  # fmt: skip
    assert git(root, "rev-parse", "backwright/ab12") == commit
    assert git(root, "rev-parse", "backwright/ab12^") == git(root, "rev-parse", "HEAD")
    listed = git(
        root, "-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(objectmode) %(path)", commit
    ).splitlines()
    assert listed == ["100644 app/a.py", "100644 app/new/ü b.py", "100755 app/run.sh"]
    assert git(root, "show", f"{commit}:app/a.py") == "a = 2"
    assert git(root, "log", "-1", "--format=%B", commit).startswith("Add a thing\n\nAsked for: resource Thing")
    git(root, "fsck", "--strict")


def test_hooks_and_configured_programs_do_not_run(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    ran = tmp_path / "ran"
    for name in ("reference-transaction", "post-commit", "pre-commit", "post-index-change"):
        hook = root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
        hook.chmod(0o755)
    for key in ("core.fsmonitor", "filter.x.clean", "gpg.program"):
        git(root, "config", key, f"touch {ran}; cat")
    git(root, "config", "commit.gpgSign", "true")
    (root / ".git/info/attributes").write_text("* filter=x\n")
    commit_on_branch(root, "backwright/ab12", ALL)
    assert not ran.exists()


def test_uncommitted_changes_of_the_same_file_are_refused(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    with pytest.raises(StalePlan) as caught:
        commit_on_branch(root, "backwright/ab12", change(Edit("app/a.py", "a = 1  # mine\n", "a = 2  # mine\n")))
    assert caught.value.where == "app/a.py"
    with pytest.raises(StalePlan):
        commit_on_branch(root, "backwright/ab12", change(Edit("app/a.py", None, "a = 2\n")))
    assert git(root, "branch", "--list", "backwright/*") == ""


def test_an_existing_branch_is_not_moved(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    first = commit_on_branch(root, "backwright/ab12", ALL)
    with pytest.raises(UsageError, match="exists already"):
        commit_on_branch(root, "backwright/ab12", ALL)
    assert git(root, "rev-parse", "backwright/ab12") == first


def test_without_a_commit_there_is_no_branch(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a git repository"):
        commit_on_branch(tmp_path, "backwright/ab12", ALL)
    git(tmp_path, "init", "-q")
    with pytest.raises(UsageError, match="needs a commit"):
        commit_on_branch(tmp_path, "backwright/ab12", ALL)


def test_from_a_linked_work_tree(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    git(root, "worktree", "add", "-q", "../linked")
    commit = commit_on_branch(tmp_path / "linked", "backwright/ab12", ALL)
    assert git(root, "rev-parse", "backwright/ab12") == commit
