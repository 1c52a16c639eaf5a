from __future__ import annotations

import hashlib
import os
import socket
import stat
import threading
from pathlib import Path

import pytest
from git_scene import git, repository, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.core.errors import NothingToDo, UsageError
from backwright.core.ports import Tree


def tree_of(root: Path, files: dict[str, str | bytes]) -> RepositoryTree:
    return open_tree(repository(root, files))


def open_descriptors() -> int:
    """How many there are; 0 where the system does not tell."""
    listing = Path("/proc/self/fd")
    return len(list(listing.iterdir())) if listing.exists() else 0


# -- which tree --------------------------------------------------------------------------------------------------------


def test_the_root_is_the_top_of_the_repository_and_the_project_what_was_asked_for(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", {"backend/app/a.py": "", "backend/pyproject.toml": "", "web/x.ts": ""})
    tree: Tree = open_tree(root / "backend")
    assert isinstance(tree, RepositoryTree)
    assert (tree.root, tree.project) == (root.resolve(), "backend")
    assert tree.files() == ("backend/app/a.py", "backend/pyproject.toml", "web/x.ts")
    assert open_tree(root).project == ""


def test_without_git_the_root_is_the_nearest_folder_with_a_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path, {"package.json": "{}", "shop/pyproject.toml": "", "shop/app/a.py": "", "loose/b.py": ""})
    assert (open_tree(tmp_path / "shop/app").root, open_tree(tmp_path / "shop/app").project) == (
        tmp_path / "shop",
        "app",
    )
    assert open_tree(tmp_path / "loose").root == tmp_path / "loose"


def test_without_git_the_ignore_rules_hold_and_dependencies_are_never_listed(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.log\n", "a.py": "", "a.log": "", "node_modules/x.js": "", ".venv/lib/x.py": ""})
    assert open_tree(tmp_path).files() == (".gitignore", "a.py")


def test_without_the_git_program_everything_is_walked_and_the_tree_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "repo", {".gitignore": "*.log\n", "app/a.py": "", "node_modules/x.js": ""})
    write(root, {"a.log": ""})
    os.mkfifo(root / "pipe.py")
    monkeypatch.setenv("PATH", str(tmp_path))
    tree = open_tree(root / "app")
    assert (tree.project, tree.files()) == ("app", (".gitignore", "a.log", "app/a.py"))
    assert "git is not installed" in tree.notes[0]
    plain = tmp_path / "plain"
    write(plain, {"x.py": "", "__pycache__/x.pyc": ""})
    assert open_tree(plain).files() == ("x.py",)


def test_a_folder_that_the_repository_around_it_ignores_is_a_tree_of_its_own(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", {".gitignore": "scratch/\n", "pyproject.toml": "", "a.py": ""})
    write(root, {"scratch/sample/b.py": ""})
    tree = open_tree(root / "scratch/sample")
    assert (tree.root, tree.files()) == (root / "scratch/sample", ("b.py",))


def test_where_there_is_nothing_to_read(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path / "a\0b"):
        with pytest.raises(UsageError, match="does not exist"):
            open_tree(path)
    write(tmp_path, {"file.py": ""})
    with pytest.raises(UsageError, match="not a directory"):
        open_tree(tmp_path / "file.py")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError):
        open_tree(tmp_path / "loop")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToDo):
        open_tree(tmp_path / "empty")
    root = repository(tmp_path / "repo", {"a.py": ""})
    (root / "empty").mkdir()
    with pytest.raises(NothingToDo):
        open_tree(root / "empty")


def test_a_folder_of_repositories_is_nothing_to_read_and_the_hint_names_them(tmp_path: Path) -> None:
    repository(tmp_path / "all/one", {"a.py": ""})
    with pytest.raises(NothingToDo) as caught:
        open_tree(tmp_path / "all")
    assert caught.value.hints == ("it holds another repository: one",)


# -- what is listed ----------------------------------------------------------------------------------------------------


def test_deleted_and_special_files_and_submodules_are_not_listed(tmp_path: Path) -> None:
    inner = repository(tmp_path / "inner", {"x.py": ""})
    root = repository(tmp_path / "repo", {"a.py": "", "gone.py": "", "became_folder": ""})
    git(root, "submodule", "--quiet", "add", str(inner), "sub")
    (root / "gone.py").unlink()
    (root / "became_folder").unlink()
    (root / "became_folder").mkdir()
    os.mkfifo(root / "pipe.py")
    git(root, "rm", "-q", "--cached", "a.py")
    (root / "a.py").unlink()
    os.mkfifo(root / "a.py")
    write(root, {"b.py": ""})
    tree = open_tree(root)
    assert tree.files() == (".gitmodules", "b.py")
    assert dict(tree.skipped)["sub"] == "a repository of its own"


def test_names_that_are_no_text_are_skipped_and_said_so_and_odd_ones_are_read(tmp_path: Path) -> None:
    odd = ["new\nline.py", "ünï.py", "日本.py", 'quo"te.py', "sp ace.py", "-x.py", "\x1b[31m.py"]
    tree = tree_of(tmp_path / "repo", {**dict.fromkeys(odd, "x = 1\n"), os.fsdecode(b"caf\xe9.py"): "x = 1\n"})
    assert set(tree.files()) == set(odd)
    assert [tree.read(name).text for name in odd] == ["x = 1\n"] * len(odd)
    assert tree.skipped == (("caf\\xe9.py", "its name is not valid UTF-8"),)


def test_the_listing_is_quick_for_deep_folders(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 200) + "/a.py"
    tree = tree_of(tmp_path / "repo", {deep: "deep\n", "a.py": ""})
    assert tree.read(deep).text == "deep\n"
    assert tree.read("a.py").text == ""


# -- what is read ------------------------------------------------------------------------------------------------------


def test_a_file_as_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.py": "x = 1\n", "bom.py": b"\xef\xbb\xbfx\n", "latin.py": b"\xe9\n"}
    tree = tree_of(tmp_path / "repo", files)
    file = tree.read("a.py")
    assert (file.path, file.size, file.text, file.skipped, file.encoding) == ("a.py", 6, "x = 1\n", "", "utf-8")
    assert file.sha256 == hashlib.sha256(b"x = 1\n").hexdigest()
    assert (tree.read("bom.py").text, tree.read("bom.py").encoding) == ("x\n", "utf-8-sig")
    assert (tree.read("latin.py").text, tree.read("latin.py").encoding) == ("é\n", "latin-1")
    assert tree.skipped == ()


def test_what_is_not_read_has_its_reason(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "big.py": b"#" * (2 << 20),
        "bin.py": b"\0",
        "gen.py": "# Code generated by x. DO NOT EDIT.\n",
        "min.js": "x" * 30_000,
    }
    tree = tree_of(tmp_path / "repo", files)
    for path in files:
        assert tree.read(path).text is None
    assert [path for path, _ in tree.skipped] == sorted(files)
    assert tree.read("none.py").skipped == "does not exist"
    assert tree.read("big.py/x.py").skipped == "does not exist"
    assert tree.read("x" * 300 + ".py").skipped == "its name is too long"


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "/etc/passwd",
        "a/../../secret",
        "",
        ".",
        "..",
        "a//b",
        "./a.py",
        "a\0b",
        ".git/config",
        "x/.git/HEAD",
    ],
)
def test_paths_that_are_none_of_the_repository_are_refused(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"secret": "secret"})
    tree = tree_of(tmp_path / "repo", {"a.py": "", "a/b": ""})
    assert tree.read(path).text is None
    assert tree.read(path).skipped


def test_links_are_followed_inside_the_root_and_never_outside(tmp_path: Path) -> None:
    write(tmp_path, {"secret.py": "secret\n", "outside/secret.py": "secret\n"})
    root = repository(tmp_path / "repo", {"app/real.py": "real\n", "deep/er/x.py": "x\n"})
    links = {
        "inside.py": "app/real.py",
        "absolute.py": str(root / "app/real.py"),
        "chain.py": "inside.py",
        "folder": "app",
        "up.py": "deep/er/../../app/real.py",
        "through.py": "folder/real.py",
        "out.py": "../secret.py",
        "out_absolute.py": str(tmp_path / "secret.py"),
        "out_and_back.py": "../repo/app/real.py",
        "out_folder": "../outside",
        "sibling.py": str(tmp_path) + "/repo/../secret.py",
        "prefix.py": str(tmp_path / "repo-other/x.py"),
        "loop.py": "loop.py",
        "loop_a": "loop_b",
        "loop_b": "loop_a",
        "etc": "/etc",
        "dangling.py": "nowhere.py",
        "gitty.py": ".git/config",
        "root": "/",
        "itself": ".",
    }
    write(tmp_path, {"repo-other/x.py": "secret\n"})
    for name, target in links.items():
        (root / name).symlink_to(target)
    tree = open_tree(root)
    assert set(links) <= set(tree.files())
    for name in ("inside.py", "absolute.py", "chain.py", "folder/real.py", "up.py", "through.py", "itself/app/real.py"):
        assert tree.read(name).text == "real\n", name
    for name in ("out.py", "out_absolute.py", "out_and_back.py", "out_folder/secret.py", "sibling.py", "prefix.py"):
        assert tree.read(name).skipped == "leads out of the repository", name
    assert tree.read("etc/passwd").skipped == "leads out of the repository"
    assert "loop" in tree.read("loop.py").skipped
    assert "loop" in tree.read("loop_a/x.py").skipped
    assert tree.read("dangling.py").skipped == "does not exist"
    assert tree.read("gitty.py").skipped == "belongs to git"
    for name in ("folder", "itself", "root"):
        assert tree.read(name).text is None


def test_special_files_are_not_opened(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", {"a.py": ""})
    os.mkfifo(root / "pipe.py")
    (root / "link.py").symlink_to("pipe.py")
    listening = socket.socket(socket.AF_UNIX)
    here = os.open(root, os.O_RDONLY)
    try:
        listening.bind(f"/proc/self/fd/{here}/s.py" if Path("/proc/self/fd").exists() else str(root / "s.py"))
        tree = open_tree(root)
        for name in ("pipe.py", "link.py", "s.py"):
            assert tree.read(name).skipped == "not a regular file"
    finally:
        os.close(here)
        listening.close()


def test_a_file_without_permission_is_skipped(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", {"a.py": "", "closed.py": "x", "shut/b.py": "x"})
    (root / "closed.py").chmod(0)
    (root / "shut").chmod(0)
    for folder in (root, *root.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(0o755)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # as somebody without privileges, since root may read anything
        status = 1
        try:
            tree = open_tree(root)
            if os.getuid() == 0:
                os.setuid(65534)
            said = "|".join(tree.read(path).skipped for path in ("closed.py", "shut/b.py"))
            os.write(writing, said.encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    (root / "shut").chmod(0o755)
    assert said == "no permission to read it|no permission to read it"


def test_a_folder_swapped_for_a_link_while_reading_never_leads_outside(tmp_path: Path) -> None:
    write(tmp_path, {"outside/a.py": "secret\n"})
    root = repository(tmp_path / "repo", {"app/a.py": "mine\n", "b.py": "b\n"})
    (root / "link").symlink_to("../outside")
    tree = open_tree(root)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (root / "app").rename(root / "kept")
            (root / "link").rename(root / "app")
            (root / "app").rename(root / "link")
            (root / "kept").rename(root / "app")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        seen = set()
        for _ in range(1000):
            seen.add(tree.read("app/a.py").text)
            tree.read("b.py")  # leaves the folder, so that it is entered anew
    finally:
        stop.set()
        swapping.join()
    assert "mine\n" in seen
    assert seen <= {"mine\n", None}


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", {"a/b/c.py": "", "a/d.py": "", "x.py": ""})
    (root / "l").symlink_to("a/b")
    before = open_descriptors()
    tree = open_tree(root)
    for path in ("a/b/c.py", "l/c.py", "a/none/x.py", "a/d.py", "x.py/y", "../x", "l/../x.py", "l"):
        tree.read(path)
    tree.close()
    tree.close()
    assert open_descriptors() == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=2000), asked=st.text(max_size=30))
def test_no_content_and_no_path_raises(tmp_path: Path, content: bytes, asked: str) -> None:
    (tmp_path / "a.py").write_bytes(content)
    tree = RepositoryTree(tmp_path, "", None, ["a.py"])
    try:
        file = tree.read("a.py")
        assert (file.text is None) == bool(file.skipped)
        if file.text is not None:
            assert file.text.encode(file.encoding) == content
        other = tree.read(asked)
        assert (other.text is None) == bool(other.skipped)
    finally:
        tree.close()
