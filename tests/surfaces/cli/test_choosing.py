"""A person at the terminal is asked to choose, and nobody else is."""

from __future__ import annotations

import io
import sys

import pytest

from backwright.core.change import Question
from backwright.core.errors import NeedsPerson
from backwright.surfaces.cli.choosing import chooser
from backwright.surfaces.cli.session import Session

QUESTION = Question("orm", "which orm does this project use?", "medium", ("typeorm", "mongoose"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_terminal(monkeypatch: pytest.MonkeyPatch, typed: str) -> Terminal:
    shown = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", shown)
    return shown


@pytest.mark.parametrize("typed", ["2\n", "mongoose\n", "no\n2\n"])
def test_by_number_or_by_name(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = at_terminal(monkeypatch, typed)
    ask = chooser(Session("stack"))
    assert ask is not None
    assert ask(QUESTION) == "mongoose"
    assert "1  typeorm" in shown.getvalue()


def test_after_some_tries_it_is_left_to_later(monkeypatch: pytest.MonkeyPatch) -> None:
    at_terminal(monkeypatch, "")
    ask = chooser(Session("stack"))
    assert ask is not None
    with pytest.raises(NeedsPerson) as left:
        ask(QUESTION)
    assert left.value.hints == ("--set orm=typeorm", "--set orm=mongoose")


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    at_terminal(monkeypatch, "2\n")
    assert chooser(Session("stack", json=True)) is None
    assert chooser(Session("stack", no_input=True)) is None
    monkeypatch.setattr(sys, "stdin", io.StringIO("2\n"))
    assert chooser(Session("stack")) is None
