"""Repositories that want programs run, files fetched or files elsewhere read: nothing of it happens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_scene import git, repository, snapshot, write

from backwright.adapters.git import ReadOnlyGit, find_root
from backwright.core.errors import MachineError, ToolMissing, UsageError


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"app/a.py": "a = 1\n", "app/b.py": "b = 1\n", "README.md": "hello\n"})


def opened(root: Path) -> ReadOnlyGit:
    found = ReadOnlyGit.open(root)
    assert found is not None
    return found


def _hostile(repo: Path, witness: Path) -> None:
    """Have every setting that names a program name one that leaves a trace."""
    evil = witness.parent / "evil.sh"
    evil.write_text(f'#!/bin/sh\necho "$0 $@" >> {witness}\ncat 2>/dev/null\nexit 0\n')
    evil.chmod(0o755)
    included = witness.parent / "included"
    included.write_text(f"[core]\n\tfsmonitor = {evil}\n")
    settings = {
        "core.fsmonitor": evil,
        "core.hooksPath": repo / "hooks",
        "core.pager": evil,
        "core.editor": evil,
        "core.sshCommand": evil,
        "core.askPass": evil,
        "core.alternateRefsCommand": evil,
        "core.gitProxy": evil,
        "core.attributesFile": witness.parent / "attributes",
        "credential.helper": f"!{evil}",
        "diff.external": evil,
        "diff.evil.command": evil,
        "diff.evil.textconv": evil,
        "filter.evil.clean": evil,
        "filter.evil.smudge": evil,
        "filter.evil.required": "true",
        "filter.evil2.process": evil,
        "merge.evil.driver": evil,
        "gpg.program": evil,
        "uploadpack.packObjectsHook": evil,
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::{evil}",
        "remote.origin.promisor": "true",
        "include.path": included,
        "includeIf.gitdir:/**.path": included,
        "alias.ls-files": f"!{evil}",
        "alias.status": f"!{evil}",
    }
    hooks = [Path(git(repo, "rev-parse", "--absolute-git-dir")) / "hooks", repo / "hooks"]
    for key, value in settings.items():
        git(repo, "config", key, str(value))
    write(repo, {".gitattributes": "*.py filter=evil diff=evil merge=evil\n*.md filter=evil2 diff=evil\n"})
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc", "post-checkout"):
        for folder in hooks:
            folder.mkdir(exist_ok=True)
            (folder / hook).symlink_to(evil)


def test_nothing_that_a_repository_configures_is_run_and_nothing_in_it_is_written(repo: Path, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    first = git(repo, "rev-parse", "HEAD")
    write(repo, {"app/b.py": "b = 2\n"})
    git(repo, "commit", "-qam", "second")
    _hostile(repo, witness)
    write(repo, {"app/a.py": "a = 3\n", "README.md": "other\n"})
    before = snapshot(repo)

    found = opened(repo)
    assert "app/a.py" in found.files()
    assert found.is_dirty()
    assert found.head() != first
    assert {"app/a.py", "app/b.py", "README.md"} <= set(found.changed_since(first))
    assert found.file_at(first, "app/b.py") == "b = 1\n"
    with pytest.raises(UsageError):
        found.file_at("0" * 40, "app/b.py")
    found.ignores("x")
    found.close()

    assert not witness.exists()
    assert snapshot(repo) == before
    git(repo, "status", check=False)
    git(repo, "diff", check=False)
    assert witness.exists(), "the trap must work for a git that is run without care"


def test_nothing_that_a_submodule_configures_is_run(repo: Path, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    outer = repository(tmp_path / "outer", {"x.py": ""})
    git(outer, "submodule", "--quiet", "add", str(repo), "sub")
    git(outer, "commit", "-qm", "with submodule")
    _hostile(outer / "sub", witness)
    witness.unlink(missing_ok=True)
    write(outer, {"sub/app/a.py": "a = 3\n"})

    found = opened(outer)
    assert not [path for path in found.files() if path.startswith("sub/")]
    assert not found.is_dirty()
    assert found.changed_since("HEAD~1").keys() == {".gitmodules"}

    assert not witness.exists()
    git(outer, "status", check=False)
    assert witness.exists(), "the trap must work for a git that is run without care"


def test_a_missing_object_is_not_fetched(repo: Path, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    blob = git(repo, "rev-parse", "HEAD:app/a.py")
    (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()
    _hostile(repo, witness)
    write(repo, {"app/a.py": "a = 3\n"})
    with pytest.raises(MachineError, match="unable to read"):
        opened(repo).changed_since("HEAD")
    assert opened(repo).file_at("HEAD", "app/a.py") is None
    assert not witness.exists()


def test_special_files_in_the_git_directory_neither_hang_nor_lead_away(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    for name in ("config", "packed-refs", "ORIG_HEAD", "shallow", "index"):
        (repo / ".git" / name).unlink(missing_ok=True)
        os.mkfifo(repo / ".git" / name)
    (repo / ".git/info/exclude").unlink(missing_ok=True)
    (repo / ".git/info/exclude").symlink_to(tmp_path / "secret")
    write(repo, {"secret": ""})
    found = opened(repo)
    assert {"app/a.py", "secret"} <= set(found.files())
    assert len(found.head()) == 40
    (repo / ".git/HEAD").unlink()
    os.mkfifo(repo / ".git/HEAD")
    assert ReadOnlyGit.open(repo) is None


@pytest.mark.parametrize(
    "content", ["gitdir: .git\n", "gitdir: /nonexistent\n", "gitdir:\n", "nonsense", "", "gitdir: a\0b"]
)
def test_a_git_file_that_leads_nowhere_is_no_repository(tmp_path: Path, content: str) -> None:
    write(tmp_path, {".git": content, "a.py": ""})
    assert ReadOnlyGit.open(tmp_path) is None
    assert find_root(tmp_path) != tmp_path


def test_a_git_file_that_leads_elsewhere_gives_data_and_runs_nothing(repo: Path, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    _hostile(repo, witness)
    other = tmp_path / "other"
    write(other, {".git": f"gitdir: {repo}/.git\n", "mine.py": ""})
    assert "mine.py" in opened(other).files()
    assert opened(other).is_dirty()
    assert not witness.exists()


def test_a_program_called_git_in_the_current_folder_is_not_run(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = tmp_path / "witness"
    (repo / "git").write_text(f"#!/bin/sh\ntouch {witness}\n")
    (repo / "git").chmod(0o755)
    monkeypatch.chdir(repo)
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(ToolMissing):
        ReadOnlyGit.open(repo)
    assert not witness.exists()


def test_the_environment_of_the_caller_does_not_redirect_git(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository(tmp_path / "other", {"other.py": ""})
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_WORK_TREE": other,
        "GIT_INDEX_FILE": other / ".git/index",
        "GIT_EXTERNAL_DIFF": "/bin/false",
        "GIT_CONFIG_COUNT": "x",
    }.items():
        monkeypatch.setenv(name, str(value))
    found = opened(repo)
    assert "other.py" not in found.files()
    assert found.changed_since("HEAD") == {}


def test_the_private_directory_is_removed(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    found = opened(repo)
    found.head()
    assert len(list(place.iterdir())) == 1
    found.close()
    found.close()
    assert list(place.iterdir()) == []
    opened(repo)  # and without close, when it is forgotten
    assert list(place.iterdir()) == []


def test_a_folder_without_git_has_the_same_ignore_rules(tmp_path: Path) -> None:
    write(
        tmp_path,
        {".gitignore": "*.log\n", "sub/.gitignore": "x.py\n", "sub/x.py": "", "a.log": "", "a.py": "", "v/b.py": ""},
    )
    found = ReadOnlyGit.without_repository(tmp_path, exclude=["v/"])
    assert sorted(found.files()) == [".gitignore", "a.py", "sub/.gitignore"]
    assert not (tmp_path / ".git").exists()
