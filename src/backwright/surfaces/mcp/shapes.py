"""What a tool is, and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path
from typing import Annotated, Any

import msgspec

from backwright.core.errors import UsageError

_SAYABLE = r"^[^\x00]*$"  # what an argument of a process can be
Text = Annotated[str, msgspec.Meta(max_length=20_000, pattern=_SAYABLE)]
Word = Annotated[str, msgspec.Meta(max_length=400, pattern=_SAYABLE)]
Paths = Annotated[tuple[Word, ...], msgspec.Meta(max_length=500)]
Tokens = Annotated[int, msgspec.Meta(ge=500, le=100_000)]

TOKENS = 8_000

Data = dict[str, Any]


class Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every tool takes. An answer is cut to `max_tokens`; `cursor` is what a cut answer gives for the rest."""

    path: Annotated[Word, msgspec.Meta(description="Folder of the backend, relative to the repository.")] = ""
    max_tokens: Annotated[Tokens, msgspec.Meta(description="The most that the answer may cost.")] = TOKENS
    cursor: Annotated[Word, msgspec.Meta(description="From `more` of an answer that was cut: its next part.")] = ""


@dataclass(frozen=True)
class Tool:
    """A tool: a verb of ours, and what of its answer is shown.

    `argv` are the verb and its options, `view` what of its data is shown, `pages` the list in it that is cut first. One that
    `acts` changes the tree or runs commands of the repository; one that `proves` does the latter.
    """

    title: str
    takes: type[Arguments]
    argv: Callable[[Any], Sequence[str]]
    view: Callable[[Data, Any, Path], Data] = lambda data, _arguments, _root: data
    pages: str = ""
    acts: bool = False
    proves: bool = False


def inside(root: Path, path: str) -> str:
    """The path, if it stays in the repository, links followed. Raises `UsageError`."""
    real = Path(realpath(root / path))  # which takes links that lead to each other
    if not real.is_relative_to(root):
        raise UsageError("leads out of the repository", where=path, hints=(f"the repository is {root.name}",))
    return real.relative_to(root).as_posix()


def options(given: Mapping[str, str]) -> list[str]:
    """`--name=value` for all that have one: no value can be taken for an option."""
    return [f"--{name}={value}" for name, value in given.items() if value]
