"""What a repository taught a run: a failure that was seen, and the change after which it was gone."""

from __future__ import annotations

import msgspec

from backwright.core.acting import Failure
from backwright.core.change import ChangeSet


class Try(msgspec.Struct, frozen=True):
    """One attempt of a run: the change as it was verified, and why it was not proven; without failures it was."""

    attempt: int
    change: ChangeSet
    failures: tuple[Failure, ...] = ()


class Lesson(msgspec.Struct, frozen=True):
    """A failure of attempt `failed` of a run that attempt `passed` of it had no more, and what changed between them.

    Everything in it was seen: `evidence` is what the failing step showed, `repair` the difference of the two changes.
    """

    id: str
    run: str
    failed: int
    passed: int
    at: str  # ISO 8601, UTC: when it passed
    kind: str  # of the request
    cause: str  # as in `Failure`, and so are the next two
    step: str
    fingerprint: str
    evidence: str
    paths: tuple[str, ...]  # files that the repair changed
    repair: str


class Lessons(msgspec.Struct, frozen=True):
    """All that is kept of one repository, the newest first."""

    lessons: tuple[Lesson, ...] = ()
