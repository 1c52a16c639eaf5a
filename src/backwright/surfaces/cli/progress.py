"""How far a verb is, on standard error: one line in place on a terminal, one finished line a step elsewhere."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any, TextIO

from backwright.core.events import Event
from backwright.report.sanitize import clean
from backwright.report.terminal import Screen, clip, seconds
from backwright.report.verdict_text import MARKS
from backwright.surfaces.cli.streams import write

QUIET_TIME = 0.5  # seconds in which nothing is shown
_TICK = 0.2
_ERASE = "\r\x1b[K"


class LiveProgress:
    """A `Progress` for people. On a terminal the line goes away when the context ends.

    The clock is a timer signal and no thread: the processes that a verb starts are forked from a single thread.
    `events`, where given, gets every journal entry as a line of JSON.
    """

    def __init__(self, stream: TextIO, screen: Screen, *, silent: bool = False, events: TextIO | None = None) -> None:
        self._stream = stream
        self._screen = screen
        self._silent = silent
        self._events = events
        self._begun = time.monotonic()
        self._running: list[tuple[str, str, float]] = []
        self._held: list[str] = []  # finished lines of the quiet time
        self._drawn = False
        self._in_place = not silent and stream.isatty() and os.environ.get("TERM") != "dumb"
        self._before: Any = None

    def __enter__(self) -> LiveProgress:
        if self._in_place and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGALRM, self._tick)
            signal.setitimer(signal.ITIMER_REAL, QUIET_TIME, _TICK)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
        self._erase()

    def started(self, name: str, detail: str = "") -> None:
        """A step begins."""
        self._running.append((name, detail, time.monotonic()))
        if self._in_place and self._late():
            self._draw()

    def finished(self, name: str, outcome: str, took: float, detail: str = "") -> None:
        """A step ended after `took` seconds."""
        self._running = [step for step in self._running if step[0] != name]
        if self._silent or self._in_place:
            return
        mark = self._screen.symbol(MARKS.get(outcome, ("", ""))[0])
        self._held.append(clean(f"{mark} {name}  {outcome}, {seconds(took)}" + (f"  {detail}" if detail else "")))
        if self._late():
            write(self._stream, "".join(f"{line}\n" for line in self._held))
            self._held.clear()

    def event(self, event: Event) -> None:
        """A journal entry; whom an engine talks to is said before it does, whoever watches."""
        talks_to = event.body.get("talks_to")
        if talks_to and not self._silent:
            self._erase()
            write(self._stream, f"This run sends code to: {talks_to}\n")
        if self._events is not None:
            from backwright.kit.redaction import redacted
            from backwright.report.envelope import to_json

            write(self._events, redacted(to_json(event, indent=0), random=True))

    def _late(self) -> bool:
        return time.monotonic() - self._begun >= QUIET_TIME

    def _tick(self, signum: int, frame: FrameType | None) -> None:
        self._draw()

    def _draw(self) -> None:
        if not self._running:
            return
        name, detail, since = self._running[-1]
        took = int(time.monotonic() - since)
        text = clean(f"{name}  {took} s" + (f"  {detail}" if detail else ""))
        self._raw(_ERASE + self._screen.symbol(clip(text, self._screen.width - 1)))
        self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            self._raw(_ERASE)
            self._drawn = False

    def _raw(self, text: str) -> None:
        # Not through the text stream: a signal may arrive while that is being written to.
        with contextlib.suppress(OSError, ValueError):
            os.write(self._stream.fileno(), text.encode("utf-8", "backslashreplace"))
