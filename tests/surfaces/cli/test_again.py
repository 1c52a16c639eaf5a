"""Calls that print again what they printed: only while nothing has changed that it came from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backwright.adapters import files, printed
from backwright.app import again as app_again
from backwright.surfaces.cli import again
from backwright.surfaces.cli import root as root_command

TICK = 10_000_000  # nanoseconds: longer than the clock of any file system the tests run on
SAMPLE = Path(__file__).parents[2] / "repos" / "shop_layered"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in whose folder calls are made, and where files settle at once."""
    root = tmp_path / "shop"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (root / "empty/inner").mkdir(parents=True)
    (root / "ignored").mkdir()
    (root / "ignored/.gitignore").write_text("*.tmp\n")
    (root / "link.py").symlink_to("app/main.py")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    monkeypatch.setattr(files, "GRANULARITY", TICK)
    monkeypatch.chdir(root)
    return root


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def called(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of the process that these arguments make."""
    time.sleep(TICK * 2 / 1e9)
    monkeypatch.setattr("sys.argv", ["backwright", *arguments])
    code = again.print_again(arguments)
    if code is not None:
        return code
    with pytest.raises(SystemExit) as ended:
        root_command.cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def is_known(*arguments: str) -> bool:
    time.sleep(TICK * 2 / 1e9)
    return app_again.find_printed(arguments) is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ("map",),
        ("check",),
        ("stack",),
        ("map", "--json"),
        ("check", "--json"),
        ("stack", "--json"),
        ("check", "app", "-q"),
    ],
)
def test_the_same_is_printed_with_the_same_exit_code(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    called(monkeypatch, *arguments)  # makes the state folder, which changes the root
    capfd.readouterr()
    code, worked_out = called(monkeypatch, *arguments), capfd.readouterr()
    assert is_known(*arguments)
    assert called(monkeypatch, *arguments) == code
    repeated = capfd.readouterr()
    assert timeless(repeated.out) == timeless(worked_out.out)
    assert repeated.err == worked_out.err
    assert worked_out.out


def timeless(text: str) -> list[str]:
    """The lines without the one that says how long it took."""
    return re.sub(r'(, |"seconds": )[0-9.]+( s\.)?', r"\1…", text).splitlines()


CHANGES: list[Callable[[Path], object]] = [
    lambda root: (root / "app/main.py").write_text((root / "app/main.py").read_text() + "\n# more\n"),
    lambda root: (root / "app/new.py").write_text("A = 1\n"),
    lambda root: (root / "empty/inner/new.py").write_text("A = 1\n"),
    lambda root: (root / "app/main.py").unlink(),
    lambda root: (root / "ignored/.gitignore").write_text("*.py\n"),
    lambda root: (root / ".gitignore").write_text("app/\n"),
    lambda root: (root / ".git/info/exclude").write_text("app/\n"),
    lambda root: (root / "backwright.toml").write_text('[backwright]\nexclude = ["app/**"]\n'),
    lambda root: git(root, "commit", "--allow-empty", "-qm", "second"),
    lambda root: git(root, "checkout", "-qb", "other"),
    lambda root: git(root, "rm", "-q", "--cached", "app/main.py"),
    lambda root: git(root, "init", "-q", "app"),
    lambda root: (root / "app/main.py").rename(root / "app/moved.py"),
    lambda root: (root / "link.py").unlink(),
    lambda root: os.utime(root / "app/main.py"),
    lambda root: (root / ".backwright/landing.db").write_bytes(b"half way"),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_whatever_changes_it_is_worked_out_again(shop: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    for _ in range(2):
        called(monkeypatch, "map")
    assert is_known("map")
    CHANGES[number](shop)
    assert not is_known("map")


def test_another_call_is_another_answer(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        called(monkeypatch, "check")
    assert is_known("check")
    assert not is_known("check", "--json")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not is_known("check")
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setattr(printed, "program_state", lambda: "another version")
    assert not is_known("check")
    monkeypatch.undo()
    monkeypatch.chdir(shop / "app")
    assert not is_known("check")


def test_what_does_more_than_printing_is_never_only_printed(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = str(tmp_path / "report.json")
    for arguments in (
        ("check", "-o", out),
        ("check", "--since", "HEAD"),
        ("check", "--format", "github"),
        ("check", "--diff"),
    ):
        for _ in range(2):
            called(monkeypatch, *arguments)
        assert not is_known(*arguments)
    (shop / "app/main.py").write_text("# just now\n")
    called(monkeypatch, "map")


def test_a_record_that_came_with_a_copy_or_was_damaged_is_not_believed(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for _ in range(2):
        called(monkeypatch, "map")
    (record,) = (shop / ".backwright/cache/printed").iterdir()
    whole = record.read_bytes()
    for damaged in (b"", whole[:-1], whole[:-1] + b"?", b"\n", whole.replace(b"House", b"Mouse")):
        record.write_bytes(damaged)
        assert not is_known("map")
    record.write_bytes(whole)
    assert is_known("map")
    copy = tmp_path / "copy"
    shutil.copytree(shop, copy, symlinks=True)
    shop.rename(tmp_path / "away")
    copy.rename(shop)
    monkeypatch.chdir(shop)
    assert not is_known("map")


def test_few_records_are_kept_and_the_last_check_is_noted(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "KEPT", 2)
    for arguments in (("map",), ("map", "-v"), ("map", "--json"), ("check",), ("check",)):
        called(monkeypatch, *arguments)
    assert len(list((shop / ".backwright/cache/printed").iterdir())) == 2
    note = shop / ".backwright/check.json"
    then = note.read_text()
    monkeypatch.setattr(time, "gmtime", lambda: time.struct_time((2030, 1, 2, 3, 4, 5, 0, 1, 0)))
    assert is_known("check")
    now = note.read_text()
    assert '"2030-01-02T03:04:05+00:00"' in now
    assert len(now) == len(then)
