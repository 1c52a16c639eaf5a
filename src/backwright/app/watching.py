"""Waiting for somebody to save a file of a repository."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from backwright.adapters.files import open_tree
from backwright.adapters.printed import Stamp, stamp_of
from backwright.core.errors import BackwrightError

SHORTEST = 0.3  # seconds between two looks
SHARE = 10  # looks at the files may take one part in so many of the time
SETTLING = 0.1  # seconds in which an editor or a checkout may still be writing

Stats = Mapping[str, Stamp]


def saved(path: Path, *, wait: Callable[[float], None] = time.sleep) -> Iterator[tuple[str, ...]]:
    """The paths that were changed, added or removed, each time there are some and none has followed for a moment.

    The listing is git's, so nothing is said of files that git ignores. Looking again and again needs no service of the
    system, and works where those are blind: in containers, and on file systems of other machines.
    """
    before = _stats(path)
    while True:
        started = time.monotonic()
        now = _stats(path)
        changed = _changed(before, now)
        if changed:
            while changed != (changed := _changed(before, now := _after(path, SETTLING, wait))):
                pass
            before = now
            if changed:
                yield changed
                continue
        wait(max(SHORTEST, SHARE * (time.monotonic() - started)))


def _after(path: Path, seconds: float, wait: Callable[[float], None]) -> Stats:
    wait(seconds)
    return _stats(path)


def _stats(path: Path) -> Stats:
    """Nothing where the tree cannot be listed at this moment: a checkout may be under way."""
    try:
        with open_tree(path) as tree:
            return {path: stamp_of(status) for path, status in tree.stats().items()}
    except BackwrightError:
        return {}


def _changed(before: Stats, now: Stats) -> tuple[str, ...]:
    return tuple(sorted(path for path in {*before, *now} if before.get(path) != now.get(path)))
