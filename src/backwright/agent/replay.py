"""A run, told from its events."""

from __future__ import annotations

from collections.abc import Sequence

from backwright.agent.recording import Played
from backwright.core.events import Event, Run


def replay(run: str, events: Sequence[Event], *, alive: bool = False) -> Run:
    """The run. Without an ending it is "running" while its process lives, else "interrupted"."""
    task = next((str(e.body["task"]) for e in events if "task" in e.body), "")
    ended = next((str(e.body["status"]) for e in reversed(events) if "status" in e.body), "")
    return Run(run, task, ended or ("running" if alive else "interrupted"), tuple(events))


def scenes_of(run: Run) -> tuple[Played, ...]:
    """The scenes that ended, in order."""
    return tuple(
        Played(e.scene, bool(e.body.get("ok")), float(e.body.get("seconds", 0.0)), str(e.body.get("detail", "")))
        for e in run.events
        if e.body.get("scene") == "ends"
    )


def message_of(run: Run) -> str:
    """How it ended, in its own words."""
    return next((str(e.body.get("message", "")) for e in reversed(run.events) if "status" in e.body), "")
