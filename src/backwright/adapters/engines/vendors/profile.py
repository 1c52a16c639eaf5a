"""What is known of an agent's command line: one file of data each, found by lying here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from backwright.core.errors import BackwrightError

_HERE = Path(__file__).parent


class Upstream(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is talked to, and with which key of the user."""

    address: str
    keys: tuple[str, ...]
    source: str = msgspec.field(default="", name="from")
    headers: dict[str, str] = {}
    parameters: dict[str, str] = {}


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a line of its output says; paths are dotted. README.md has every key."""

    when: dict[str, Any]
    each: str = ""
    where: dict[str, Any] = {}
    text: str = ""
    tool: str = ""
    about: tuple[str, ...] = ()
    session: str = ""
    input: str = ""
    output: str = ""
    dollars: str = ""
    error: str = ""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One agent."""

    title: str
    program: str
    argv: tuple[str, ...]
    upstream: Upstream
    review: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    home: dict[str, str] = {}
    events: tuple[Meaning, ...] = ()


@cache
def profiles() -> Mapping[str, Profile]:
    """All of them by name. Raises `BackwrightError` for a file that is none."""
    found = {}
    for file in sorted(_HERE.glob("*.toml")):
        try:
            found[file.stem] = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Profile)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise BackwrightError(f"this is no agent: {error}", where=file.name) from error
    return found
