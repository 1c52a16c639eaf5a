"""One maker at a time of what several processes of tests share."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def alone(place: Path) -> Iterator[None]:
    """Waits until no other process is in here for this place."""
    with (place.parent / f"{place.name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
