"""One call of a verb: its options, its streams, and how its result is shown."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from backwright.app.again import Again
from backwright.core.errors import UsageError
from backwright.surfaces.cli.streams import heard, write

if TYPE_CHECKING:
    from backwright.app.config import Config
    from backwright.report.terminal import Screen
    from backwright.surfaces.cli.consent import Asker
    from backwright.surfaces.cli.progress import LiveProgress

_RUNNING = ("apply", "run", "verify")
_WIDTH = 100  # columns where there is no terminal to measure


class Renderer(Protocol):
    """A renderer of `report`: the result as text for people."""

    def __call__(self, result: Any, screen: Screen, *, verbose: bool = False) -> str: ...


@dataclass
class Kept:
    """How a call ends that may be printed again."""

    again: Again = field(default_factory=Again)
    code: int | None = None
    seconds: float = 0.0

    def said(self, code: int, seconds: float) -> int:
        """The verb's exit code; all is written by now, also that it took so many seconds."""
        self.code, self.seconds = code, seconds
        return code


@dataclass(frozen=True)
class Session:
    """The options that mean the same everywhere. `base` is the folder that paths are relative to.

    `arguments` are those of the process, None where the command line is called by a program.
    """

    verb: str
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    configs: tuple[str, ...] = ()
    isolated: bool = False
    no_input: bool = False
    base: Path = Path()
    allowed: Mapping[str, tuple[Any, str]] = field(default_factory=dict)  # as `config` takes what this line changes
    external: bool = False
    arguments: tuple[str, ...] | None = None

    def path(self, argument: str = "") -> Path:
        """The folder or file that the verb is about; what a killed command left there is cleared up first, and told.

        Raises `UsageError` when it does not exist.
        """
        from backwright.app.recovering import recover_at

        path = self.base / argument if argument else self.base
        try:
            path.absolute()
        except FileNotFoundError:
            gone = "the folder you are in does not exist any more"
            raise UsageError(gone, hints=("go to the folder of your backend, or name it: -C DIR",)) from None
        try:
            there = path.exists()
        except OSError as error:  # such as a name that is too long
            raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
        if not there:
            raise UsageError("does not exist", where=str(path))
        for note in recover_at(path):
            self.say(f"note: {note}")
        return path

    def config(self, path: Path, overrides: Mapping[str, tuple[Any, str]] | None = None) -> Config:
        """The configuration for `path`, with what this command line changes. Raises `UsageError`."""
        from backwright.app.config import load

        changed = {**self.allowed, **(overrides or {})}
        config = load(path, arguments=self.configs, isolated=self.isolated, overrides=changed)
        return replace(config, permissions=replace(config.permissions, external=True)) if self.external else config

    def screen(self, stream: TextIO | None = None) -> Screen:
        """What the terminal behind a stream (standard output) can do."""
        return screen_of(stream or sys.stdout, self.color)

    def answer(self, result: Any, render: Renderer, *, exit_code: int = 0, hints: bool = False) -> int:
        """Show a result to people or programs; with `hints` also what to do next. Returns the exit code."""
        if self.json:
            from backwright.report.envelope import answer, to_json

            text = to_json(answer(self.verb, result, exit_code), indent=0 if self.verb == "run" else 2)
            write(sys.stdout, self.without_secrets(text))
            return exit_code
        write(sys.stdout, self.without_secrets(render(result, self.screen(), verbose=self.verbose)))
        if hints:
            self.hint(result)
        return exit_code

    def without_secrets(self, text: str) -> str:
        """What verbs say that run commands: a command may have been granted a secret, and have printed it."""
        if self.verb not in _RUNNING:
            return text
        from backwright.kit.redaction import redacted

        return redacted(text)

    @contextmanager
    def keeping(self) -> Iterator[Kept]:
        """Keeps what is written meanwhile, for the next call with these arguments."""
        kept = Kept()
        with heard() as texts:
            yield kept
        if self.arguments is not None and kept.code is not None:
            output, error = ("".join(text for to, text in texts if to is s) for s in (sys.stdout, sys.stderr))
            kept.again.keep(self.arguments, output, error, kept.code, kept.seconds)

    def hint(self, result: Any) -> None:
        """On standard error, the best thing to do next."""
        from backwright.report.advice import next_steps

        for step in next_steps(result)[:1]:
            self.say(f"\nNext: {step.command}")

    def say(self, text: str) -> None:
        """A line of words for people beside the result."""
        if not self.quiet:
            from backwright.report.sanitize import clean_block

            write(sys.stderr, clean_block(text) + "\n")

    def progress(self) -> LiveProgress:
        """A progress for this call, to be used as a context."""
        from backwright.surfaces.cli.progress import LiveProgress

        events = sys.stdout if self.json and self.verb == "run" else None
        return LiveProgress(sys.stderr, self.screen(sys.stderr), silent=self.quiet, events=events)

    def consent(self, path: Path, *, yes: bool, yes_to: str = "") -> Asker:
        """Who asks before the commands of a repository run for the first time."""
        from backwright.surfaces.cli.consent import Asker

        return Asker(path, yes=yes, no_input=self.no_input, screen=self.screen(sys.stderr), yes_to=yes_to)


def screen_of(stream: TextIO, color: str = "auto") -> Screen:
    """What the terminal behind `stream` can do, as far as it says."""
    from backwright.report.terminal import Screen, wants_color, wants_symbols

    is_terminal = stream.isatty()
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if is_terminal else _WIDTH
    symbols = wants_symbols(os.environ, getattr(stream, "encoding", None) or "ascii")
    return Screen(wants_color(color, os.environ, is_terminal), symbols, max(width, 40))
