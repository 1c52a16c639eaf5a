"""The machine refuses: nothing is half written, and the result never lies."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from landing_scene import (
    TREE,
    WANTED,
    after_picture,
    before_step,
    change_of,
    in_child,
    make_tree,
    memory_directory,
    picture,
    record,
)

from backwright.adapters import landing_protocol, landing_rename
from backwright.adapters.landing import land, landed, recover, undo
from backwright.adapters.landing_journal import Entry, Journal
from backwright.adapters.landing_swap import Swap, confirm, put
from backwright.adapters.landing_tree import Root
from backwright.adapters.state import open_state, open_state_if_possible
from backwright.core.errors import MachineError, StalePlan


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with memory_directory() as place:
        yield place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_tree(tmp_path / "shop", TREE)
    return tmp_path / "shop"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("undoing", [False, True])
def test_refused_at_every_step(tmp_path: Path, code: int, lasting: bool, undoing: bool) -> None:
    """Once, or from this step on: the tree is as it was, or complete; if even taking back fails, recovery does it."""
    outcomes = set()
    for number in range(1, 200):
        root = tmp_path / str(number)
        make_tree(root, TREE)
        state = open_state(root)
        change = change_of(root, WANTED)
        before = picture(root)
        made = after = after_picture(root, before, WANTED)
        if undoing:
            land(root, state, change)
            before, after = after, before
        reached = False

        def act(count: int, name: str, number: int = number) -> None:
            nonlocal reached
            if count == number or (lasting and count > number):
                reached = True
                raise OSError(code, os.strerror(code))

        try:
            with before_step(act):
                if undoing:
                    undo(root, state, change.id)
                else:
                    land(root, state, change)
            said = "done"
        except MachineError:
            said = "refused"
            if not lasting:
                assert picture(root) == before
        recover(root, state)
        assert picture(root) == (after if said == "done" else before)
        known = record(state)
        assert (known is not None and not known.undone) == (picture(root) == made)
        assert recover(root, state) == ()
        outcomes.add(said)
        if not reached:
            break
    else:
        raise AssertionError("it never got through")
    assert outcomes == {"done", "refused"}


@pytest.mark.parametrize("commit", ["begin", "swapping", "landed"])
@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("failure", [sqlite3.OperationalError("disk I/O error"), KeyboardInterrupt()])
def test_a_commit_that_fails_or_is_interrupted(
    root: Path, monkeypatch: pytest.MonkeyPatch, commit: str, committed: bool, failure: BaseException
) -> None:
    """Also in the instant after it took effect."""
    state = open_state(root)
    before = picture(root)
    real: Callable[..., object] = getattr(Journal, commit)

    def failing(*args: object) -> None:
        if committed:
            real(*args)
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(Journal, commit, failing)
        with pytest.raises(KeyboardInterrupt if isinstance(failure, KeyboardInterrupt) else MachineError):
            land(root, state, change_of(root, WANTED))
    assert picture(root) == before
    assert landed(state) == []
    recover(root, state)
    assert picture(root) == before
    land(root, state, change_of(root, WANTED))


def test_an_undo_interrupted_just_after_its_commit_is_not_done(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = open_state(root)
    land(root, state, change_of(root, WANTED))
    made = picture(root)
    real = Journal.landed

    def interrupted(journal: Journal, entry: Entry) -> None:
        real(journal, entry)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "landed", interrupted)
        with pytest.raises(KeyboardInterrupt):
            undo(root, state, "7c1e")
    assert picture(root) == made
    assert [known.undone for known in landed(state)] == [False]
    undo(root, state, "7c1e")


def test_everything_is_on_disk_before_the_journal_says_so(root: Path) -> None:
    """No kill shows it, a power cut would: content and names are synced before each commit that relies on them."""
    state = open_state(root)
    steps: list[str] = []
    with before_step(lambda _, name: steps.append(name)):
        land(root, state, change_of(root, WANTED))
    syncs = [0]  # between one commit and the next
    for name in steps:
        if name == "fsync":
            syncs[-1] += 1
        elif name in ("begin", "swapping", "landed", "settled"):
            syncs.append(0)
    new_files, directories, new_directories = 4, 4, 2
    assert syncs[1:4] == [new_files + directories + new_directories, directories, directories]
    swaps = [number for number, name in enumerate(steps) if name == "_native"]
    assert steps.index("swapping") < min(swaps)
    assert max(swaps) < steps.index("landed")
    assert "unlink" not in steps[: steps.index("landed")]


def test_tidying_up_that_fails_is_no_failure(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = open_state(root)
    after = after_picture(root, picture(root), WANTED)

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(landing_protocol, "clear", refuse)
        land(root, state, change_of(root, WANTED))
    assert picture(root) != after  # our second names are still there
    assert recover(root, state) == ("tidied up after change 7c1e, which was complete when it was interrupted",)
    assert picture(root) == after


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda root: (root / "app/main.py").write_text("the user's"), "app/main.py was changed"),
        (lambda root: (root / "app/models/post.py").write_text("the user's"), "app/models/post.py was created"),
        (lambda root: (root / "old.py").unlink(), "old.py was removed"),
        (lambda root: (root / "app/main.py").unlink(), "app/main.py was removed"),
        (
            lambda root: ((root / "app/main.py").unlink(), (root / "app/main.py").symlink_to("../README.md")),
            "app/main.py",
        ),
    ],
)
@pytest.mark.parametrize("native", [True, False])
def test_a_save_between_preparing_and_swapping(
    root: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], object], said: str, native: bool
) -> None:
    state = open_state(root)
    change = change_of(root, WANTED)
    spoilt: list[dict[str, tuple[str, bytes]]] = []
    reached: list[str] = []

    def spoiling(tree: Root, swap: Swap) -> None:
        if not spoilt:
            kept = {path: what for path, what in picture(root).items() if ".bw-" not in path}
            spoil(root)
            spoilt.append(
                {p: w for p, w in picture(root).items() if ".bw-" not in p and p not in ("app/api", "app/api/v1")}
            )
            assert spoilt[0] != kept
        reached.append(swap.path)
        put(tree, swap)

    monkeypatch.setattr(landing_protocol, "put", spoiling)
    if not native:
        monkeypatch.setattr(landing_rename, "_native", lambda *_: False)
    with pytest.raises(StalePlan, match=said) as caught:
        land(root, state, change)
    assert caught.value.exit_code == 4
    assert caught.value.where == reached[-1]  # and no further file was touched
    assert picture(root) == spoilt[0]
    assert landed(state) == []
    assert recover(root, state) == ()


@pytest.mark.parametrize("through", ["the name", "a descriptor held open"])
def test_a_save_between_swapping_and_the_last_look(root: Path, monkeypatch: pytest.MonkeyPatch, through: str) -> None:
    """The change is not made then: the user has not seen it, and what they saved fits the old files."""
    state = open_state(root)
    before = picture(root)
    with (root / "app/main.py").open("r+") as editor:

        def spoiling(tree: Root, swap: Swap) -> None:
            if through == "the name":
                (root / "app/main.py").write_text("the user's")
            else:
                editor.seek(0)
                editor.write("the user's")
                editor.flush()
            confirm(tree, swap)

        monkeypatch.setattr(landing_protocol, "confirm", spoiling)
        with pytest.raises(StalePlan, match=r"app/main\.py was changed"):
            land(root, state, change_of(root, WANTED))
    assert picture(root) == {**before, "app/main.py": (before["app/main.py"][0], b"the user's")}
    assert recover(root, state) == ()


def test_a_directory_in_the_place_of_the_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = open_state(root)
    change = change_of(root, WANTED)

    def spoiling(tree: Root, swap: Swap) -> None:
        if swap.path == "old.py":
            (root / "old.py").unlink()
            (root / "old.py").mkdir()
        put(tree, swap)

    before = picture(root)
    monkeypatch.setattr(landing_protocol, "put", spoiling)
    with pytest.raises(StalePlan, match=r"old\.py was changed"):
        land(root, state, change)
    assert picture(root) == {**before, "old.py": ("drwxr-xr-x", b"")}


@pytest.fixture
def shared() -> Iterator[Path]:
    """A tree that every user may read, since the administrator may write anywhere and proves nothing."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        make_tree(Path(place) / "shop", TREE)
        yield Path(place) / "shop"


def as_nobody(action: Callable[[], object]) -> int:
    def run() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        action()

    return in_child(run)


def test_a_read_only_tree(shared: Path) -> None:
    shared.chmod(0o555)
    before = picture(shared)

    def attempt() -> None:
        assert open_state_if_possible(shared) is None
        for action in (
            lambda: open_state(shared),
            lambda: land(shared, shared / ".backwright", change_of(shared, WANTED)),
        ):
            with pytest.raises(MachineError) as caught:
                action()
            assert caught.value.exit_code == 3
            assert caught.value.hints

    assert as_nobody(attempt) == 0
    assert picture(shared) == before
    assert not (shared / ".backwright").exists()
    shared.chmod(0o755)


def test_one_read_only_directory(shared: Path) -> None:
    """The others are written before; they are taken back."""
    shared.chmod(0o777)
    (shared / "app").chmod(0o777)
    before = picture(shared)

    def attempt() -> None:
        state = open_state(shared)
        with pytest.raises(MachineError, match="Permission denied") as caught:
            land(shared, state, change_of(shared, WANTED))
        assert caught.value.where.startswith("app/models/")
        assert recover(shared, state) == ()

    assert as_nobody(attempt) == 0
    assert picture(shared) == before


def test_group_and_owner_are_kept(root: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the administrator can give files away")
    os.chown(root / "old.py", 65534, 65533)
    land(root, open_state(root), change_of(root, {"old.py": "new"}))
    found = (root / "old.py").stat()
    assert (found.st_uid, found.st_gid) == (65534, 65533)


def test_a_file_size_limit_is_a_refusal(root: Path) -> None:
    """A limit of the shell or container, as a full disk is."""
    state = open_state(root)
    land(root, state, change_of(root, {"first.py": "x"}, "c1"))
    before = picture(root)

    def attempt() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        with pytest.raises(MachineError):
            land(root, state, change_of(root, {"big.py": "x" * 300_000, "old.py": None}))

    assert in_child(attempt) == 0
    recover(root, state)
    assert picture(root) == before
