from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path

import pytest

from backwright.adapters.workcopy import (
    Difference,
    Snapshot,
    WorkCopy,
    _trusted,
    added,
    changed,
    make_copy,
    read_text,
    refreshed,
    work_copy,
    write,
)
from backwright.core.change import Edit
from backwright.core.errors import MachineError, StalePlan, UsageError

FILES = {"app/main.py": "main\r\n", "app/ü/user.py": "user\n", "run.sh": "#!/bin/sh\n", "empty": ""}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    (root / "run.sh").chmod(0o755)
    (root / "empty").chmod(0o600)
    return root


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> WorkCopy:
    return make_copy(root, list(FILES), tmp_path / "copy")


def test_content_modes_and_hashes(root: Path, copy: WorkCopy) -> None:
    for path, text in FILES.items():
        assert (copy.root / path).read_bytes() == text.encode()
        assert copy.sha256(path) == sha256(text)
        assert stat.S_IMODE((copy.root / path).stat().st_mode) == stat.S_IMODE((root / path).stat().st_mode)
    assert copy.skipped == ()
    assert copy.sha256("other") == ""
    assert changed(copy) == ()
    assert added(copy) == ()


@pytest.mark.parametrize("mode", [0o444, 0o777, 0o640, 0o000])
def test_modes_that_the_umask_or_our_own_writing_would_spoil(root: Path, tmp_path: Path, mode: int) -> None:
    if mode == 0 and os.geteuid() != 0:
        pytest.skip("only the administrator can read this")
    (root / "run.sh").chmod(mode)
    made = make_copy(root, ["run.sh"], tmp_path / "copy")
    assert stat.S_IMODE((made.root / "run.sh").stat().st_mode) == mode


def test_only_what_is_listed(root: Path, tmp_path: Path) -> None:
    (root / ".git").mkdir()
    (root / ".env").write_text("SECRET=1")
    made = make_copy(root, ["run.sh"], tmp_path / "copy")
    assert [path.name for path in made.root.iterdir()] == ["run.sh"]


def test_links_stay_inside(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (root / ".git").mkdir()
    (root / "app/ü/deep").mkdir()
    links = {
        "same.py": "run.sh",
        "app/up.py": "../run.sh",
        "dangling": "app/nothing",
        "folder": "app",
        "out": "../secret",
        "absolute": str(root / "run.sh"),
        "git": ".git/config",
        "app/ü/hop": "..",
        "app/ü/clever": "hop/../../secret",  # by its spelling inside, in truth outside
        "app/through": "../out",
    }
    for path, target in links.items():
        (root / path).symlink_to(target)
    made = make_copy(root, [*links, "folder/main.py"], tmp_path / "copy")
    assert made.links == {p: links[p] for p in ("same.py", "app/up.py", "dangling", "folder", "app/ü/hop")}
    assert all(str((made.root / path).readlink()) == target for path, target in made.links.items())
    out = "a symbolic link out of the tree"
    assert dict(made.skipped) == {
        "out": out,
        "absolute": out,
        "git": out,
        "app/ü/clever": out,
        "app/through": out,
        "folder/main.py": "behind a symbolic link",
    }
    assert changed(made) == ()
    assert added(made) == ()
    (made.root / "same.py").unlink()
    (made.root / "same.py").symlink_to("/etc/hostname")
    assert [difference.path for difference in changed(made)] == ["same.py"]


def test_what_is_no_regular_file_is_listed(root: Path, tmp_path: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "submodule").mkdir()
    made = make_copy(root, ["pipe", "submodule", "gone.py", "gone/gone.py", "run.sh/x"], tmp_path / "copy")
    assert dict(made.skipped) == {
        "pipe": "not a regular file",
        "submodule": "not a regular file",
        "gone.py": "absent",
        "gone/gone.py": "absent",
        "run.sh/x": "behind a symbolic link",
    }


@pytest.mark.parametrize("kernel", ["works", "missing", "refuses half way"])
def test_large_files(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: str) -> None:
    data = os.urandom(3_000_001)
    (root / "large.bin").write_bytes(data)
    if kernel == "missing":
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    elif kernel == "refuses half way":

        def refuse(source: int, target: int, _: int) -> int:
            os.write(target, os.read(source, 1000))
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    made = make_copy(root, ["large.bin"], tmp_path / "copy")
    assert (made.root / "large.bin").read_bytes() == data
    assert made.sha256("large.bin") == hashlib.sha256(data).hexdigest()


def test_differences_are_seen(copy: WorkCopy) -> None:
    (copy.root / "app/main.py").write_text("other")
    (copy.root / "empty").unlink()
    (copy.root / "new.py").write_text("new")
    (copy.root / "app/main.pyc").write_text("cache")
    assert changed(copy) == (
        Difference("app/main.py", sha256("main\r\n"), sha256("other")),
        Difference("empty", sha256(""), ""),
    )
    assert added(copy) == ("app/main.pyc", "new.py")


def test_a_touch_is_no_difference(copy: WorkCopy) -> None:
    os.utime(copy.root / "app/main.py", (1, 1))
    (copy.root / "run.sh").chmod(0o600)
    assert changed(copy) == ()


def test_a_change_that_keeps_size_and_time_is_seen(copy: WorkCopy) -> None:
    """At once, when the clock of the file system may not have moved yet, and later."""
    for text in ("niam\r\n", "mian\r\n"):
        before = (copy.root / "app/main.py").stat()
        (copy.root / "app/main.py").write_bytes(text.encode())
        os.utime(copy.root / "app/main.py", ns=(before.st_atime_ns, before.st_mtime_ns))
        assert [difference.now for difference in changed(copy)] == [sha256(text)]
        time.sleep(0.03)
        copy = refreshed(copy)
        assert changed(copy) == ()


def test_fresh_stamps_are_not_trusted() -> None:
    """Where the clock of the file system ticks slowly, a write just after the snapshot bears the same stamp."""
    now = time.time_ns()
    files = {"old": Snapshot("", 0, 1, now - 10**9), "fresh": Snapshot("", 0, 2, now)}
    assert [known.stamp for known in _trusted(files).values()] == [now - 10**9, 0]


def test_a_file_exchanged_for_a_link_counts_as_gone(copy: WorkCopy, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (copy.root / "app/main.py").unlink()
    (copy.root / "app/main.py").symlink_to(tmp_path / "secret")
    assert changed(copy) == (Difference("app/main.py", sha256("main\r\n"), ""),)
    with pytest.raises(UsageError):
        read_text(copy, "app/main.py")


def test_edits_enter_the_snapshot_and_formatters_are_noticed(copy: WorkCopy) -> None:
    edits = (
        Edit("app/main.py", "main\r\n", "main\r\nrouter\r\n"),
        Edit("app/api/v1/post.py", None, "x=1\n"),
        Edit("empty", "", None),
    )
    made = write(copy, edits)
    assert changed(made) == ()
    assert added(made) == ()
    assert made.sha256("app/main.py") == sha256("main\r\nrouter\r\n")
    assert made.sha256("empty") == ""
    assert [difference.path for difference in changed(copy)] == ["app/main.py", "empty"]
    (made.root / "app/api/v1/post.py").write_text("x = 1\n")
    assert changed(made) == (Difference("app/api/v1/post.py", sha256("x=1\n"), sha256("x = 1\n")),)
    assert read_text(made, "app/api/v1/post.py") == "x = 1\n"
    assert read_text(made, "app/main.py") == "main\r\nrouter\r\n"
    assert read_text(made, "empty") is None
    assert changed(refreshed(made)) == ()


def test_modes_are_kept_when_writing(copy: WorkCopy) -> None:
    write(copy, (Edit("run.sh", "#!/bin/sh\n", "#!/bin/bash\n"), Edit("new.py", None, "")))
    modes = [stat.S_IMODE((copy.root / path).stat().st_mode) for path in ("run.sh", "new.py")]
    assert modes == [0o755, 0o644]


def test_the_source_is_never_touched(root: Path, copy: WorkCopy) -> None:
    write(copy, (Edit("run.sh", "#!/bin/sh\n", "x"), Edit("empty", "", None)))
    assert {path: (root / path).read_bytes().decode() for path in FILES} == FILES


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (Edit("app/main.py", "main\n", "x"), StalePlan),
        (Edit("app/main.py", None, "x"), StalePlan),
        (Edit("nothing.py", "x", None), StalePlan),
        (Edit("../out.py", None, "x"), UsageError),
        (Edit(".git/config", None, "x"), UsageError),
        (Edit("link/out.py", None, "x"), UsageError),
        (Edit("new.py", None, "\udcff"), UsageError),
    ],
)
def test_edits_that_do_not_fit_write_nothing(
    copy: WorkCopy, tmp_path: Path, edit: Edit, error: type[Exception]
) -> None:
    (tmp_path / "outside").mkdir()
    (copy.root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(error):
        write(copy, (Edit("run.sh", "#!/bin/sh\n", "x"), edit))
    assert changed(copy) == ()
    assert list((tmp_path / "outside").iterdir()) == []


def test_the_context_removes_the_copy_even_if_a_command_locked_it(root: Path) -> None:
    with work_copy(root, list(FILES)) as copy:
        place = copy.root.parent
        assert copy.root.name == "shop"
        assert place.stat().st_mode & 0o077 == 0
        assert not copy.root.is_relative_to(root)
        (copy.root / "app/ü").chmod(0o500)
        (copy.root / "app").chmod(0o000)
    assert not place.exists()


def test_a_temporary_directory_inside_the_repository_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(root))
    before = sorted(root.iterdir())
    with pytest.raises(MachineError, match="inside the repository"), work_copy(root, list(FILES)):
        pass
    assert sorted(root.iterdir()) == before


def test_a_full_disk_is_a_machine_error(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(MachineError, match="No space left"):
        make_copy(root, list(FILES), tmp_path / "copy")


def test_two_thousand_files_take_seconds_not_minutes(tmp_path: Path) -> None:
    root = tmp_path / "big"
    files = [f"p{number // 100}/m{number}.py" for number in range(2_000)]
    for path in files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x = 1\n" * 300)
    start = time.perf_counter()
    made = make_copy(root, files, tmp_path / "copy")
    copying = time.perf_counter() - start
    time.sleep(0.03)
    start = time.perf_counter()
    assert changed(made) == ()
    assert copying < 5.0  # about 0.2 s on an idle machine
    assert time.perf_counter() - start < 1.0
