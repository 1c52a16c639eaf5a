from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_scene import git, repository, write

from backwright.adapters.git import ReadOnlyGit
from backwright.adapters.gitdir import copy_refs, git_dirs, make_private
from backwright.core.errors import UsageError


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
    copy_refs(source, private.path)
    assert (private.path / "packed-refs").read_text().splitlines()[1:] == [
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
