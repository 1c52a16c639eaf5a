"""`check --watch`: the findings again after every save."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from backwright.core.errors import BackwrightError, UsageError
from backwright.surfaces.cli.session import Session

_SHOWN = 3  # paths named in the line above the findings
_FORMATS = ("full", "concise", "jsonl")


def refuse_beside_watching(options: dict[str, object], formats: list[str], *, as_json: bool) -> None:
    """Raise `UsageError` for what makes no sense again and again."""
    for name in ("fix", "diff", "add_ignores", "write_baseline", "output"):
        if options[name]:
            raise UsageError(f"--watch does not go with --{name.replace('_', '-')}")
    wrong = next((f for f in formats if f not in _FORMATS), "json" if as_json else "")
    if wrong:
        raise UsageError(f"--watch does not go with the format {wrong}", hints=(f"it takes {', '.join(_FORMATS)}",))


def watch(session: Session, where: Path, look: Callable[[], int]) -> int:
    """`look` now and after every save, until it is interrupted; the exit code is that of the last look."""
    from backwright.app.watching import saved

    changes = saved(where)
    code = _look(session, look)
    session.say("\nWatching for changes. Ctrl-C ends.")
    try:
        for paths in changes:
            named = ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
            session.say(f"\n{time.strftime('%H:%M:%S')} {named}")
            code = _look(session, look)
    except KeyboardInterrupt:
        session.say("")
    return code


def _look(session: Session, look: Callable[[], int]) -> int:
    """A mistake in the configuration or a broken tree is said, and may be gone after the next save."""
    try:
        return look()
    except BackwrightError as error:
        from backwright.report.error_text import render_error

        session.say(render_error(error.message, session.screen(), where=error.where, hints=error.hints).rstrip())
        return error.exit_code
