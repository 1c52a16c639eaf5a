"""Runs programs: an argv and never a shell, a small environment, an end that is sure.

Every program leads its own process group, reads nothing, and is killed with all its children when its time is up or
when we are interrupted.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Protocol

from backwright.core.errors import MachineError

OUTPUT_LIMIT = 10 * 1024 * 1024  # bytes kept of a program's output, half from its beginning, half from its end
GRACE = 2.0  # seconds between asking a group to end and killing it

_PASSED_ON = {"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "USER", "LOGNAME", "VIRTUAL_ENV"}
_ALWAYS = {"CI": "1", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


@dataclass(frozen=True)
class Completed:
    """How a program ended. `exit_code` is negative where a signal ended it, None where it could not be started."""

    argv: tuple[str, ...]
    exit_code: int | None
    seconds: float
    output: str  # both streams in the order they were written, free of control characters
    timed_out: bool = False
    truncated: bool = False  # the middle of the output is missing
    errors: str = ""  # standard error, where it was asked for by itself
    stopped: str = ""  # why it was stopped before its time: "it used more than 4096 MiB of memory"

    def tail(self, lines: int = 40) -> str:
        """The last lines of the output."""
        return "\n".join(self.output.rstrip().splitlines()[-lines:])


class Run(Protocol):
    """How a command is run: `run` itself, or in a sandbox."""

    def __call__(self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float) -> Completed:
        """As `run`."""
        ...


@dataclass(frozen=True)
class Attendance:
    """Who stands by while a program runs.

    `started` gets its process id at once, `heard` each piece of its standard output, and `why_stop` is asked many times
    a second: a sentence ends the program. `apart` keeps standard error out of the output. `given` is its standard input.
    """

    started: Callable[[int], None] | None = None
    heard: Callable[[bytes], None] | None = None
    why_stop: Callable[[], str] | None = None
    apart: bool = False
    given: bytes = b""
    descriptors: Sequence[int] = ()  # that the program gets, besides its three streams


NOBODY = Attendance()


def clean_environment(extra: Mapping[str, str], source: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a program: what it needs of ours (no key, no token, no password), and `extra`.

    The folder of our own virtual environment is taken out of PATH, so that the project's tools are never ours.
    """
    ours = os.environ if source is None else source
    kept = {name: value for name, value in ours.items() if name in _PASSED_ON or name.startswith("LC_")}
    own = str(Path(sys.prefix) / "bin")
    if sys.prefix != sys.base_prefix:
        kept["PATH"] = os.pathsep.join(p for p in kept.get("PATH", os.defpath).split(os.pathsep) if p != own)
        if kept.get("VIRTUAL_ENV") == sys.prefix:
            del kept["VIRTUAL_ENV"]
    return kept | _ALWAYS | dict(extra)


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    limit: int = OUTPUT_LIMIT,
    attended: Attendance = NOBODY,
) -> Completed:
    """Runs `argv` in `cwd` with exactly `env`, for at most `timeout` seconds.

    A program that is missing or may not be run gives an `exit_code` of None and the reason as output.
    Raises `MachineError` where `cwd` cannot be entered, and what those who attend raise, the program being gone then.
    """
    if not cwd.is_dir():
        raise MachineError(f"the folder {cwd.name} is not there", where=str(cwd))
    started = time.monotonic()
    with TemporaryFile() as given:
        given.write(attended.given)
        given.seek(0)
        try:
            process = subprocess.Popen(
                list(argv),
                cwd=cwd,
                env=dict(env),
                stdin=given if attended.given else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if attended.apart else subprocess.STDOUT,
                start_new_session=True,
                pass_fds=attended.descriptors,
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL byte in an argument
            return Completed(tuple(argv), None, time.monotonic() - started, printable(f"{argv[0]}: {error}"))
    watch = _Watch(process, started + timeout, attended, _Kept(limit), _Kept(limit))
    try:
        if attended.started:
            attended.started(process.pid)
        timed_out = watch.drain()
    except BaseException:
        _kill_group(process)
        raise
    finally:
        watch.close()
    _kill_group(process)  # children that outlive their parent, and the program itself when its time is up
    return Completed(
        argv=tuple(argv),
        exit_code=process.returncode,
        seconds=time.monotonic() - started,
        output=printable(watch.kept.text()),
        timed_out=timed_out,
        truncated=watch.kept.truncated,
        errors=printable(watch.errors.text()),
        stopped=watch.stopped,
    )


def printable(text: str) -> str:
    """`text` without terminal sequences; of a line rewritten in place its last state; other controls as escapes."""
    plain = _ESCAPE_SEQUENCE.sub("", text.replace("\r\n", "\n"))
    if "\r" in plain:
        plain = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in plain.split("\n"))
    return _CONTROL.sub(lambda m: m.group().encode("unicode_escape").decode("ascii"), plain)


@dataclass
class _Watch:
    """A running program between its start and its end."""

    process: subprocess.Popen[bytes]
    deadline: float
    attended: Attendance
    kept: _Kept
    errors: _Kept
    stopped: str = ""

    def drain(self) -> bool:
        """Reads until the program has ended and its output is read; True where the deadline came first."""
        ended_at = None
        with selectors.DefaultSelector() as selector:
            for stream in self._streams():
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                now = time.monotonic()
                if now >= self.deadline:
                    return True
                self.stopped = self.attended.why_stop() if self.attended.why_stop else ""
                if self.stopped:
                    return False
                if ended_at is None and self.process.poll() is not None:
                    ended_at = now
                if ended_at is not None and now > ended_at + GRACE:
                    return False  # a child keeps the pipe open
                ready = selector.select(timeout=min(self.deadline - now, 0.05 if ended_at is None else 0.01))
                if not ready and ended_at is not None and now > ended_at + 0.2:
                    return False
                for key, _ in ready:
                    if self._read(key.fd) == b"":
                        selector.unregister(key.fileobj)  # closed by everyone
        return self._wait()

    def close(self) -> None:
        for stream in self._streams():
            stream.close()

    def _streams(self) -> list[IO[bytes]]:
        return [stream for stream in (self.process.stdout, self.process.stderr) if stream is not None]

    def _read(self, descriptor: int) -> bytes:
        try:
            chunk = os.read(descriptor, 65536)
        except BlockingIOError:
            return b" "
        if self.process.stderr is not None and descriptor == self.process.stderr.fileno():
            self.errors.add(chunk)
        else:
            self.kept.add(chunk)
            if chunk and self.attended.heard:
                self.attended.heard(chunk)
        return chunk

    def _wait(self) -> bool:
        """A program that has closed its output may go on for a long time."""
        while self.process.poll() is None:
            if time.monotonic() >= self.deadline:
                return True
            self.stopped = self.attended.why_stop() if self.attended.why_stop else ""
            if self.stopped:
                return False
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(min(0.05, max(0.0, self.deadline - time.monotonic())))
        return False


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Ends the program's whole group: politely where it still runs, then for sure."""
    if process.poll() is None:
        _signal(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # all gone; macOS refuses for a group of zombies
        os.killpg(group, number)


class _Kept:
    """The beginning and the end of an output of any length."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self.dropped = 0

    def add(self, chunk: bytes) -> None:
        room = self._half - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if not chunk:
            return
        self._tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size - len(self._tail[0]) >= self._half:
            gone = self._tail.popleft()
            self._tail_size -= len(gone)
            self.dropped += len(gone)

    @property
    def truncated(self) -> bool:
        return self.dropped > 0 or self._tail_size > self._half

    def text(self) -> str:
        tail = b"".join(self._tail)
        over = max(0, len(tail) - self._half)
        gap = f"\n[{self.dropped + over} bytes left out]\n".encode() if self.dropped + over else b""
        return (bytes(self._head) + gap + tail[over:]).decode("utf-8", "replace")
