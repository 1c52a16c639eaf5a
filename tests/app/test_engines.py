"""Engines are found by their names, wherever they come from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from backwright.app import engines
from backwright.app.engines import engine_named, known_engines
from backwright.core.errors import BackwrightError, UsageError


def install(monkeypatch: pytest.MonkeyPatch, *offered: dict[str, Any]) -> None:
    entries = [SimpleNamespace(load=lambda one=one: one) for one in offered]
    monkeypatch.setattr(engines, "entry_points", lambda group: entries)


def test_what_others_installed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def opens(**given: object) -> Any:
        return None

    install(monkeypatch, {"robot": opens})
    assert engine_named("robot") == opens
    assert "robot" in known_engines()


def test_a_name_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, {"robot": print}, {"robot": print})
    with pytest.raises(BackwrightError, match="two engines"):
        known_engines()
    install(monkeypatch, {"blueprint": print})
    with pytest.raises(BackwrightError, match="two engines"):
        known_engines()


def test_an_unknown_name_is_told_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, {"robot": print})
    with pytest.raises(UsageError, match="no engine is called `robott`") as refused:
        engine_named("robott")
    assert refused.value.hints == ("did you mean `robot`?",)
    with pytest.raises(UsageError) as refused:
        engine_named("x9")
    assert "blueprint" in refused.value.hints[0]
