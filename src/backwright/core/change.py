"""A decided change, not yet made."""

from __future__ import annotations

import msgspec


class Edit(msgspec.Struct, frozen=True):
    """One file before and after, whole. `None` is absence: `before=None` creates, `after=None` deletes."""

    path: str
    before: str | None
    after: str | None
    because: str = ""
    like: str = ""  # path of the exemplar it imitates
    summary: str = ""  # "4 columns", "+1 line, the router"


class Assumption(msgspec.Struct, frozen=True):
    """A choice that the request left open (LOW uncertainty): `--set key=value` changes it."""

    key: str
    value: str
    because: str
    alternatives: tuple[str, ...] = ()
    fixed: bool = False  # nothing else can be had: it is said, and no `--set` is offered


class Question(msgspec.Struct, frozen=True):
    """Something a person must answer. MEDIUM has options to choose from, HIGH is open."""

    key: str
    text: str
    level: str  # "medium" | "high"
    options: tuple[str, ...] = ()


ENDPOINT_WITHOUT_TEST = "BW904"  # the rule that speaks where a plan could write no tests of its endpoints


class ChangeSet(msgspec.Struct, frozen=True):
    """A change to a tree. `base` maps every path that it edits to its sha256 (`""` = absent): a stale plan is refused."""

    id: str
    title: str
    edits: tuple[Edit, ...]
    author: str  # "blueprint:resource", "fix:BW301", "model:…"
    base: dict[str, str]
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()  # "this repository has no service layer, so …"
    created: str = ""  # ISO 8601, UTC
    request: str = ""  # the words or grammar it came from
    tests: tuple[str, ...] = ()  # paths of new tests
    leaves: tuple[
        str, ...
    ] = ()  # rules whose warnings about the new code a note announces: `BW904` where tests cannot be
