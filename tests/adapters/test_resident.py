"""A process that stays, and asking it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backwright.adapters.residence import ask, place
from backwright.adapters.resident import serve


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@contextmanager
def residing(root: Path, **more: Any) -> Iterator[threading.Thread]:
    root.mkdir(exist_ok=True)
    thread = threading.Thread(target=serve, args=(root, lambda question: {"heard": dict(question)}), kwargs=more)
    thread.start()
    deadline = time.monotonic() + 10
    while ask(str(root), {}, timeout=5) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    yield thread
    if root.exists():
        root.rmdir()
    thread.join(10)
    assert not thread.is_alive()


def test_it_answers_who_asks(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    assert ask(str(root), {"ask": "?"}, timeout=1) is None
    with residing(root):
        assert ask(str(root), {"ask": "ü\n"}, timeout=5) == {"heard": {"ask": "ü\n"}}
        assert ask(str(tmp_path), {"ask": "?"}, timeout=1) is None  # another repository
    assert ask(str(root), {"ask": "?"}, timeout=1) is None


def test_there_is_one_for_each_repository(tmp_path: Path) -> None:
    with residing(tmp_path / "shop"):
        assert not serve(tmp_path / "shop", lambda _: {}, idle=1)
        assert ask(str(tmp_path / "shop"), {"a": 1}, timeout=5) == {"heard": {"a": 1}}


def test_it_ends_when_nobody_asks(tmp_path: Path) -> None:
    with residing(tmp_path / "shop", idle=0.3) as thread:
        thread.join(10)
        assert not thread.is_alive()


def test_one_that_was_killed_is_followed(tmp_path: Path) -> None:
    where = place(str(tmp_path / "shop"), make=True)
    assert where is not None
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(where)  # and nobody listens
    assert ask(str(tmp_path / "shop"), {}, timeout=1) is None
    with residing(tmp_path / "shop"):
        assert ask(str(tmp_path / "shop"), {"a": 1}, timeout=5) == {"heard": {"a": 1}}


@pytest.mark.parametrize("said", [b"", b"\n", b"no json\n", b"[]\n", b"\xff\n", b'{"half": ', b"x" * 100_000])
def test_who_asks_in_a_wrong_way_harms_nobody(tmp_path: Path, said: bytes) -> None:
    root = tmp_path / "shop"
    with residing(root):
        where = place(str(root))
        assert where is not None
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(where)
            wire.sendall(said)
        assert ask(str(root), {"a": 1}, timeout=20) == {"heard": {"a": 1}}


def test_a_folder_of_others_is_not_used(tmp_path: Path) -> None:
    where = place(str(tmp_path), make=True)
    assert where is not None
    folder = Path(where).parent
    folder.chmod(0o755)
    assert place(str(tmp_path)) is None
    folder.rmdir()
    target = tmp_path / "elsewhere"
    target.mkdir(mode=0o700)
    folder.symlink_to(target)
    assert place(str(tmp_path), make=True) is None


def test_an_answer_that_is_none_is_none(tmp_path: Path) -> None:
    root = str(tmp_path / "shop")
    where = place(root, make=True)
    assert where is not None

    def lie(listening: socket.socket) -> None:
        wire, _ = listening.accept()
        with wire:
            wire.recv(1000)
            wire.sendall(b"nonsense\n")

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(where)
        listening.listen()
        thread = threading.Thread(target=lie, args=(listening,))
        thread.start()
        assert ask(root, json.loads("{}"), timeout=5) is None
        thread.join(10)
    Path(where).unlink()
