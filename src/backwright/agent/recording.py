"""Writes a run down while it happens: five scenes, each event numbered and dated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from backwright.core.errors import BackwrightError
from backwright.core.events import Asked, Event, Evidence, Primitive, Scene, Scope


class Played(msgspec.Struct, frozen=True):
    """A scene that ended; `seconds` of wall time."""

    scene: Scene
    ok: bool
    seconds: float
    detail: str = ""


@dataclass
class Playing:
    """The scene that is on. Set `detail`; `fail` ends it as not achieved without an error."""

    name: Scene
    detail: str = ""
    ok: bool = True

    def fail(self, detail: str) -> None:
        self.ok = False
        self.detail = detail


@dataclass
class Recorder:
    """One run being written down; `write` must have kept an event when it returns. `events` are all so far."""

    run: str
    write: Callable[[Event], None]
    events: list[Event] = field(default_factory=list)
    _scene: Scene = "PREPARE"

    def begin(self, asked: Asked) -> None:
        """The first event: what was asked for."""
        self.note("NOTIFY", "CODEBASE", task=asked.task, asked=asked)

    def resume(self, answers: Mapping[str, str]) -> None:
        """The run is taken up again by another process."""
        self._scene = self.events[-1].scene if self.events else "PREPARE"
        self.note("NOTIFY", "CODEBASE", resumed=True, answers=dict(answers))

    def end(self, status: str, message: str = "", **more: Any) -> None:
        """The last event. `status` as in `core.events.Run`."""
        self.note("NOTIFY", "CODEBASE", status=status, message=message, **more)

    def note(self, primitive: Primitive, scope: Scope, *, evidence: Evidence | None = None, **body: Any) -> None:
        """An event of the scene that is on."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        plain = msgspec.json.decode(msgspec.json.encode(body))  # as it will be read back
        number = len(self.events) + 1
        event = Event(self.run, number, at, self._scene, primitive, scope, plain, evidence or Evidence())
        self.write(event)
        self.events.append(event)

    @contextmanager
    def scene(self, name: Scene) -> Iterator[Playing]:
        """A scene: its beginning and its end are events, an error makes it one that was not achieved."""
        self._scene = name
        playing = Playing(name)
        started = time.monotonic()
        self.note("NOTIFY", "CODEBASE", scene="begins")
        try:
            yield playing
        except BackwrightError as error:
            playing.fail(error.message)
            raise
        except BaseException as error:
            playing.fail(type(error).__name__)
            raise
        finally:
            took = time.monotonic() - started
            self.note("NOTIFY", "CODEBASE", scene="ends", ok=playing.ok, seconds=round(took, 3), detail=playing.detail)
