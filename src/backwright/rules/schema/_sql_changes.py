"""What SQL does to tables and columns, as changes that can be replayed one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from backwright.kit.sqltext import NAME, bare, parts, statements

ANY = "*"  # as the name of an unsure table: of all of them
Kind = Literal["create", "drop", "rename", "add", "lose", "move", "unsure", "other"]

_FLAGS = re.IGNORECASE | re.DOTALL
_CREATE = re.compile(
    rf"CREATE\s+(?:(?:UNLOGGED|TEMP|TEMPORARY|GLOBAL|LOCAL)\s+)*TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?({NAME})\s*(.*)",
    _FLAGS,
)
_DROP = re.compile(r"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?(.*?)(?:\s+(?:CASCADE|RESTRICT))?\s*$", _FLAGS)
_ALTER = re.compile(rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?({NAME})\s+(.*)", _FLAGS)
_RULE = re.compile(
    r"\s*(CONSTRAINT|PRIMARY|FOREIGN|UNIQUE|CHECK|KEY|INDEX|EXCLUDE|FULLTEXT|SPATIAL|LIKE)\b(?!\s*[\"`])", _FLAGS
)
_MOVED = re.compile(rf"RENAME\s+(?:TO|AS)\s+({NAME})", _FLAGS)
_RENAMED = re.compile(rf"RENAME\s+(?:COLUMN\s+)?({NAME})\s+TO\s+({NAME})", _FLAGS)
_CHANGED = re.compile(rf"CHANGE\s+(?:COLUMN\s+)?({NAME})\s+({NAME})", _FLAGS)
_ADDED = re.compile(rf"ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?({NAME})\s", _FLAGS)
_LOST = re.compile(rf"DROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?({NAME})", _FLAGS)
_OF_RULES = re.compile(
    r"(ADD|DROP|RENAME)\s+(CONSTRAINT|PRIMARY|FOREIGN|UNIQUE|CHECK|KEY|INDEX|EXCLUDE|FULLTEXT|VALUE|PARTITION)\b",
    _FLAGS,
)
_HARMLESS = re.compile(r"(ALTER|MODIFY|SET|OWNER|ENABLE|DISABLE|VALIDATE|FORCE|CLUSTER|RESET|REPLICA)\b", _FLAGS)
_BLOCK = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_IN_BLOCK = re.compile(
    rf"\b(?:ALTER|CREATE|DROP)\s+TABLE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?({NAME})(?!\s*\.|\s+(?:ADD|DROP)\s+CONSTRAINT)",
    _FLAGS,
)
_HIDDEN = re.compile(r"(EXEC|EXECUTE|CALL)\b", re.IGNORECASE)


class Change(NamedTuple):
    """One change. `new` is what a table or column is called afterwards; names are in small letters, without quotes."""

    kind: Kind
    table: str = ""
    column: str = ""
    new: str = ""
    columns: tuple[str, ...] = ()


def changes(sql: str) -> Iterator[Change]:
    """The changes of a text of SQL in order; what only data or indexes are changed by is none."""
    for block in _BLOCK.finditer(sql):
        yield from (Change("unsure", plain(name)) for name in _IN_BLOCK.findall(block[0]))
    for text, _ in statements(sql):
        if (created := _CREATE.match(text)) is not None:
            yield _created(plain(created[1]), created[2])
        elif (altered := _ALTER.match(text)) is not None:
            table = plain(altered[1])
            for action, _, _ in parts(f"{altered[2]})"):
                yield _altered(table, action.strip())
        elif (dropped := _DROP.match(text)) is not None:
            yield from (Change("drop", plain(name)) for name in dropped[1].split(","))
        elif _HIDDEN.match(text):
            yield Change("unsure", ANY)


def _created(table: str, rest: str) -> Change:
    if not rest.startswith("("):
        return Change("unsure", table)
    found = [part.strip() for part, _, _ in parts(rest, 1)]
    columns = tuple(plain(m[0]) for part in found if not _RULE.match(part) and (m := re.match(NAME, part)) is not None)
    return Change("create", table, columns=columns)


def _altered(table: str, action: str) -> Change:
    if _OF_RULES.match(action):
        return Change("other", table)
    if (moved := _MOVED.match(action)) is not None:
        return Change("rename", table, new=plain(moved[1]))
    renamed = _RENAMED.match(action) or _CHANGED.match(action)
    if renamed is not None:
        return Change("move", table, plain(renamed[1]), plain(renamed[2]))
    if (added := _ADDED.match(action)) is not None:
        return Change("add", table, plain(added[1]))
    if (lost := _LOST.match(action)) is not None:
        return Change("lose", table, plain(lost[1]))
    return Change("other" if _HARMLESS.match(action) else "unsure", table)


def plain(name: str) -> str:
    """The last part of a name, without quotes, in small letters."""
    return bare(name.strip()).lower()


@dataclass
class Replayed:
    """Tables with their columns after some changes; `unsure` are those of which that cannot be told."""

    tables: dict[str, set[str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    last: str = ""  # the newest migration's file

    def knows(self, table: str) -> bool:
        """Whether all columns of a table are known."""
        return table in self.tables and self.unsure.isdisjoint({table, ANY})

    def apply(self, found: Iterable[Change]) -> None:
        """Do these changes, in order."""
        for change in found:
            self._apply(change)

    def _apply(self, change: Change) -> None:
        table, columns = change.table, self.tables.get(change.table)
        match change.kind:
            case "create":
                self.tables.setdefault(table, set()).update(change.columns)
            case "drop":
                self.tables.pop(table, None)
            case "rename":
                self.tables[change.new] = self.tables.pop(table, set())
                self.unsure |= {change.new} if columns is None or table in self.unsure else set()
            case "unsure":
                self.unsure.add(table)
            case "add" | "lose" | "move" if columns is None:
                self.unsure.add(table)
            case "add" if columns is not None:
                columns.add(change.column)
            case "lose" if columns is not None:
                columns.discard(change.column)
            case "move" if columns is not None:
                columns.discard(change.column)
                columns.add(change.new)
