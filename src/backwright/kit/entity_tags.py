"""Tags of fields that say what a column is: `gorm:"column:name;primaryKey"`, `bun:"id,pk"`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from backwright.core.facts import Column, Field
from backwright.kit.chains import name_of
from backwright.kit.patterns import Tags

_ITEM = re.compile(r"[;,]")


@dataclass(frozen=True)
class Tag:
    """What the tag of one field says."""

    name: str = ""
    skipped: bool = False
    primary: bool = False
    required: bool = False
    relation: str = ""  # one | many

    def applied(self, column: Column) -> Column:
        """The column with what the tag says of it."""
        return msgspec.structs.replace(
            column,
            name=self.name or column.name,
            primary_key=self.primary or column.primary_key,
            nullable=column.nullable and not self.required,
        )


def read_tag(field: Field, tags: tuple[str, ...], known: Tags) -> Tag:
    """The tag of a field; an empty one where it has none."""
    text = _text(field, tags)
    items = [item.strip() for item in _ITEM.split(text)]
    name = items[0] if known.first and ":" not in items[0] else ""
    named = [item.partition(":")[2] for item in items if known.column and item.startswith(f"{known.column}:")]
    relation = "one" if _begins(items, known.one) else "many" if _begins(items, known.many) else ""
    return Tag(
        name=named[0] if named else name,
        skipped=text in known.skipped and bool(text),
        primary=any(item.lower() in known.primary for item in items),
        required=any(item.lower() in known.required for item in items),
        relation=relation,
    )


def table_in_tag(field: Field, tags: tuple[str, ...], known: Tags) -> str:
    """The table that the tag of an embedded base names, `""` if it names none."""
    text = _text(field, tags) if not field.name else ""
    items = [item.strip() for item in _ITEM.split(text)]
    named = [item.partition(":")[2] for item in items if known.table and item.startswith(f"{known.table}:")]
    return named[0] if named else items[0] if known.first and ":" not in items[0] else ""


def _begins(items: list[str], beginnings: tuple[str, ...]) -> bool:
    return bool(beginnings) and any(item.startswith(beginnings) for item in items)


def _text(field: Field, tags: tuple[str, ...]) -> str:
    found = next((d for d in field.decorators if d.kind == "call" and name_of(d) in tags and len(d.parts) > 1), None)
    return found.parts[1].text if found is not None else ""
