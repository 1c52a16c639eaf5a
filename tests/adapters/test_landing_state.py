from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from backwright.adapters.state import STATE_NAME, existing_state, open_state, open_state_if_possible
from backwright.core.errors import MachineError


def test_git_does_not_see_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    state = open_state(tmp_path)
    (state / "landing.db").touch()
    seen = subprocess.run(["git", "-C", tmp_path, "status", "--porcelain"], check=True, capture_output=True).stdout
    assert seen == b""
    assert state == open_state(tmp_path) == existing_state(tmp_path)


def test_it_is_private(tmp_path: Path) -> None:
    assert open_state(tmp_path).stat().st_mode & 0o077 == 0


def test_asking_creates_nothing(tmp_path: Path) -> None:
    assert existing_state(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"!landing.db\n"])
def test_the_ignore_file_is_mended(tmp_path: Path, content: bytes) -> None:
    """Cut short by a kill, or shipped by the repository."""
    (open_state(tmp_path) / ".gitignore").write_bytes(content)
    assert (open_state(tmp_path) / ".gitignore").read_bytes() == b"*\n"


def test_an_ignore_file_that_is_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / STATE_NAME).mkdir()
    (tmp_path / STATE_NAME / ".gitignore").symlink_to(tmp_path / "theirs")
    open_state(tmp_path)
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert (tmp_path / STATE_NAME / ".gitignore").read_bytes() == b"*\n"


def test_something_else_in_its_place(tmp_path: Path) -> None:
    (tmp_path / STATE_NAME).write_text("a file")
    assert existing_state(tmp_path) is None
    assert open_state_if_possible(tmp_path) is None
    with pytest.raises(MachineError, match="not a directory"):
        open_state(tmp_path)


def test_a_read_only_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "mkdir", refuse)
    assert open_state_if_possible(tmp_path) is None
    with pytest.raises(MachineError, match="Read-only") as caught:
        open_state(tmp_path)
    assert caught.value.exit_code == 3
    assert "read-only" in caught.value.hints[0]
