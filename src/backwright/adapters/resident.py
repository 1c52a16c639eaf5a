"""A process that stays: it keeps in memory what it read of one repository, and answers whoever of this user asks (`residence`).

Questions are answered one after the other. It ends by itself: when nobody has asked for a while, when the repository is
gone, or when the program that it runs was changed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backwright.adapters.residence import place, read_line
from backwright.adapters.shell import clean_environment
from backwright.adapters.state import machine_error

IDLE = 900.0  # seconds without a question after which it ends
_BEAT = 1.0  # seconds between two looks at what is around
_SHARE = 30  # looks may take one part in so many of the time
_PATIENCE = 5.0  # seconds in which a question has to be asked in full

Question = Mapping[str, Any]
Answer = Callable[[Question], Mapping[str, Any]]


def start(root: Path) -> None:
    """Start a resident for this repository, which outlives us; one that finds another there ends at once."""
    own = [sys.executable, "-P", "-m", "backwright.surfaces.cli", "-C", str(root), "--quiet", "serve", "resident"]
    with contextlib.suppress(OSError):  # it only makes the next answer quicker
        subprocess.Popen(
            own,
            cwd="/",
            env=clean_environment({name: value for name, value in os.environ.items() if name.startswith("XDG_")}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def serve(root: Path, answer: Answer, *, idle: float = IDLE, beat: Callable[[], None] = lambda: None) -> bool:
    """Answer questions until it is time to end; False where another resident is there already.

    `beat` is called now and then while nobody asks. Raises `MachineError` where no socket can be made.
    """
    where = place(str(root), make=True)
    if where is None:
        raise machine_error("listen for questions", OSError(errno.EPERM, "no folder of our own for sockets"))
    try:
        lock = os.open(f"{where}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as refused:
        raise machine_error("listen for questions", refused, where=where) from refused
    with contextlib.closing(os.fdopen(lock, "wb")):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            Path(where).unlink(missing_ok=True)  # of one that was killed: the lock is ours
            listening.bind(where)
            listening.listen(16)
            try:
                _listen(listening, root, answer, idle, beat)
            finally:
                Path(where).unlink(missing_ok=True)
    return True


def _listen(listening: socket.socket, root: Path, answer: Answer, idle: float, beat: Callable[[], None]) -> None:
    made = _program()
    identity = root.stat().st_ino
    last, pause = time.monotonic(), _BEAT
    with selectors.DefaultSelector() as waiting:
        waiting.register(listening, selectors.EVENT_READ)
        while time.monotonic() - last < idle:
            if waiting.select(min(pause, idle)):
                wire, _ = listening.accept()
                with wire:
                    _answer(wire, answer)
                last = time.monotonic()
            elif not _stands(root, identity) or _program() != made:
                return
            else:
                began = time.monotonic()
                beat()
                pause = max(_BEAT, _SHARE * (time.monotonic() - began))


def _answer(wire: socket.socket, answer: Answer) -> None:
    """One question. Who asks in a wrong way, or goes before the answer, is left alone."""
    with contextlib.suppress(OSError, ValueError):
        wire.settimeout(_PATIENCE)
        question = json.loads(read_line(wire, time.monotonic() + _PATIENCE))
        if isinstance(question, dict):
            wire.sendall(json.dumps(answer(question)).encode() + b"\n")


def _stands(root: Path, identity: int) -> bool:
    try:
        return root.stat().st_ino == identity
    except OSError:
        return False


def _program() -> int:
    """When the newest of the modules that run here was changed."""
    files = (
        getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name.startswith("backwright")
    )
    newest = 0
    for file in files:
        with contextlib.suppress(OSError):
            newest = max(newest, Path(file).stat().st_mtime_ns if file else 0)
    return newest
