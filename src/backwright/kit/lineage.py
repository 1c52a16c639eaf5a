"""What a class is built on, by the names of the libraries' own classes."""

from __future__ import annotations

from collections.abc import Collection

from backwright.kit.index import Definition, FactIndex

ENUMS = frozenset({"Enum", "StrEnum", "IntEnum"})
SCHEMAS = frozenset({"BaseModel", "SQLModel"})


def built_on(index: FactIndex, found: Definition | None, names: Collection[str]) -> bool:
    """Whether it is a class that inherits from one of these, however far."""
    if found is None or found.symbol.kind != "class":
        return False
    return any(base.split(".")[-1] in names for base in index.root_bases(found))
