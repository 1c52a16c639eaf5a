"""A command line whose verbs are played by functions of the test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backwright.surfaces.cli.root import cli


class Stage:
    """Runs the command line in a folder; `play` replaces a function of `backwright.app`, whose calls are kept."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.calls: list[SimpleNamespace] = []
        self._monkeypatch = monkeypatch

    def play(self, module: str, function: str, act: Callable[..., Any]) -> None:
        def played(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(SimpleNamespace(name=function, args=args, kwargs=kwargs))
            return act(*args, **kwargs)

        name = f"backwright.app.{module}"
        fake = sys.modules.get(name) if getattr(sys.modules.get(name), "played", False) else None
        if fake is None:
            fake = ModuleType(name)
            fake.played = True  # type: ignore[attr-defined]
            self._monkeypatch.setitem(sys.modules, name, fake)
        setattr(fake, function, played)

    def answers(self, module: str, function: str, result: Any) -> None:
        self.play(module, function, lambda *args, **kwargs: result)

    def fails(self, module: str, function: str, error: BaseException) -> None:
        def act(*args: Any, **kwargs: Any) -> Any:
            raise error

        self.play(module, function, act)

    def run(self, *arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(arguments), input=input, prog_name="backwright")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    folder = tmp_path / "shop"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # what killed commands left elsewhere is not this test's
    for name in ("NO_COLOR", "FORCE_COLOR", "BACKWRIGHT_CONFIG", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Stage(folder, monkeypatch)
