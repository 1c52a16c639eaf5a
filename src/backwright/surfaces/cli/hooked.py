"""Before anything is imported: an edit that the resident of the repository has something to say of, or nothing."""

from __future__ import annotations

import os
import sys

from backwright.app.residing import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

STOPS = 2  # what agents take for: go back and mend it
WARNS = 1
LIMIT = 8 * 1024 * 1024  # characters of an event
_CALL = ["hook", "edited"]


def answer_hook(arguments: Sequence[str]) -> int | None:
    """The exit code where the resident of the folder we are in answered; None where the verb has to. It can read the event again."""
    if list(arguments) != _CALL:
        return None
    event = sys.stdin.read(LIMIT)
    try:
        said = told(event, os.getcwd())
    except FileNotFoundError:  # the folder we are in is gone
        said = None
    if said is None:
        import io

        sys.stdin = io.StringIO(event)
        return None
    text, stop = said
    if not text:
        return 0
    from backwright.report.sanitize import clean_block
    from backwright.surfaces.cli.streams import prepare, write

    prepare()
    write(sys.stderr, clean_block(text) + "\n")
    return STOPS if stop else WARNS
