"""Lessons of a repository: kept after a run, found again for another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from backwright.adapters.git import came_along
from backwright.adapters.memory import recall, remember
from backwright.adapters.state import STATE_NAME
from backwright.agent.failing import failures_of
from backwright.agent.learning import kept, learned, part_of_lesson, relevant
from backwright.app.trying import Tried
from backwright.core.acting import Failure, Part
from backwright.core.lessons import Lesson, Lessons, Try

_NAME = "lessons"


def lessons_of(root: Path) -> tuple[Lesson, ...]:
    """All that is kept and not expired, the newest first; none where they came with the repository."""
    known = recall(root, _NAME, Lessons)
    if known and came_along(root, f"{STATE_NAME}/{_NAME}.json"):
        known = None
    now = datetime.now(UTC)
    return kept(known.lessons if known else (), (), now=now, exists=lambda path: (root / path).is_file())


def learn(root: Path, tries: Sequence[Try], *, run: str, kind: str) -> tuple[Lesson, ...]:
    """Keep what the attempts of a run teach, and forget what is too old; what was learned."""
    now = datetime.now(UTC)
    new = learned(tries, run=run, kind=kind, at=now.isoformat(timespec="seconds"))
    if new:
        inside = kept(lessons_of(root), new, now=now, exists=lambda path: _is_there(root, path, new))
        remember(root, _NAME, Lessons(inside))
    return new


def learn_from(root: Path, tried: Sequence[Tried], *, run: str, kind: str) -> tuple[Lesson, ...]:
    """As `learn`, from what verification said of the attempts, the oldest first."""
    tries = [Try(n, one.change, failures_of(one.verdict, one.new_findings)) for n, one in enumerate(tried, 1)]
    return learn(root, tries, run=run, kind=kind)


def lessons_for(
    root: Path, *, kind: str, words: str, paths: Iterable[str] = (), failures: Sequence[Failure] = ()
) -> tuple[Part, ...]:
    """The lessons that fit a request, as parts of a pack."""
    found = relevant(lessons_of(root), kind=kind, words=words, paths=paths, failures=failures)
    return tuple(map(part_of_lesson, found))


def _is_there(root: Path, path: str, new: Sequence[Lesson]) -> bool:
    """Files of a change that has just passed may land a moment later, or on a branch."""
    return (root / path).is_file() or any(path in lesson.paths for lesson in new)
