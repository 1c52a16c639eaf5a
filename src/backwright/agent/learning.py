"""Lessons: learned from failures that were repaired within a run, told again where they fit, forgotten when they are old.

Nothing is concluded: a lesson says what failed and what was changed before it passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import unified_diff
from hashlib import sha256

from backwright.agent.packing import part_of
from backwright.core.acting import Failure, Part
from backwright.core.change import ChangeSet
from backwright.core.lessons import Lesson, Try
from backwright.engine.relevance import terms_of
from backwright.kit.redaction import redacted

KEPT = 100
DAYS = 90  # that a lesson is kept
TOLD = 3  # lessons at a time
_REPAIR = 40  # lines of the difference that are kept
_EVIDENCE = 12  # lines


def learned(tries: Sequence[Try], *, run: str, kind: str, at: str) -> tuple[Lesson, ...]:
    """What the attempts of a run teach: for each failure that was gone when the last attempt passed.

    None where the last attempt did not pass, and none where nothing differs between failing and passing: that was chance.
    """
    if len(tries) < 2 or tries[-1].failures:
        return ()
    passed = tries[-1]
    found: dict[str, Lesson] = {}
    for one in tries[:-1]:
        for failure in one.failures:
            repair = _difference(one.change, passed.change)
            if repair and failure.fingerprint:
                lesson = _lesson(failure, one.attempt, passed.attempt, repair, run, kind, at)
                found[failure.fingerprint] = lesson  # the last failing attempt is the nearest to the repair
    return tuple(found.values())


def _lesson(
    failure: Failure, failed: int, passed: int, repair: Mapping[str, str], run: str, kind: str, at: str
) -> Lesson:
    own = {path: text for path, text in repair.items() if path in failure.evidence}
    lines = "\n".join((own or repair).values()).splitlines()
    cut = [f"… and {len(lines) - _REPAIR} more lines"] if len(lines) > _REPAIR else []
    return Lesson(
        id=sha256(f"{run}:{failure.fingerprint}".encode()).hexdigest()[:8],
        run=run,
        failed=failed,
        passed=passed,
        at=at,
        kind=kind,
        cause=failure.cause,
        step=failure.step,
        fingerprint=failure.fingerprint,
        evidence=redacted("\n".join(failure.evidence.splitlines()[:_EVIDENCE]), random=True),
        paths=tuple(own or repair),
        repair=redacted("\n".join([*lines[:_REPAIR], *cut]), random=True),
    )


def _difference(before: ChangeSet, after: ChangeSet) -> dict[str, str]:
    """What the later change does otherwise, path to diff."""
    texts = [{edit.path: edit.after or "" for edit in change.edits} for change in (before, after)]
    base = {edit.path: edit.before or "" for edit in (*before.edits, *after.edits)}
    found = {}
    for path in sorted(base):
        old, new = (text.get(path, base[path]).splitlines() for text in texts)
        lines = list(unified_diff(old, new, path, path, lineterm="", n=1))
        if lines:
            found[path] = "\n".join(lines)
    return found


def kept(
    old: Iterable[Lesson], new: Iterable[Lesson], *, now: datetime, exists: Callable[[str], bool]
) -> tuple[Lesson, ...]:
    """What is still worth keeping, the newest first: one a failure, not too old, about files that are still there."""
    found: dict[str, Lesson] = {}
    for lesson in sorted((*old, *new), key=lambda lesson: lesson.at, reverse=True):
        found.setdefault(lesson.fingerprint, lesson)
    return tuple(one for one in found.values() if not expired(one, now=now, exists=exists))[:KEPT]


def expired(lesson: Lesson, *, now: datetime, exists: Callable[[str], bool]) -> bool:
    """Whether it is too old, or speaks of files that are all gone."""
    return now - datetime.fromisoformat(lesson.at) > timedelta(days=DAYS) or not any(map(exists, lesson.paths))


def relevant(
    lessons: Iterable[Lesson],
    *,
    kind: str,
    words: str,
    paths: Iterable[str] = (),
    failures: Sequence[Failure] = (),
) -> tuple[Lesson, ...]:
    """The few that fit: the same failure, then the same files, the same words and cause, the same kind of request."""
    near, asked = frozenset(paths), terms_of(words)
    seen, causes = {f.fingerprint for f in failures}, {f.cause for f in failures}

    def weight(lesson: Lesson) -> float:
        own = {term for path in lesson.paths for term in terms_of(path)}
        shared = len(own & asked) / len(asked) if asked else 0.0
        about = 3.0 * (lesson.fingerprint in seen) + 2.0 * bool(near & set(lesson.paths)) + 2.0 * shared
        # Of the same kind alone says nothing: then every lesson would be told every time.
        return about + 1.0 * (lesson.cause in causes) + (0.5 * (lesson.kind == kind) if about else 0.0)

    ranked = sorted(((weight(lesson), lesson) for lesson in lessons), key=lambda pair: -pair[0])
    return tuple(lesson for worth, lesson in ranked if worth >= 1.0)[:TOLD]


def part_of_lesson(lesson: Lesson) -> Part:
    """A lesson as a part of a pack."""
    return part_of("lesson", f"run {lesson.run}: {lesson.cause}", "\n".join(_told(lesson)), "this failed here before")


def page_of(lessons: Sequence[Lesson]) -> str:
    """The lessons as Markdown."""
    if not lessons:
        return "# Lessons\n\nNone yet: they come from runs whose attempt failed and whose later attempt passed.\n"
    blocks = [f"## {one.cause}: {', '.join(one.paths)}\n\n```\n{_text(one)}\n```\n" for one in lessons]
    return "# Lessons\n\n" + "\n".join(blocks)


def _text(lesson: Lesson) -> str:
    return "\n".join(_told(lesson)).replace("```", "'''")


def _told(lesson: Lesson) -> Iterator[str]:
    yield f"Attempt {lesson.failed} of run {lesson.run} ({lesson.at[:10]}) failed at {lesson.step}:"
    yield from (f"  {line}" for line in lesson.evidence.splitlines())
    yield f"Attempt {lesson.passed} passed after this change:"
    yield from (f"  {line}" for line in lesson.repair.splitlines())
