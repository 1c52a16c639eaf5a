"""The columns of an entity that hold a state, and the values that each of them knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backwright.core.facts import Column, Table
from backwright.kit.actions import participle, state_columns, turns
from backwright.kit.index import Definition, FactIndex
from backwright.kit.lineage import ENUMS, built_on
from backwright.kit.transitions import Member

_MOMENT = re.compile(r"datetime|timestamp", re.IGNORECASE)
_BOOL = re.compile(r"^bool", re.IGNORECASE)
_TEXT = re.compile(r"^(?:str$|string|text|varchar|unicode)", re.IGNORECASE)


@dataclass(frozen=True)
class State:
    """A column that holds a state. `members` are the values of an enumeration, or those known of a text."""

    column: Column
    kind: Literal["enum", "text", "boolean", "moment"]
    members: tuple[Member, ...] = ()
    enum: Definition | None = None


def states_of(path: str, table: Table, index: FactIndex) -> tuple[State, ...]:
    """Every column of an entity that could be one, in order."""
    found = (_state(path, column, index) for column in table.columns if not column.primary_key)
    return tuple(s for s in found if s is not None and not s.column.foreign_key)


def _state(path: str, column: Column, index: FactIndex) -> State | None:
    enum = _enum(path, column, index)
    if enum is not None:
        return State(column, "enum", tuple(_members(enum)), enum)
    kind = f"{column.python} {column.type}"
    listed = (
        re.findall(r"""["']([\w -]+)["']""", kind) if re.match(r"(?:\w+\.)*(?:Literal|Enum)\b", kind.strip()) else []
    )
    if listed:
        return State(column, "text", tuple(Member(v, v) for v in listed))
    if _BOOL.match(column.python or column.type):
        return State(column, "boolean")
    if _MOMENT.search(kind):
        return State(column, "moment") if column.nullable else None
    if _TEXT.match(column.python or column.type) and column.name in state_columns():
        return State(column, "text")
    return None


def _enum(path: str, column: Column, index: FactIndex) -> Definition | None:
    """The class of the column's values."""
    origin = next((d for d in index.classes() if column.origin and d.symbol.name == column.origin), None)
    file = origin.path if origin is not None else path
    names = dict.fromkeys(re.findall(r"[A-Za-z_][\w.]*", f"{column.python} {column.type} {column.source}"))
    for name in names:
        found = index.resolve(file, name)
        if built_on(index, found, ENUMS):
            return found
    return None


def _members(enum: Definition) -> Iterator[Member]:
    for item in enum.symbol.fields:
        if item.name.startswith("_") or item.value_expr is None:
            continue
        plain = item.value_expr.text if item.value_expr.kind in {"string", "constant"} else item.name.lower()
        yield Member(item.name, plain)


def spoken_of(action: str, states: tuple[State, ...]) -> tuple[State, str] | None:
    """The boolean or moment that a verb speaks of, with what it is afterwards: `is_published`, `closed_at`."""
    for word, value in turns(action):
        for state in states:
            bare = re.sub(r"^(?:is|was|has_been|has)_", "", state.column.name)
            if state.kind == "boolean" and bare == word:
                return state, str(value)
    moments = {f"{participle(action)}_at", f"{participle(action)}_on"}
    found = next((s for s in states if s.kind == "moment" and s.column.name in moments), None)
    return (found, "now") if found is not None else None
