from __future__ import annotations

import multiprocessing
import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from landing_scene import TREE, WANTED, after_picture, change_of, digest, make_tree, picture, text_of

from backwright.adapters import landing_protocol
from backwright.adapters.landing import Landed, land, landed, recover, undo
from backwright.adapters.landing_journal import Entry, Journal
from backwright.adapters.landing_rename import exchange
from backwright.adapters.landing_swap import Swap
from backwright.adapters.landing_tree import Root
from backwright.adapters.state import JOURNAL_NAME, open_state
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import BackwrightError, MachineError, NothingToDo, StalePlan, UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    make_tree(root, TREE)
    (root / "app/main.py").chmod(0o755)
    return root


@pytest.fixture
def state(root: Path) -> Path:
    return open_state(root)


def one(path: str, before: str | None, after: str | None, **base: str) -> ChangeSet:
    return ChangeSet("c1", "", (Edit(path, before, after),), "test", {path: digest(before), **base})


def test_lands_and_undoes_byte_for_byte(root: Path, state: Path) -> None:
    before = picture(root)
    result = land(root, state, change_of(root, WANTED))
    assert result == Landed("7c1e", tuple(sorted(WANTED)))
    assert picture(root) == after_picture(root, before, WANTED)
    assert undo(root, state, "7c1e").paths == tuple(sorted(WANTED))
    assert picture(root) == before


def test_records_say_what_was_landed_and_undone(root: Path, state: Path) -> None:
    assert landed(state) == []
    land(root, state, change_of(root, {"a.py": "a"}, "c1"))
    land(root, state, change_of(root, {"b.py": "b"}, "c2"))
    undo(root, state, "c1")
    assert [(r.id, r.title, r.paths, r.undone) for r in landed(state)] == [
        ("c1", "add posts", ("a.py",), True),
        ("c2", "add posts", ("b.py",), False),
    ]


def test_nothing_of_ours_is_left_in_the_tree(root: Path, state: Path) -> None:
    land(root, state, change_of(root, WANTED))
    assert not [path for path in picture(root) if Path(path).name.startswith(".bw")]
    assert recover(root, state) == ()


def test_undo_twice_is_an_error_and_landing_again_is_not(root: Path, state: Path) -> None:
    change = change_of(root, WANTED)
    land(root, state, change)
    undo(root, state, "7c1e")
    with pytest.raises(UsageError, match="undone already"):
        undo(root, state, "7c1e")
    land(root, state, change)
    assert text_of(root, "app/models/post.py") == "post\n"
    undo(root, state, "7c1e")
    assert [r.undone for r in landed(state)] == [True, True]


def test_undo_of_an_unknown_change_names_the_known_ones(root: Path, state: Path) -> None:
    with pytest.raises(UsageError, match="no change nope"):
        undo(root, state, "nope")
    land(root, state, change_of(root, WANTED))
    with pytest.raises(UsageError) as caught:
        undo(root, state, "nope")
    assert caught.value.hints == ("these can be undone: 7c1e",)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda root: (root / "app/main.py").write_text("mine"), "app/main.py was changed"),
        (lambda root: (root / "app/api/v1/post.py").unlink(), "app/api/v1/post.py is gone"),
        (lambda root: (root / "old.py").write_text("again"), "old.py exists again"),
    ],
)
def test_undo_refuses_over_later_edits(root: Path, state: Path, spoil: Callable[[Path], None], said: str) -> None:
    land(root, state, change_of(root, WANTED))
    spoil(root)
    spoilt = picture(root)
    with pytest.raises(StalePlan, match=said):
        undo(root, state, "7c1e")
    assert picture(root) == spoilt
    assert [r.undone for r in landed(state)] == [False]


def test_undo_points_at_the_later_change_in_its_way(root: Path, state: Path) -> None:
    land(root, state, change_of(root, {"old.py": "one"}, "c1"))
    land(root, state, change_of(root, {"old.py": "two"}, "c2"))
    with pytest.raises(StalePlan) as caught:
        undo(root, state, "c1")
    assert caught.value.hints == ("undo c2 first: it changed the same files",)
    undo(root, state, "c2")
    undo(root, state, "c1")
    assert text_of(root, "old.py") == "old\n"


def test_undo_keeps_directories_somebody_uses(root: Path, state: Path) -> None:
    land(root, state, change_of(root, WANTED))
    (root / "app/api/mine.py").write_text("mine")
    undo(root, state, "7c1e")
    assert text_of(root, "app/api/mine.py") == "mine"
    assert not (root / "app/api/v1").exists()


def test_modes_are_kept_and_new_files_are_plain(root: Path, state: Path) -> None:
    (root / "old.py").chmod(0o400)
    land(root, state, change_of(root, {"app/main.py": "x", "old.py": "y", "new.py": "#!/bin/sh\n"}))
    modes = [stat.S_IMODE((root / path).stat().st_mode) for path in ("app/main.py", "old.py", "new.py")]
    assert modes == [0o755, 0o400, 0o644]


def test_undo_keeps_a_mode_changed_since_and_restores_that_of_a_deleted_file(root: Path, state: Path) -> None:
    (root / "old.py").chmod(0o700)
    land(root, state, change_of(root, {"README.md": "x", "old.py": None}))
    (root / "README.md").chmod(0o600)
    undo(root, state, "7c1e")
    modes = [stat.S_IMODE((root / path).stat().st_mode) for path in ("README.md", "old.py")]
    assert modes == [0o600, 0o700]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes are Linux only")
def test_extended_attributes_are_taken_over(root: Path, state: Path) -> None:
    try:
        os.setxattr(root / "old.py", "user.note", b"mine")
    except OSError:
        pytest.skip("the file system has no extended attributes")
    land(root, state, change_of(root, {"old.py": "new"}))
    assert os.getxattr(root / "old.py", "user.note") == b"mine"


@pytest.mark.parametrize("text", ["a\r\nb\r\n", "a\rb", "\ufeffbom\n", "no end", "", "ünï \U0001f600\n", "nul\0\n"])
def test_text_is_written_exactly(root: Path, state: Path, text: str) -> None:
    land(root, state, change_of(root, {"old.py": text, "dir/neu-ü-日本.py": text}))
    assert (root / "old.py").read_bytes() == (root / "dir/neu-ü-日本.py").read_bytes() == text.encode()


def test_line_ends_count_as_changes(root: Path, state: Path) -> None:
    with pytest.raises(StalePlan):
        land(root, state, one("app/models/user.py", "user\nend", "x"))


def test_a_stale_plan_is_refused_with_every_reason(root: Path, state: Path) -> None:
    change = change_of(root, WANTED)
    (root / "app/main.py").write_text("mine")
    (root / "app/models/post.py").write_text("mine too")
    (root / "old.py").unlink()
    spoilt = picture(root)
    with pytest.raises(StalePlan) as caught:
        land(root, state, change)
    assert caught.value.exit_code == 4
    for said in ("app/main.py was changed", "app/models/post.py exists now", "old.py is gone"):
        assert said in caught.value.message
    assert picture(root) == spoilt


def test_a_file_that_was_only_read_makes_the_plan_stale(root: Path, state: Path) -> None:
    change = one("new.py", None, "x", **{"README.md": digest("read me\n"), "absent.py": ""})
    (root / "absent.py").write_text("now here")
    with pytest.raises(StalePlan, match=r"absent\.py exists now"):
        land(root, state, change)
    (root / "absent.py").unlink()
    land(root, state, change)


def test_read_files_may_be_links_inside_but_not_outside(root: Path, state: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (root / "inside.py").symlink_to("README.md")
    (root / "outside.py").symlink_to("../secret")
    land(root, state, one("new.py", None, "x", **{"inside.py": digest("read me\n")}))
    with pytest.raises(StalePlan, match=r"outside\.py"):
        land(root, state, one("new2.py", None, "x", **{"outside.py": digest("secret")}))


def test_before_must_match_even_without_a_base(root: Path, state: Path) -> None:
    change = msgspec.structs.replace(one("old.py", "something else", "x"), base={})
    with pytest.raises(StalePlan, match=r"not what change c1 was planned for: old\.py was changed"):
        land(root, state, change)


@pytest.mark.parametrize("edits", [(), (Edit("old.py", "old\n", "old\n"),)])
def test_a_change_that_changes_nothing_is_an_error(root: Path, state: Path, edits: tuple[Edit, ...]) -> None:
    with pytest.raises(NothingToDo):
        land(root, state, ChangeSet("c1", "", edits, "test", {}))


@pytest.mark.parametrize(
    "path",
    [
        "../out.py", "a/../../out.py", "/etc/x", "", "a//b", "./a", "a/", "a\0b", "\udcff",
        ".git/hooks/pre-commit", "sub/.git/config", ".GIT/config", ".g\u200cit/config", "git~1/config", ".git./x",
        ".backwright/landing.db",
    ],
)  # fmt: skip
@pytest.mark.parametrize("allow", [False, True])
def test_forbidden_paths_are_never_written(root: Path, state: Path, path: str, allow: bool) -> None:
    before = picture(root.parent)
    with pytest.raises(UsageError) as caught:
        land(root, state, ChangeSet("c1", "", (Edit(path, None, "x"),), "test", {}), allow_protected=allow)
    assert caught.value.exit_code == 2
    assert picture(root.parent) == before


@pytest.mark.parametrize(
    "path", [".vscode/tasks.json", ".claude/settings.json", "sub/.mcp.json", ".Cursor/x", "backwright.toml"]
)
def test_protected_paths_only_when_named(root: Path, state: Path, path: str) -> None:
    with pytest.raises(UsageError, match="not changed in passing"):
        land(root, state, one(path, None, "x"))
    assert not (root / path).exists()
    land(root, state, one(path, None, "x"), allow_protected=True)
    assert text_of(root, path) == "x"


def test_two_edits_of_one_file_and_file_as_directory_are_refused(root: Path, state: Path) -> None:
    with pytest.raises(UsageError, match="two edits"):
        land(root, state, ChangeSet("c1", "", (Edit("a", None, "1"), Edit("a", None, "2")), "test", {}))
    with pytest.raises(UsageError, match="as a file and as a directory"):
        land(root, state, ChangeSet("c1", "", (Edit("a", None, "1"), Edit("a/b", None, "2")), "test", {}))
    with pytest.raises(UsageError, match="cannot be edited"):
        land(root, state, one("old.py/below.py", None, "1"))


@pytest.mark.parametrize("path", ["link/x.py", "link/models.py", "file.py", "deep/er/link/x.py", "pipe", "app"])
def test_links_and_odd_files_are_never_written_through(root: Path, state: Path, tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "models.py").write_text("theirs")
    (root / "link").symlink_to(outside)
    (root / "deep/er").mkdir(parents=True)
    (root / "deep/er/link").symlink_to("../../app")
    (root / "file.py").symlink_to(outside / "models.py")
    os.mkfifo(root / "pipe")
    before = {**picture(outside), **picture(root / "app")}
    for text in (None, "theirs"):
        with pytest.raises(UsageError, match="cannot be edited"):
            land(root, state, one(path, text, "ours"))
    assert {**picture(outside), **picture(root / "app")} == before


def test_a_directory_that_becomes_a_link_leads_nowhere(root: Path, state: Path, tmp_path: Path) -> None:
    """Somebody exchanges the directory and a link out of the tree as fast as they can, while we land in it."""
    outside = tmp_path / "outside"
    make_tree(outside, {"main.py": "main\n"})
    (root / "other").symlink_to(outside)
    stop = threading.Event()

    def juggle() -> None:
        with Root(root) as tree, tree.directory("") as handle:
            while not stop.is_set():
                exchange(handle, "app", "other", "spare")

    juggler = threading.Thread(target=juggle)
    juggler.start()
    outcomes = set()
    try:
        for number in range(40):
            change = (
                one("app/main.py", "main\n", "ours\n") if number % 2 else one(f"app/new{number}.py", None, "ours\n")
            )
            try:
                land(root, state, change)
                undo(root, state, "c1")
                outcomes.add("landed")
            except BackwrightError as refused:
                outcomes.add(type(refused).__name__)
    finally:
        stop.set()
        juggler.join()
    assert picture(outside) == {"main.py": ("-rw-r--r--", b"main\n")}
    assert len(outcomes) > 1  # otherwise nobody was in our way


def test_the_state_directory_may_not_be_a_link(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / ".backwright").symlink_to(outside)
    with pytest.raises(MachineError, match="not a directory"):
        open_state(root)
    with pytest.raises(MachineError):
        land(root, root / ".backwright", change_of(root, WANTED))
    assert picture(outside) == {}


def test_a_journal_that_is_a_link_is_refused(root: Path, state: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs.db").touch()
    (state / JOURNAL_NAME).symlink_to(tmp_path / "theirs.db")
    with pytest.raises(MachineError, match="symbolic link"):
        land(root, state, change_of(root, WANTED))
    assert (tmp_path / "theirs.db").read_bytes() == b""


def test_a_planted_journal_cannot_reach_git(root: Path, state: Path) -> None:
    (root / ".git/hooks").mkdir(parents=True)
    for path, temp in ((".git/hooks/pre-commit", ".bw-1-0"), ("../out.py", ".bw-1-0"), ("x.py", "../../out.py")):
        with Journal.open(state) as journal:
            entry = journal.begin(Entry("evil", "", "", (Swap(path, b"evil", None, 0o755, temp),), ()))
            journal.swapping(entry)
        with pytest.raises(MachineError, match="journal"):
            recover(root, state)
        with pytest.raises(MachineError, match="journal"):
            land(root, state, change_of(root, WANTED))
        (state / JOURNAL_NAME).unlink()
    assert not (root.parent / "out.py").exists()
    assert list((root / ".git/hooks").iterdir()) == []


def test_a_damaged_journal_is_a_machine_error(root: Path, state: Path) -> None:
    (state / JOURNAL_NAME).write_bytes(b"not a database" * 100)
    before = picture(root)
    for action in (
        lambda: land(root, state, change_of(root, WANTED)),
        lambda: recover(root, state),
        lambda: landed(state),
    ):
        with pytest.raises(MachineError) as caught:
            action()
        assert caught.value.exit_code == 3
    assert picture(root) == before


def test_a_read_only_reader_gets_along_with_a_journal_that_is_not_finished(state: Path) -> None:
    (state / JOURNAL_NAME).touch()  # as a kill during its creation leaves it
    assert landed(state) == []


def _land_in_turn(root: Path, number: int) -> str:
    try:
        land(
            root,
            root / ".backwright",
            change_of(root, {"old.py": f"by {number}", f"new/{number}.py": "x"}, str(number)),
        )
    except StalePlan:
        return "stale"
    return "landed"


def test_processes_take_turns(root: Path, state: Path) -> None:
    """All want to change the same file, from what they see when it is their turn or before: none is half done."""
    with multiprocessing.get_context("fork").Pool(4) as pool:
        outcomes = pool.starmap(_land_in_turn, [(root, number) for number in range(16)], chunksize=1)
    winners = [str(number) for number, outcome in enumerate(outcomes) if outcome == "landed"]
    assert sorted(r.id for r in landed(state)) == sorted(winners)
    assert text_of(root, "old.py") == f"by {landed(state)[-1].id}"
    assert {path.stem for path in (root / "new").iterdir()} == set(winners)


def test_waiting_for_another_process_ends(root: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing_protocol, "LOCK_SECONDS", 0.05)
    before = picture(root)
    with landing_protocol.writing(root, state), pytest.raises(MachineError, match="another Backwright"):
        land(root, state, change_of(root, WANTED))
    assert picture(root) == before


def test_a_tree_that_is_moved_is_still_known(root: Path, state: Path) -> None:
    land(root, state, change_of(root, WANTED))
    moved = root.with_name("moved")
    shutil.move(root, moved)
    undo(moved, moved / ".backwright", "7c1e")
    assert text_of(moved, "old.py") == "old\n"
