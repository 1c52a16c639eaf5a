"""Entities of a Prisma schema, which is a language of its own: one declaration a line."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from backwright.core.facts import Column, Fact, Loc, Relation, Table
from backwright.kit.index import FactIndex

_BLOCK = re.compile(r"^\s*model\s+(\w+)\s*\{(.*?)^\s*\}", re.MULTILINE | re.DOTALL)
_MODEL = re.compile(r"^\s*model\s+(\w+)\s*\{")
_FIELD = re.compile(r"^\s*(\w+)\s+(\w+)(\[\])?(\?)?\s*(.*)$")
_MAP = re.compile(r'@@map\(\s*(?:name:\s*)?"([^"]+)"')
_COLUMN = re.compile(r'@map\(\s*(?:name:\s*)?"([^"]+)"')
_DEFAULT = re.compile(r"@default\((.*?)\)(?:\s|$)")

_REFERS = re.compile(r"@relation\(.*?\bfields:\s*\[\s*(\w+)\s*\].*?\breferences:\s*\[\s*(\w+)\s*\]")
_ON_DELETE = re.compile(r"\bonDelete:\s*(\w+)")
_KEYED = re.compile(r"^\s*@@(index|unique|id)\s*\(.*?\[(.*?)\]")


def tables(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Table facts per schema file."""
    schemas = {path: text for path, text in index.texts.items() if path.endswith(".prisma")}
    models = {
        block[1]: mapped[1] if (mapped := _MAP.search(block[2])) is not None else block[1]
        for text in schemas.values()
        for block in _BLOCK.finditer(text)
    }
    return {path: tuple(_models(text, models)) for path, text in schemas.items()}


def _models(text: str, models: Mapping[str, str]) -> list[Fact]:
    found: list[Fact] = []
    name, start = "", 0
    columns: dict[str, Column] = {}
    lines: list[str] = []
    relations: list[Relation] = []
    for number, line in enumerate(text.splitlines(), 1):
        code = line.partition("//")[0]
        opened = _MODEL.match(code)
        if opened is not None:
            name, start, columns, lines, relations = opened[1], number, {}, [], []
        elif name and code.strip() == "}":
            loc = Loc(start, 1, number, len(line) + 1, 0, 0)
            _keys(lines, models, columns)
            table = models.get(name, name)
            found.append(Table(name, table, loc, "prisma", tuple(columns.values()), tuple(relations)))
            name = ""
        elif name:
            lines.append(code)
            if (field := _FIELD.match(code)) is not None:
                _field(field, number, models, columns, relations)
    return found


def _keys(lines: list[str], models: Mapping[str, str], columns: dict[str, Column]) -> None:
    """What the lines of a model say about its columns: which refer to others, which an index begins with."""
    for code in lines:
        keyed, field = _KEYED.match(code), _FIELD.match(code)
        if keyed is not None:
            names = [re.split(r"\W", part.strip())[0] for part in keyed[2].split(",")]
            for name in names if keyed[1] == "id" else names[:1]:
                if name in columns:
                    key = keyed[1] == "id" or columns[name].primary_key
                    columns[name] = msgspec.structs.replace(columns[name], primary_key=key, index=True)
        elif field is not None and (refers := _REFERS.search(field[5])) is not None and refers[1] in columns:
            target = f"{models.get(field[2], field[2])}.{refers[2]}"
            deletes = _ON_DELETE.search(field[5])
            columns[refers[1]] = msgspec.structs.replace(
                columns[refers[1]], foreign_key=target, on_delete=deletes[1] if deletes is not None else ""
            )


def _field(
    field: re.Match[str], number: int, models: Mapping[str, str], columns: dict[str, Column], relations: list[Relation]
) -> None:
    name, kind, many, optional, rest = field.groups()
    source = " ".join(field[0].split())
    loc = Loc(number, 1, number, len(field[0]) + 1, 0, 0)
    if kind in models:
        relations.append(Relation(name, kind, bool(many), loc, source=source))
        return
    mapped, default = _COLUMN.search(rest), _DEFAULT.search(rest)
    columns[name] = Column(
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
