"""Folders of processes that are alive stay; those of killed ones go, with the processes that still work in them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from backwright.adapters.privatedir import PrivateDir, sweep
from backwright.core.errors import MachineError

_OWNER = """
import os, sys, time
from pathlib import Path
from backwright.adapters.privatedir import PrivateDir
from backwright.adapters.shell import run
with PrivateDir("test") as folder:
    (folder / "work").mkdir()
    os.chmod(folder / "work", 0o500)
    print(folder, flush=True)
    script = "sleep 60 & echo $! > pid.new; mv pid.new pid; wait"
    run(("sh", "-c", script), cwd=folder, env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)}, timeout=60)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_what_is_in_use_stays_and_goes_with_its_context(temporary: Path) -> None:
    with PrivateDir("test") as folder:
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "file").write_text("x")
        assert sweep() == (0, 0)
        assert (folder / "file").exists()
    assert not folder.exists()
    assert sweep() == (0, 0)


def test_what_a_killed_process_left_is_removed_with_its_processes(temporary: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip())
    while not (folder / "pid").exists():
        time.sleep(0.01)
    orphan = int((folder / "pid").read_text())
    assert sweep() == (0, 0)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    os.kill(orphan, 0)
    assert sweep() == (1, 2)
    assert not folder.exists()
    assert not _runs(orphan)
    assert list(temporary.iterdir()) == []


def _runs(pid: int) -> bool:
    try:
        return b"sleep" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_what_is_not_ours_stays(temporary: Path) -> None:
    (temporary / "backwright-somebody").mkdir()
    (temporary / "backwright-somebody" / "notes.txt").write_text("mine")
    (temporary / "elsewhere").mkdir()
    (temporary / "elsewhere" / ".backwright-lock").write_text("")
    (temporary / "backwright-link").symlink_to(temporary / "elsewhere")
    (temporary / "backwright-file").write_text("x")
    (temporary / "backwright-killed-before-it-was-locked").mkdir()
    assert sweep() == (0, 0)
    names = {path.name for path in temporary.iterdir()}
    assert names == {"backwright-somebody", "elsewhere", "backwright-link", "backwright-file"}
    assert (temporary / "elsewhere" / ".backwright-lock").exists()


def test_many_at_once_do_not_disturb_each_other(temporary: Path) -> None:
    script = """
from backwright.adapters.privatedir import PrivateDir, sweep
for _ in range(150):
    with PrivateDir("test") as folder:
        (folder / "a").write_text("x")
        sweep()
        assert (folder / "a").read_text() == "x"
"""
    others = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(4)]
    assert [other.wait() for other in others] == [0, 0, 0, 0]
    assert list(temporary.iterdir()) == []


def test_no_room_for_temporary_files_is_said(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "absent"))
    with pytest.raises(MachineError, match="private folder for temporary files"):
        PrivateDir("test")
