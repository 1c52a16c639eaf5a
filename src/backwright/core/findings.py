"""What a rule says about the code, and how it could be mended."""

from __future__ import annotations

from typing import Literal

import msgspec

from backwright.core.change import Edit
from backwright.core.facts import Span

Severity = Literal["error", "warning", "advice"]


class Patch(msgspec.Struct, frozen=True):
    """Text in place of the bytes `start` to `end` of a file, which are `old`; nothing is replaced where they are not."""

    path: str
    start: int
    end: int
    new: str
    old: str = ""


class Fix(msgspec.Struct, frozen=True):
    """A mechanical repair: whole files, or patches. `safe` keeps behaviour, `review` may not, `unsafe` changes it."""

    title: str
    safety: Literal["safe", "review", "unsafe"]
    edits: tuple[Edit, ...] = ()
    patches: tuple[Patch, ...] = ()


class Related(msgspec.Struct, frozen=True):
    """One step of the chain that explains a finding."""

    message: str
    span: Span


class Finding(msgspec.Struct, frozen=True):
    """One violation. The fingerprint survives moved lines: rule + path + enclosing symbol + normalised text.

    A finding that is said once for a whole project `covers` those that it stands for: their fingerprints. What most of
    the project does alike is its `habit`: one more, in a folder that has others, is not new.
    """

    rule: str
    name: str
    severity: Severity
    message: str
    span: Span
    help: str = ""
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    fingerprint: str = ""
    scope: str = ""
    covers: tuple[str, ...] = ()
    habit: bool = False
