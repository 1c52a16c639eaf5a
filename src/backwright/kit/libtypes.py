"""Types as inference speaks of them, and those that the libraries' functions give."""

from __future__ import annotations

from dataclasses import dataclass

from backwright.core.facts import Expr
from backwright.kit.index import Definition

ASYNC_SESSION = "sqlalchemy.ext.asyncio.AsyncSession"
# What a method of another package's class gives: (last name of the class, method).
METHODS: dict[tuple[str, str], str] = {
    ("Engine", "connect"): "sqlalchemy.Connection",
    ("Engine", "begin"): "sqlalchemy.Connection",
    ("Engine", "raw_connection"): "sqlalchemy.RawConnection",
    ("AsyncEngine", "connect"): "sqlalchemy.ext.asyncio.AsyncConnection",
    ("AsyncEngine", "begin"): "sqlalchemy.ext.asyncio.AsyncConnection",
    ("Session", "connection"): "sqlalchemy.Connection",
    ("AsyncSession", "connection"): "sqlalchemy.ext.asyncio.AsyncConnection",
    ("Session", "begin"): "sqlalchemy.orm.Session",
    ("sessionmaker", "begin"): "sqlalchemy.orm.Session",
    ("async_sessionmaker", "begin"): ASYNC_SESSION,
    ("Pool", "acquire"): "asyncpg.Connection",
    ("Connection", "cursor"): "dbapi.Cursor",
    ("RawConnection", "cursor"): "dbapi.Cursor",
}
FACTORIES = frozenset({"sessionmaker", "async_sessionmaker"})
CONTAINERS = frozenset({"list", "sorted", "tuple", "set", "reversed", "enumerate"})


@dataclass(frozen=True)
class Type:
    """A class by its dotted `origin`, with its definition in this project if any: `many` of it, or the class."""

    origin: str
    definition: Definition | None = None
    many: bool = False
    itself: bool = False
    args: tuple[str, ...] = ()
    path: str = ""  # where `args` are to be resolved

    @property
    def last(self) -> str:
        return self.origin.rpartition(".")[2]


def type_text(expr: Expr) -> str:
    """An annotation expression as text, as far as `take_apart` needs it."""
    if expr.kind == "subscript":
        inner = expr.parts[1:]
        if len(inner) == 1 and inner[0].kind == "sequence":
            inner = inner[0].parts
        return f"{expr.parts[0].dotted()}[{', '.join(type_text(p) for p in inner)}]"
    if expr.kind == "binary" and len(expr.parts) == 2:
        return f"{type_text(expr.parts[0])} | {type_text(expr.parts[1])}"
    if expr.kind in {"string", "constant"}:
        return expr.text
    return expr.dotted()
