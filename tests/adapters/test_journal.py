"""The journal of runs: what was written survives, and a dead run is known to be dead."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from backwright.adapters.journal import RunJournal
from backwright.core.errors import MachineError
from backwright.core.events import Event


def event(run: str, seq: int, at: str = "2025-01-01T00:00:00+00:00") -> Event:
    return Event(run, seq, at, "ACT", "WRITE", "CODEBASE", {"paths": ["a.py"], "n": seq, "word": "ü"})


def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    with RunJournal.open(tmp_path) as journal:
        journal.append(event("aaaa", 1))
        journal.append(event("bbbb", 1, "2025-01-02T00:00:00+00:00"))
        journal.append(event("aaaa", 2))
    with RunJournal.read(tmp_path) as again:
        assert again is not None
        assert again.events("aaaa") == (event("aaaa", 1), event("aaaa", 2))
        assert again.runs() == ("bbbb", "aaaa")
        assert again.events("cccc") == ()


def test_nothing_is_created_by_looking(tmp_path: Path) -> None:
    with RunJournal.read(tmp_path) as journal:
        assert journal is None
    assert not list(tmp_path.iterdir())


def test_a_journal_that_is_just_being_made_is_none_yet(tmp_path: Path) -> None:
    with RunJournal.open(tmp_path):
        file = tmp_path / ".backwright/runs.db"
    file.write_bytes(b"")
    with RunJournal.read(tmp_path) as journal:
        assert journal is None


def test_the_same_event_twice_is_refused(tmp_path: Path) -> None:
    with RunJournal.open(tmp_path) as journal:
        journal.append(event("aaaa", 1))
        with pytest.raises(MachineError, match="journal of runs"):
            journal.append(event("aaaa", 1))


def test_a_killed_run_is_not_alive(tmp_path: Path) -> None:
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        with RunJournal.open(tmp_path) as journal, journal.hold("aaaa"):
            journal.append(event("aaaa", 1))
            os.write(tell, b"x")
            signal.pause()
        os._exit(0)
    os.read(ready, 1)
    with RunJournal.read(tmp_path) as seen:
        assert seen is not None
        assert seen.alive("aaaa")
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert not seen.alive("aaaa")
        assert seen.events("aaaa") == (event("aaaa", 1),)


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".backwright").mkdir()
    (tmp_path / "elsewhere").touch()
    (tmp_path / ".backwright" / "runs.db").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MachineError, match="symbolic link"), RunJournal.open(tmp_path):
        pass
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_a_damaged_journal_is_said_to_be(tmp_path: Path) -> None:
    with RunJournal.open(tmp_path):
        pass
    (tmp_path / ".backwright" / "runs.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(MachineError, match="cannot be used"), RunJournal.read(tmp_path):
        pass


def test_a_child_that_outlives_a_killed_run_does_not_keep_it_alive(tmp_path: Path) -> None:
    """A worker that is forked while a run is held ends a moment after it."""
    reading, writing = os.pipe()
    run = os.fork()
    if run == 0:
        with RunJournal.open(tmp_path) as journal, journal.hold("aaaa"):
            if os.fork() == 0:
                os.write(writing, str(os.getpid()).encode())
                time.sleep(30)
                os._exit(0)
            signal.pause()
    worker = int(os.read(reading, 20))
    os.kill(run, signal.SIGKILL)
    os.waitpid(run, 0)
    try:
        with RunJournal.open(tmp_path) as journal:
            assert not journal.alive("aaaa")
            with journal.hold("aaaa", wait=False):
                assert journal.alive("aaaa")
    finally:
        os.kill(worker, signal.SIGKILL)
        os.close(reading)
        os.close(writing)
