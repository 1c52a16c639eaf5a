"""Answers about one repository from a process that stays. Asking imports little: hooks have no time."""

from __future__ import annotations

import os
import time

from backwright.adapters.residence import ask, ask_line
from backwright.adapters.residence import root_of as root_of  # for the surfaces, which know no adapters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

_PATIENCE = 8.0  # seconds; then a hook looks for itself
_BEGINNING = 60.0  # seconds for a resident to begin, and for what it has to read first
_LOOK = 0.05  # seconds between two looks whether it has
_NOTHING = b'{"text": "", "stop": false}\n'  # what there mostly is to say
_OFF = "BACKWRIGHT_RESIDENT"  # set to 0 for no process that stays


def told(event: str, folder: str) -> tuple[str, bool] | None:
    """What the resident has to say after an edit, and whether the agent is to stop; None where nobody answers.

    `event` is what the agent wrote about the edit, `folder` where it works unless that says so.
    """
    root = root_of(folder)
    if not root:
        return None
    line = f'{{"ask": "edited", "event": "{_hex(event)}", "folder": "{_hex(folder)}"}}\n'  # JSON, without importing it
    said = ask_line(root, line.encode(), timeout=_PATIENCE)
    if said is None:
        return None
    if said == _NOTHING:
        return "", False
    import json

    try:
        answer = json.loads(said)
        return (answer["text"], answer.get("stop") is True) if isinstance(answer["text"], str) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _hex(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex()


def call_in(folder: str) -> None:
    """Start a resident for the repository of a folder, unless the user does not want one."""
    root = root_of(folder)
    if root and os.environ.get(_OFF, "") != "0" and not os.environ.get("CI"):
        _start(root)


def answered(root: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the resident, which is started where there is none. A problem in words where it does not answer."""
    given_up = time.monotonic() + _BEGINNING
    answer = ask(root, question, timeout=_BEGINNING)
    if answer is None:
        _start(root)
    while answer is None and time.monotonic() < given_up:
        time.sleep(_LOOK)
        answer = ask(root, question, timeout=_BEGINNING)
    return answer if answer is not None else {"problem": f"nothing answered in {_BEGINNING:.0f} s"}


def reside(path: Path, *, idle: float | None = None) -> bool:
    """Be the resident of a repository until nobody asks any more; False where there is one already. Raises `MachineError`."""
    from contextlib import suppress

    from backwright.adapters.parsing import standing_by
    from backwright.adapters.resident import IDLE, serve
    from backwright.app.bootstrap import registry
    from backwright.app.config import find_root
    from backwright.app.live import LiveRepository
    from backwright.app.questions import answer
    from backwright.core.errors import BackwrightError

    root = find_root(path) or path.resolve()
    with standing_by(registry().languages), LiveRepository(root) as live:

        def beat() -> None:
            with suppress(BackwrightError):  # a checkout may be under way; the next question looks again
                live.refresh()

        return serve(root, lambda question: answer(live, question), idle=IDLE if idle is None else idle, beat=beat)


def _start(root: str) -> None:
    from pathlib import Path

    from backwright.adapters.resident import start

    start(Path(root))
