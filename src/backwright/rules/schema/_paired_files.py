"""Migrations that are pairs of files, `000_orders.up.sql` and `000_orders.down.sql`, or `up.sql` and `down.sql` in a folder."""

from __future__ import annotations

import re
from typing import NamedTuple

from backwright.kit.aside import is_setup
from backwright.kit.index import FactIndex
from backwright.kit.sqltext import is_foreign

_UP = re.compile(r"^(?P<stem>(?:.*[./])?)up\.sql$")
_TEMPLATE = re.compile(r"--\s*(This file should undo anything in .*|Add down migration script here.*)")
_SCHEMA = re.compile(r"(?i)\b(create|alter|drop)\s+(table|index|unique|view|type|column)\b")
_LANGUAGES = frozenset({"go", "rust"})  # whose tools for migrations work so


class Pairs(NamedTuple):
    """The files that lead forward: those `without` a way back, the `empty` ways back, and those that do something."""

    without: tuple[str, ...]
    empty: tuple[str, ...]
    back: tuple[str, ...]


def pairs(index: FactIndex) -> Pairs:
    """The pairs of a project in a language whose tools know them; nothing where no migration has a way back."""
    if _LANGUAGES.isdisjoint(index.spoken):
        return Pairs((), (), ())
    known = set(index.paths)
    ways = {
        path: f"{found['stem']}down.sql"
        for path in sorted(known)
        if not is_foreign(path) and not is_setup(path) and (found := _UP.match(path)) is not None
    }
    there = tuple((up, down) for up, down in ways.items() if down in known)
    empty = tuple(down for up, down in there if _is_empty(index.texts.get(down)) and _changes(index.texts.get(up, "")))
    back = tuple(down for _, down in there if down not in empty)
    return (
        Pairs(tuple(up for up, down in ways.items() if down not in known), empty, back) if back else Pairs((), (), ())
    )


def _is_empty(text: str | None) -> bool:
    """Nothing, or only what the tool wrote into it; a comment of one's own says why nothing is taken back."""
    return text is not None and not _TEMPLATE.sub("", text).strip()


def _changes(text: str) -> bool:
    return _SCHEMA.search(text) is not None
