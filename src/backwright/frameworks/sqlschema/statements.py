"""Tables of a project by the statements of its schema and its migrations, in the order of their names."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from backwright.core.facts import Column, Fact, Loc, Relation, Table
from backwright.kit.index import FactIndex
from backwright.kit.sqltext import NAME, bare, forward, parts, without_comments

_CREATE = re.compile(rf"(?i)\bCREATE\s+(?:UNLOGGED\s+|TEMP\w*\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?({NAME})\s*\(")
_ALTER = re.compile(rf"(?i)\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?({NAME})\s+([^;]*)")
_DROP = re.compile(rf"(?i)\bDROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?({NAME})")
_ADD = re.compile(r"(?i)^\s*ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?=[`\"\[\w])(.+)$", re.DOTALL)
_LOSE = re.compile(rf"(?i)^\s*DROP\s+COLUMN\s+(?:IF\s+EXISTS\s+)?({NAME})")
_RENAME = re.compile(rf"(?i)^\s*RENAME\s+COLUMN\s+({NAME})\s+TO\s+({NAME})")
_MOVED = re.compile(rf"(?i)^\s*RENAME\s+TO\s+({NAME})")
_RULE = re.compile(
    r"(?i)^\s*(?:CONSTRAINT\s+\S+\s+)?(PRIMARY\s+KEY|FOREIGN\s+KEY|UNIQUE|CHECK|KEY|INDEX|EXCLUDE|FULLTEXT|LIKE)\b"
)
_ENDS = re.compile(
    r"(?i)\s+(NOT|NULL|DEFAULT|PRIMARY|UNIQUE|REFERENCES|CHECK|CONSTRAINT|GENERATED|AUTO_?INCREMENT|COLLATE|COMMENT|ON|CHARACTER|AS)\b"
)
_REFERS = re.compile(rf"(?i)\bREFERENCES\s+({NAME})\s*(?:\(([^)]*)\))?")
_FOREIGN = re.compile(r"(?i)FOREIGN\s+KEY\s*\w*\s*\(([^)]*)\)")
_KEYS = re.compile(r"(?i)PRIMARY\s+KEY\s*\(([^)]*)\)")
_MOST = 2_000_000  # characters of one file


def tables(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Table facts per file that creates one."""
    known: dict[str, tuple[str, Table]] = {}
    for path, text in sorted(index.texts.items(), key=lambda item: _order(item[0])):
        if path.endswith(".sql") and len(text) <= _MOST:
            _read(path, without_comments(forward(path, text)), known)
    out: dict[str, list[Fact]] = {}
    for path, table in known.values():
        out.setdefault(path, []).append(table)
    return {path: tuple(found) for path, found in out.items()}


def _order(path: str) -> list[str]:
    """Names with their numbers as numbers: `V2__x.sql` before `V10__y.sql`."""
    return [f"{int(part):020d}" if part.isdigit() else part for part in re.split(r"(\d+)", path)]


def _read(path: str, text: str, known: dict[str, tuple[str, Table]]) -> None:
    """The statements of one file, in order."""
    found = [(m.start(), "create", m) for m in _CREATE.finditer(text)]
    found += [(m.start(), "alter", m) for m in _ALTER.finditer(text)]
    found += [(m.start(), "drop", m) for m in _DROP.finditer(text)]
    line, before = 1, 0
    for at, kind, match in sorted(found, key=lambda item: item[0]):
        name = bare(match[1])
        line, before = line + text.count("\n", before, at), at
        if kind == "create":
            known[name.lower()] = (path, _created(name, text, match.end(), line))
        elif kind == "drop":
            known.pop(name.lower(), None)
        elif name.lower() in known:
            where, table = known[name.lower()]
            changed = _altered(table, match[2], line)
            if changed.table != table.table:
                known.pop(name.lower())
            known[changed.table.lower()] = (where, changed)


def _created(name: str, text: str, start: int, line: int) -> Table:
    columns: list[Column] = []
    relations: list[Relation] = []
    end = start
    for part, at, behind in parts(text, start):
        end = behind
        here = line + text.count("\n", start, at + len(part) - len(part.lstrip()))
        _declare(part, Loc(here, 1, here, 1, 0, 0), columns, relations)
    last = line + text.count("\n", start, end)
    return Table(name, name, Loc(line, 1, last, 1, 0, 0), "sql", tuple(columns), tuple(relations))


def _declare(part: str, loc: Loc, columns: list[Column], relations: list[Relation]) -> None:
    """One line of a table: a column, or a rule about some."""
    refers = _REFERS.search(part)
    if _RULE.match(part):
        named = _KEYS.search(part)
        keys = {bare(key) for key in (named[1].split(",") if named is not None else ())}
        columns[:] = [
            msgspec.structs.replace(c, primary_key=True, nullable=False) if c.name in keys else c for c in columns
        ]
        foreign = _FOREIGN.search(part)
        if foreign is not None and refers is not None:
            _refer(bare(foreign[1].split(",")[0]), refers, loc, columns, relations)
        return
    words = part.strip().split(None, 1)
    if len(words) < 2:
        return
    ends = _ENDS.search(f" {words[1]}")
    kind = f" {words[1]}"[: ends.start()] if ends is not None else words[1]
    name, upper = bare(words[0]), part.upper()
    primary = "PRIMARY KEY" in upper
    columns.append(
        Column(
            name=name,
            type=" ".join(kind.split()),
            python="",
            loc=loc,
            nullable=not primary and "NOT NULL" not in upper and "SERIAL" not in kind.upper(),
            primary_key=primary,
            unique=bool(re.search(r"\bUNIQUE\b", upper)),
            source=" ".join(part.split())[:200],
        )
    )
    if refers is not None:
        _refer(name, refers, loc, columns, relations)


def _refer(name: str, refers: re.Match[str], loc: Loc, columns: list[Column], relations: list[Relation]) -> None:
    target = bare(refers[1])
    other = bare(refers[2]) if refers[2] else "id"
    columns[:] = [msgspec.structs.replace(c, foreign_key=f"{target}.{other}") if c.name == name else c for c in columns]
    relations.append(Relation(name, target, False, loc))


def _altered(table: Table, change: str, line: int) -> Table:
    """The table after an `ALTER TABLE`."""
    columns, relations = list(table.columns), list(table.relations)
    loc = Loc(line, 1, line, 1, 0, 0)
    name = table.table
    for part, _, _ in parts(f"{change})"):
        if (added := _ADD.match(part)) is not None:
            inner = added[1].strip()
            inner = inner[1:-1] if inner.startswith("(") and inner.endswith(")") else inner
            _declare(inner, loc, columns, relations)
        elif (lost := _LOSE.match(part)) is not None:
            columns = [c for c in columns if c.name != bare(lost[1])]
        elif (renamed := _RENAME.match(part)) is not None:
            old, new = bare(renamed[1]), bare(renamed[2])
            columns = [msgspec.structs.replace(c, name=new) if c.name == old else c for c in columns]
        elif (moved := _MOVED.match(part)) is not None:
            name = bare(moved[1])
    return msgspec.structs.replace(table, entity=name, table=name, columns=tuple(columns), relations=tuple(relations))
