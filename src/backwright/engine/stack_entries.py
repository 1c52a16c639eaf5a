"""What a manifest says, whatever its form, and how versions and scopes are read."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_DEV_NAMES = re.compile(
    r"(?i)(^|[-_./])(dev|develop|development|tests?|testing|lint|linting|docs?|ci|local|typing|types?)([-_./]|$)"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


class Entry(NamedTuple):
    """A declared package. `scope`: main, dev or peer. `features` are the optional parts that were asked for."""

    name: str
    version: str = ""
    scope: str = "main"
    features: tuple[str, ...] = ()


class Manifest(NamedTuple):
    """What one manifest says. `name` is that of the package itself, `locals` are folders of other projects it uses.

    `marks` are words about the project: private, published, workspace, bin, application …; `members` are globs of
    folders that belong to this workspace.
    """

    name: str = ""
    entries: tuple[Entry, ...] = ()
    locals: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    version: str = ""  # of the language


def scope_of(name: str) -> str:
    """Whether a name speaks of development only: dev, else main."""
    return "dev" if _DEV_NAMES.search(name) else "main"


def table_of(data: object, *keys: str) -> dict[str, Any]:
    """The table under these keys, empty where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def list_of(value: object) -> list[Any]:
    """The list, empty where it is none."""
    return value if isinstance(value, list) else []


def version_of(spec: object) -> str:
    """The version that a dependency's value asks for."""
    if isinstance(spec, dict):
        return str(spec.get("version", ""))
    return spec if isinstance(spec, str) else ""


def plain_version(version: str) -> str:
    """`3.1.4` of `^3.1.4`, `""` where nothing is said."""
    found = re.search(r"(?:(?<=[\s=~^>,])|^)v?(\d+(?:\.\d+)*)", re.sub(r"<=?\s*[\d.]+", "", version)) or _NUMBER.search(
        version
    )
    return found.group().lstrip("v") if found else ""


def line_of(text: str, needle: str) -> int:
    """The first line that holds these words, 1 where none does."""
    return next((number for number, line in enumerate(text.splitlines(), 1) if needle in line), 1)
