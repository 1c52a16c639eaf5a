"""What an action does to the state of a row, decided before any framework spells it."""

from __future__ import annotations

from typing import Literal

import msgspec


class Transition(msgspec.Struct, frozen=True):
    """One column's way from some of its values to another.

    enum: values are names of members; text: strings; boolean: `True` and `False`; moment: `None` and `now`. `sources` are
    the values from which it is allowed, `()` for any but the target.
    """

    column: str
    kind: Literal["enum", "text", "boolean", "moment"]
    target: str
    sources: tuple[str, ...] = ()
    enum: str = ""  # the class of an enumeration, and the file it stands in
    enum_path: str = ""
    added: tuple[str, str] | None = None  # name and value of a member that the enumeration lacks
    fresh: bool = False  # the column is not there yet
    stamps: tuple[tuple[str, bool], ...] = ()  # columns that note the moment, and whether each of them is new

    @property
    def fresh_columns(self) -> tuple[str, ...]:
        own = (self.column,) if self.fresh else ()
        return (*own, *(name for name, new in self.stamps if new))


class Member(msgspec.Struct, frozen=True):
    """One value of an enumeration, as Python names it and as it is written."""

    name: str
    value: str
