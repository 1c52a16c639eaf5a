from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_scene import git, repository, snapshot, write

from backwright.adapters.git import ReadOnlyGit, find_root
from backwright.adapters.gitdir import copy_refs, git_dirs, make_private
from backwright.core.errors import MachineError, ToolMissing, UsageError


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"app/a.py": "a = 1\n", "app/b.py": "b = 1\n", "README.md": "hello\n"})


def opened(root: Path) -> ReadOnlyGit:
    found = ReadOnlyGit.open(root)
    assert found is not None
    return found


def test_files_are_tracked_ones_and_untracked_ones_that_no_rule_ignores(repo: Path) -> None:
    write(
        repo,
        {
            ".gitignore": "*.log\n/build/\n!keep.log\n",
            "app/.gitignore": "local.py\n",
            ".git/info/exclude": "mine.txt\n",
            "app/local.py": "",
            "app/new.py": "",
            "build/x": "",
            "app/build/x": "",
            "x.log": "",
            "keep.log": "",
            "mine.txt": "",
        },
    )
    write(repo, {"tracked.log": ""})
    git(repo, "add", "-f", "tracked.log")

    found = opened(repo)

    expected = {".gitignore", "app/.gitignore", "app/a.py", "app/b.py", "app/build/x", "app/new.py", "README.md"}
    assert set(found.files()) == expected | {"keep.log", "tracked.log"}
    assert sorted(found.files()) == sorted(git(repo, "ls-files", "-co", "--exclude-standard").splitlines())
    assert found.ignores("x.log")
    assert not found.ignores("app/new.py")


def test_repositories_nested_in_this_one_are_named_and_not_entered(repo: Path) -> None:
    repository(repo / "inner", {"secret.py": ""})
    found = opened(repo)
    assert "inner/" in found.entries()
    assert not [path for path in found.files() if path.startswith("inner")]


def test_head_branch_and_dirtiness(repo: Path) -> None:
    found = opened(repo)
    assert found.head() == git(repo, "rev-parse", "HEAD")
    assert found.branch() == "main"
    assert not found.is_dirty()
    write(repo, {"untracked.txt": ""})
    assert opened(repo).is_dirty()
    (repo / "untracked.txt").unlink()
    write(repo, {"app/a.py": "a = 2\n"})
    assert opened(repo).is_dirty()
    git(repo, "add", "-A")
    assert opened(repo).is_dirty()
    git(repo, "checkout", "-q", "--detach", "HEAD")
    assert opened(repo).branch() == ""


def test_a_file_saved_in_the_instant_of_the_commit_is_dirty(repo: Path) -> None:
    git(repo, "config", "core.trustctime", "false")
    file, index = repo / "app/a.py", repo / ".git/index"
    git(repo, "update-index", "--refresh")
    instant = file.stat().st_mtime_ns
    os.utime(index, ns=(instant, instant))
    file.write_text("a = 2\n")
    os.utime(file, ns=(instant, instant))
    assert opened(repo).is_dirty()
    assert git(repo, "status", "--porcelain") != ""


def test_a_repository_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, {"a.py": ""})
    found = opened(tmp_path)
    assert (found.head(), found.branch(), found.files(), found.is_dirty()) == ("", "main", ["a.py"], True)
    with pytest.raises(UsageError):
        found.changed_since("HEAD")


def test_changes_are_judged_from_the_merge_base(repo: Path) -> None:
    write(
        repo, {"app/gone.py": "gone\n", "app/staged.py": "old\n", "app/bin.dat": b"\0\1", "app/latin.py": b"# \xe9\n"}
    )
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "second")
    git(repo, "checkout", "-qb", "feature")
    write(repo, {"app/b.py": "b = 2\n"})
    git(repo, "commit", "-qam", "on the branch")
    git(repo, "checkout", "-q", "main")
    write(repo, {"README.md": "main went on\n"})
    git(repo, "commit", "-qam", "on main")
    git(repo, "checkout", "-q", "feature")
    write(repo, {"app/a.py": "a = 2\n", "app/staged.py": "new\n", "app/untracked.py": "", "app/bin.dat": b"\0\2"})
    write(repo, {"app/latin.py": "# e\n"})
    git(repo, "add", "app/staged.py")
    (repo / "app/gone.py").unlink()

    assert opened(repo).changed_since("main") == {
        "app/a.py": "a = 1\n",
        "app/b.py": "b = 1\n",
        "app/bin.dat": None,
        "app/gone.py": "gone\n",
        "app/latin.py": "# é\n",
        "app/staged.py": "old\n",
        "app/untracked.py": None,
    }
    assert "app/b.py" not in opened(repo).changed_since("HEAD")


def test_changes_of_renamed_linked_and_unmerged_files(repo: Path) -> None:
    git(repo, "checkout", "-qb", "theirs")
    write(repo, {"app/a.py": "theirs\n"})
    git(repo, "commit", "-qam", "theirs")
    git(repo, "checkout", "-q", "main")
    write(repo, {"app/a.py": "ours\n"})
    git(repo, "mv", "app/b.py", "app/c.py")
    (repo / "link.py").symlink_to("app/c.py")
    git(repo, "add", "-A")
    git(repo, "commit", "-qam", "ours")
    git(repo, "merge", "theirs", check=False)

    changed = opened(repo).changed_since("HEAD~1")

    assert changed == {"app/a.py": "a = 1\n", "app/b.py": "b = 1\n", "app/c.py": None, "link.py": None}
    assert opened(repo).changed_since("HEAD") == {"app/a.py": "ours\n"}


def test_names_that_need_quoting_come_through(repo: Path) -> None:
    names = ["sp ace.py", 'quo"te.py', "new\nline.py", "tab\t.py", "ünï.py", os.fsdecode(b"raw\xff.py")]
    write(repo, dict.fromkeys(names, "x = 1\n"))
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "names")
    write(repo, dict.fromkeys(names, "x = 2\n"))
    found = opened(repo)
    assert set(names) <= set(found.files())
    assert found.changed_since("HEAD") == dict.fromkeys(names, "x = 1\n")
    assert all(found.file_at("HEAD", name) == "x = 1\n" for name in names)


def test_a_file_in_a_commit(repo: Path) -> None:
    git(repo, "tag", "v1")
    write(repo, {"app/a.py": "a = 2\n"})
    git(repo, "commit", "-qam", "second")
    found = opened(repo)
    assert found.file_at("v1", "app/a.py") == "a = 1\n"
    assert found.file_at("HEAD", "app/a.py") == "a = 2\n"
    assert [found.file_at("HEAD", path) for path in ("app", "app/", "", "none.py", "*.py", "/etc/passwd")] == [None] * 6


def test_a_blob_larger_than_the_limit_is_not_loaded(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backwright.adapters.git.decode", lambda data: pytest.fail("loaded"))
    write(repo, {"big.py": b"#" * (2 << 20)})
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "big")
    write(repo, {"big.py": ""})
    assert opened(repo).changed_since("HEAD") == {"big.py": None}
    assert opened(repo).file_at("HEAD", "big.py") is None


@pytest.mark.parametrize("ref", ["nowhere", "", "-h", "--output=x", "a\nb", "HEAD:app/a.py", "main..main", "a\0b"])
def test_what_is_no_commit_is_a_usage_error(repo: Path, ref: str) -> None:
    with pytest.raises(UsageError):
        opened(repo).changed_since(ref)
    with pytest.raises(UsageError):
        opened(repo).file_at(ref, "app/a.py")


def test_histories_without_a_common_commit_are_a_usage_error(repo: Path) -> None:
    git(repo, "checkout", "-q", "--orphan", "island")
    git(repo, "commit", "-qm", "island")
    with pytest.raises(UsageError, match="no commit in common"):
        opened(repo).changed_since("main")


def test_refs_of_every_kind_resolve(repo: Path, tmp_path: Path) -> None:
    first = git(repo, "rev-parse", "HEAD")
    git(repo, "branch", "packed")
    git(repo, "pack-refs", "--all")
    git(repo, "tag", "-a", "-m", "tag", "annotated")
    git(repo, "branch", "loose/deep")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(repo), str(clone))
    write(clone, {"new.py": ""})
    found = opened(clone)
    for ref in (
        "origin/main",
        "origin",
        "origin/packed",
        "annotated",
        "origin/loose/deep",
        first,
        first[:9],
        "HEAD~0",
        "@",
    ):
        assert found.changed_since(ref) == {"new.py": None}, ref


def test_malformed_refs_do_not_hide_the_good_ones(repo: Path) -> None:
    head = git(repo, "rev-parse", "HEAD")
    lines = [
        "garbage",
        f"{head} refs/heads/../../evil",
        f"{head} refs/heads/a b",
        "zz refs/heads/z",
        f"{head} refs/heads/ok",
    ]
    write(
        repo, {".git/packed-refs": "\n".join(lines), ".git/refs/heads/bad.lock": head, ".git/refs/heads/nonsense": "?"}
    )
    (repo / ".git/refs/heads/link").symlink_to(repo / ".git/refs/heads/main")
    os.mkfifo(repo / ".git/refs/heads/pipe")
    source = git_dirs(repo)
    assert source is not None
    private = make_private(source)
    copy_refs(source, private)
    assert (private / "packed-refs").read_text().splitlines()[1:] == [
        f"{head} refs/heads/main",
        f"{head} refs/heads/ok",
    ]
    assert opened(repo).changed_since("ok") == {}


def test_other_shapes_of_repository(repo: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", "-b", "side", str(linked))
    write(linked, {"app/a.py": "side\n"})
    shared = tmp_path / "shared"
    git(tmp_path, "clone", "-q", "--shared", str(repo), str(shared))
    twice = tmp_path / "twice"
    git(tmp_path, "clone", "-q", "--shared", str(repo), str(twice))
    write(twice, {".git/objects/info/alternates": "../../../between/objects\n"})
    write(tmp_path, {"between/objects/info/alternates": "../../repo/.git/objects\n"})
    odd = repository(tmp_path / 'odd "quoted"\\ #', {"app/a.py": "a = 1\n"})
    outer = repository(tmp_path / "outer", {"x.py": ""})
    git(outer, "submodule", "--quiet", "add", str(repo), "sub")
    modern = repository(tmp_path / "modern", {"app/a.py": "a = 1\n"}, "--object-format=sha256")
    split = repository(tmp_path / "split", {"app/a.py": "a = 1\n"})
    git(split, "update-index", "--split-index")
    write(split, {"app/z.py": ""})
    git(split, "add", "-A")

    assert opened(linked).branch() == "side"
    assert opened(linked).changed_since("main") == {"app/a.py": "a = 1\n"}
    for root in (shared, twice, odd, outer / "sub", modern, split):
        found = opened(root)
        assert "app/a.py" in found.files()
        assert found.head() == git(root, "rev-parse", "HEAD")
        assert found.file_at("HEAD", "app/a.py") == "a = 1\n"
    assert "app/z.py" in opened(split).files()
    assert [path for path in opened(outer).changed_since("HEAD") if path.startswith("sub")] == []


def test_a_shallow_clone_says_what_to_do(repo: Path, tmp_path: Path) -> None:
    for number in range(3):
        write(repo, {"app/a.py": f"a = {number}\n"})
        git(repo, "commit", "-qam", "more")
    old = git(repo, "rev-parse", "HEAD~3")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", str(clone))
    found = opened(clone)
    assert found.changed_since("HEAD") == {}
    with pytest.raises(UsageError) as caught:
        found.changed_since(old)
    assert any("fetch" in hint for hint in caught.value.hints)


# -- what a repository must not be able to do --------------------------------------------------------------------------


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
