"""Asks a person at the terminal to choose."""

from __future__ import annotations

import sys
from collections.abc import Callable

from backwright.core.change import Question
from backwright.core.errors import NeedsPerson
from backwright.surfaces.cli.session import Session
from backwright.surfaces.cli.streams import write

_TRIES = 3


def chooser(session: Session) -> Callable[[Question], str] | None:
    """Who asks; None where nobody may be asked: without a terminal, under `--no-input`, and for programs."""
    if session.json or session.no_input or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    return _ask


def _ask(question: Question) -> str:
    lines = [f"{number}  {option}" for number, option in enumerate(question.options, 1)]
    write(sys.stderr, "\n".join([f"{question.text}:", *lines, ""]))
    for _ in range(_TRIES):
        write(sys.stderr, f"Which? [1-{len(question.options)}] ")
        said = sys.stdin.readline().strip()
        if said in question.options:
            return said
        if said.isdecimal() and 0 < int(said) <= len(question.options):
            return question.options[int(said) - 1]
    raise NeedsPerson(question.text, hints=tuple(f"--set {question.key}={option}" for option in question.options))
