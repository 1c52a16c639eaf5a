"""What the steps need from the world. Adapters satisfy these; tests may too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec


class SourceFile(msgspec.Struct, frozen=True):
    """A file as read: `text` is None where it was left out, and `skipped` says why.

    `encoding` is what turns `text` back into the file's bytes: utf-8, utf-8-sig (a byte order mark) or latin-1.
    """

    path: str
    size: int
    sha256: str
    text: str | None
    skipped: str = ""
    encoding: str = "utf-8"


class Tree(Protocol):
    """Read access to a repository: ignore rules as git sees them, nothing outside the root, sizes limited."""

    root: Path

    def files(self) -> Sequence[str]:
        """All paths that are part of the repository (tracked, or untracked and not ignored), sorted."""
        ...

    def read(self, path: str) -> SourceFile:
        """One file; never follows a symlink out of the root, never raises for content."""
        ...


class Formatter(Protocol):
    """Formats new source text the way the target project would."""

    def format(
        self, files: Mapping[str, str], *, line_length: int, first_party: Sequence[str], target: str
    ) -> dict[str, str]:
        """Path to text, formatted; imports sorted and unused ones removed. Raises `Unsupported` on broken source."""
        ...

    def sort_imports(
        self, files: Mapping[str, str], *, line_length: int, first_party: Sequence[str], target: str
    ) -> dict[str, str]:
        """Path to text, with nothing but the imports sorted and joined."""
        ...

    def layout(self, files: Mapping[str, str], *, line_length: int, target: str) -> dict[str, str]:
        """Path to text laid out, with nothing added or taken away. Raises `Unsupported` on broken source."""
        ...

    def without_unused_imports(self, files: Mapping[str, str], *, target: str) -> dict[str, str]:
        """Path to text without the imports that nothing in it uses; those of an `__init__.py` stay."""
        ...

    def faults(self, files: Mapping[str, str], *, target: str) -> dict[str, tuple[str, ...]]:
        """Path to what is proven wrong about its names: used and not defined, defined twice. Only files with faults."""
        ...
