"""Entities of a Prisma schema, which is a language of its own: one declaration a line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backwright.core.facts import Column, Fact, Loc, Relation, Table
from backwright.kit.index import FactIndex

_MODEL = re.compile(r"^\s*model\s+(\w+)\s*\{")
_FIELD = re.compile(r"^\s*(\w+)\s+(\w+)(\[\])?(\?)?\s*(.*)$")
_MAP = re.compile(r'@@map\(\s*(?:name:\s*)?"([^"]+)"')
_COLUMN = re.compile(r'@map\(\s*(?:name:\s*)?"([^"]+)"')
_DEFAULT = re.compile(r"@default\((.*?)\)(?:\s|$)")


def tables(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Table facts per schema file."""
    schemas = {path: text for path, text in index.texts.items() if path.endswith(".prisma")}
    models = {m[1] for text in schemas.values() for line in text.splitlines() if (m := _MODEL.match(line))}
    return {path: tuple(_models(text, models)) for path, text in schemas.items()}


def _models(text: str, models: set[str]) -> list[Fact]:
    found: list[Fact] = []
    name, table, start = "", "", 0
    columns: list[Column] = []
    relations: list[Relation] = []
    for number, line in enumerate(text.splitlines(), 1):
        code = line.partition("//")[0]
        opened = _MODEL.match(code)
        if opened is not None:
            name, table, start, columns, relations = opened[1], opened[1], number, [], []
        elif name and code.strip() == "}":
            loc = Loc(start, 1, number, len(line) + 1, 0, 0)
            found.append(Table(name, table, loc, "prisma", tuple(columns), tuple(relations)))
            name = ""
        elif name and (mapped := _MAP.search(code)) is not None:
            table = mapped[1]
        elif name and (field := _FIELD.match(code)) is not None:
            _field(field, number, models, columns, relations)
    return found


def _field(
    field: re.Match[str], number: int, models: set[str], columns: list[Column], relations: list[Relation]
) -> None:
    name, kind, many, optional, rest = field.groups()
    source = " ".join(field[0].split())
    loc = Loc(number, 1, number, len(field[0]) + 1, 0, 0)
    if kind in models:
        relations.append(Relation(name, kind, bool(many), loc, source=source))
        return
    mapped, default = _COLUMN.search(rest), _DEFAULT.search(rest)
    columns.append(
        Column(
            name=mapped[1] if mapped is not None else name,
            type=kind + (many or ""),
            python="",
            loc=loc,
            nullable=bool(optional),
            primary_key=bool(re.search(r"@id\b", rest)),
            unique="@unique" in rest,
            default=default[1] if default is not None else "",
            source=source,
        )
    )
