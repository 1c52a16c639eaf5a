"""Entities that other packages declare the columns of, as their documentation promises: their code is not read."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from backwright.core.facts import Column, Loc
from backwright.kit.index import Definition, FactIndex

_NOWHERE = Loc(1, 1, 1, 1, 0, 0)
_FLAG = Column("", "Boolean", "bool", _NOWHERE, default="False")
_USER = (
    Column("email", "String(320)", "str", _NOWHERE, unique=True, index=True),
    Column("hashed_password", "String(1024)", "str", _NOWHERE),
    msgspec.structs.replace(_FLAG, name="is_active", default="True"),
    msgspec.structs.replace(_FLAG, name="is_superuser"),
    msgspec.structs.replace(_FLAG, name="is_verified"),
)
_UUID_KEY = Column("id", "GUID", "uuid.UUID", _NOWHERE, primary_key=True, default="uuid.uuid4")
# fastapi-users: the class and its columns; the table is called `user`.
_BASES = {"SQLAlchemyBaseUserTable": _USER, "SQLAlchemyBaseUserTableUUID": (_UUID_KEY, *_USER)}
_PACKAGES = ("fastapi_users.", "fastapi_users_db_sqlalchemy.")
TABLE = "user"


def library_columns(index: FactIndex, definition: Definition) -> tuple[Column, ...]:
    """The columns that a base of another package brings, with its name as their origin; empty for other entities."""
    for name in _library_bases(index, definition):
        loc = definition.symbol.loc
        return tuple(msgspec.structs.replace(c, loc=loc, origin=name) for c in _BASES[name])
    return ()


def _library_bases(index: FactIndex, definition: Definition) -> Iterator[str]:
    for current in [definition, *index.bases(definition)]:
        for base in current.symbol.bases:
            name = base.partition("[")[0]
            origin = index.origin(current.path, name)
            if origin.startswith(_PACKAGES) and origin.rpartition(".")[2] in _BASES:
                yield origin.rpartition(".")[2]
