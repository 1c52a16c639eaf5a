"""Before anything is imported: a call that was made before, with nothing changed since, prints what it printed then."""

from __future__ import annotations

import sys
import time

from backwright.app.again import VERBS, find_printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def print_again(arguments: Sequence[str]) -> int | None:
    """The exit code of a call whose output is known and was written; None for others, which have to be worked out."""
    began = time.monotonic()
    if not any(verb in arguments for verb in VERBS):
        return None
    printed = find_printed(arguments)
    if printed is None:
        return None
    from backwright.surfaces.cli.streams import prepare, write

    prepare()
    write(sys.stdout, printed.output(time.monotonic() - began))
    write(sys.stderr, printed.error)
    return printed.code
