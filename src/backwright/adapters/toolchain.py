"""The programs with which a project of another language than Python is checked: its own first, then those on PATH."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from backwright.adapters.dependencies import lend_dependencies
from backwright.adapters.sandbox.places import covering, places_on, why_secret
from backwright.adapters.shell import clean_environment
from backwright.adapters.state import machine_error
from backwright.core.errors import ToolMissing

_LAUNCHERS = ("npx", "bunx", "pnpx")  # they run a program of the dependencies, and download it where there is none

_IDLE = 30 * 24 * 3600.0  # seconds after which what a repository's tools have built is not worth its place


class Tools(Protocol):
    """The programs of a project, and the variables that they need."""

    def command(self, words: Sequence[str]) -> tuple[str, ...] | None:
        """How a command is started; None where its program is missing."""

    def variables(self) -> dict[str, str]:
        """What a step's environment must have for them."""

    def places(self) -> tuple[Path, ...]:
        """The folders outside the tree that must be there to be read for them to work."""

    def writes(self) -> tuple[Path, ...]:
        """The folders outside the tree that they write."""


@dataclass(frozen=True)
class Toolchain:
    """What the commands of a project run with. Paths are relative to the repository or to the project, with `/`.

    `manifests` are the folders of the repository with a manifest; beside each, `folders` may hold installed packages and
    `programs` the programs among them. In `given` variables, `{caches}` is a folder for what tools keep between two runs.
    `copy` is the tree that the commands run in, `lent` what it has got; `homes` are folders of the user's that tools read.
    """

    project: str = ""
    manifests: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    installed: tuple[tuple[str, int], ...] = ()  # folders that are there, with the time they were last changed
    generated: tuple[str, ...] = ()  # folders within `folders` that tools write
    homes: tuple[Path, ...] = ()
    kept: Path | None = None  # what this repository's tools have built, for the next call
    copy: Path = Path()
    caches: Path = Path()
    lent: tuple[Path, ...] = ()

    def lent_to(self, original: Path, copy: Path, caches: Path, *, link: bool = True) -> Toolchain:
        """The same toolchain in a copy, which gets what is installed, as `lend_dependencies` does. Raises `MachineError`."""
        found = lend_dependencies(original, copy, self.manifests, self.folders, link=link, caches=self.generated)
        return replace(self, copy=copy, caches=caches, lent=tuple(copy / place for place in found))

    def command(self, words: Sequence[str]) -> tuple[str, ...] | None:
        """How a command is started in the copy; None where its program is missing. Nothing is ever downloaded for it."""
        launched = words[0] in _LAUNCHERS and len(words) > 1 and not words[1].startswith("-")
        name, rest = (words[1], words[2:]) if launched else (words[0], words[1:])
        own = next((path for folder in self._bins() if _runs(path := folder / name)), None)
        if own is not None:
            return (str(own), *rest)
        found = None if launched else shutil.which(name, path=self.variables()["PATH"])
        return (found, *rest) if found else None

    def variables(self) -> dict[str, str]:
        """What makes scripts find the project's own programs first, and tools keep to themselves what they keep."""
        path = clean_environment({}).get("PATH", os.defpath)
        given = {name: value.replace("{caches}", str(self.caches)) for name, value in self.given.items()}
        return {"PATH": os.pathsep.join([*map(str, self._bins()), path]), **given}

    def places(self) -> tuple[Path, ...]:
        """As `Tools` says, and so the next."""
        return tuple(covering([*self.homes, *places_on(self.variables()["PATH"])]))

    def writes(self) -> tuple[Path, ...]:
        return (self.kept,) if self.kept else ()

    def state(self) -> str:
        """What results depend on besides the tree and the commands."""
        return repr((self.installed, sorted(self.given.items())))

    def _bins(self) -> Iterator[Path]:
        """The folders of programs in the project and in the folders above it, nearest first."""
        here = self.copy / self.project
        for folder in (here, *(p for p in here.parents if p.is_relative_to(self.copy))):
            yield from (folder / name for name in self.programs if (folder / name).is_dir())


def find_toolchain(
    root: Path, project: str, places: Sequence[str], *, folders: Sequence[str], programs: Sequence[str],
    variables: Mapping[str, str], passed: Sequence[str], install: str, homes: Mapping[str, Sequence[str]] | None = None,
    generated: Sequence[str] = (),
) -> Toolchain:  # fmt: skip
    """The toolchain of the project in the repository at `root`; `passed` are variables of ours that its tools go by.

    `homes` gives variables that name a folder in which tools keep what they have downloaded: where it is by default, below
    the home directory, and which parts of it are shown (none: all of it). Elsewhere `{NAME}` stands for it.

    Raises `ToolMissing` where dependencies are not installed though `install` says how they would be.
    """
    around = [place for place in places if place == project or not place or f"{project}/".startswith(f"{place}/")]
    found = {p: root / p / name for p in places for name in folders if (root / p / name).is_dir()}
    if install and not any(place in found for place in around):
        raise ToolMissing(
            f"the dependencies of this project are not installed: there is no {folders[0]}",
            where=project or ".",
            hints=(f"install them: {install}",),
        )
    kept = {name: place for name, (default, *_) in (homes or {}).items() if (place := _home(name, default))}
    given = {name: os.environ[name] for name in passed if name in os.environ} | {n: str(p) for n, p in kept.items()}
    given |= {name: filled for name, value in variables.items() if (filled := _filled(value, kept))}
    build = _kept_folder(root) if any("{kept}" in value for value in given.values()) else None
    given = {name: value.replace("{kept}", str(build)) for name, value in given.items()}
    shown = [place / part for name, place in kept.items() for part in (homes or {})[name][1:] or ("",)]
    shown += [Path(value) for name, value in given.items() if name in passed]
    installed = tuple((place, path.stat().st_mtime_ns) for place, path in sorted(found.items()))
    readable = tuple(place for place in shown if place.is_absolute() and place.exists() and not why_secret(place))
    return Toolchain(
        project, tuple(places), tuple(folders), tuple(programs), given, installed, tuple(generated), readable, build
    )


def _home(variable: str, default: str) -> Path | None:
    """The folder that a variable names, or where it is by default; None where it is not there."""
    place = Path(os.environ.get(variable) or Path.home() / default)
    return place if place.is_absolute() and place.is_dir() else None


def _kept_folder(root: Path) -> Path:
    """Of this repository alone: what its commands write there, no other one's commands read.

    Those of repositories that were not verified for a month are removed. Raises `MachineError`.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    home = named if named.is_absolute() else Path.home() / ".cache"
    place = home / "backwright" / "builds" / hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.utime(place)
    except OSError as refused:
        raise machine_error("make a folder for what tools build", refused, where=str(place)) from refused
    for kept in place.parent.iterdir():
        with suppress(FileNotFoundError):  # another process removes the same
            if kept.stat().st_mtime < time.time() - _IDLE:
                shutil.rmtree(kept, ignore_errors=True)  # what is left of it is tried again the next time
    return place


def _filled(value: str, homes: Mapping[str, Path]) -> str:
    """A value with the homes that it names; `""` where one of them is not there."""
    for name in re.findall(r"\{([A-Z_]+)\}", value):
        if name not in homes:
            return ""
        value = value.replace(f"{{{name}}}", str(homes[name]))
    return value


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
