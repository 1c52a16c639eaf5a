"""From the wish to know when rows were made and changed to the columns, as other entities of this house have them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwright.core.change import Assumption
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Column, Table
from backwright.core.request import Audit
from backwright.kit.artifacts import ResourcePlan
from backwright.kit.existing import existing_plan, find_entity
from backwright.kit.house import House
from backwright.kit.index import Definition, FactIndex

_PLACES = ("created_at", "updated_at")


@dataclass(frozen=True)
class Stamp:
    """One moment: its column's name, and the column of another entity that it is like (None: nothing here has one)."""

    name: str
    like: Column | None
    path: str = ""  # of the entity that `like` stands in


@dataclass(frozen=True)
class AuditEdit:
    """The moments of one entity. `mixin` declares exactly them, and entities of this house take it up."""

    path: str
    table: Table
    stamps: tuple[Stamp, ...]
    resource: ResourcePlan
    batch: bool  # SQLite has to follow: the table is copied
    mixin: Definition | None = None


@dataclass(frozen=True)
class Decision:
    """The change with what was assumed on the way."""

    plan: AuditEdit
    assumptions: tuple[Assumption, ...] = ()
    notes: tuple[str, ...] = ()


def decide(change: Audit, house: House, index: FactIndex, *, sqlite: bool) -> Decision:
    """Raises UsageError where the entity is not there or has them all, Unsupported for what is not known of rows."""
    path, table = find_entity(change.resource, index)
    where = f"{path}:{table.loc.line}"
    who = next((name for name in change.columns if name not in _PLACES), "")
    if who:
        raise Unsupported(
            f"`{who}` would have to be set from the signed-in user wherever rows change, which is not planned yet",
            where=where,
            hints=(f"the moments alone: plan audit {change.resource}",),
        )
    have = {c.name for c in table.columns}
    stamps = tuple(
        stamp
        for name in change.columns or _PLACES
        if (stamp := _stamp(name, table, index)).name not in have and not _known_as(name, table)
    )
    if not stamps:
        said = " and ".join(c.name for name in change.columns or _PLACES for c in _known_as(name, table))
        raise UsageError(f"{table.entity} has {said} already", where=where)
    edit = AuditEdit(path, table, stamps, existing_plan(path, table, house, index), sqlite, _mixin(stamps, path, index))
    told = "rows that exist get the moment of the migration: when they were made is not known"
    return Decision(edit, (Assumption("backfill", "now", told),), _locks(edit))


def _named(name: str) -> re.Pattern[str]:
    return re.compile(
        r"creat\w*?(?:_(?:at|on|date|time))?$|date_created$|inserted_at$"
        if name == "created_at"
        else r"(?:updat|modif)\w*?(?:_(?:at|on|date|time))?$|date_(?:updated|modified)$|last_(?:updated|modified)$"
    )


def _known_as(name: str, table: Table) -> list[Column]:
    """What the entity has for it by whatever name."""
    return [c for c in table.columns if _named(name).match(c.name) and _is_moment(c)]


def _is_moment(column: Column) -> bool:
    return re.search(r"datetime|timestamp", f"{column.python} {column.type}", re.IGNORECASE) is not None


def _stamp(name: str, table: Table, index: FactIndex) -> Stamp:
    """As most other entities have it, that something fills by itself."""
    found: dict[str, list[tuple[str, Column]]] = {}
    for path, other in index.tables():
        for column in _known_as(name, other) if other.orm == table.orm else ():
            if re.search(r"(?<!on)default", column.source) and (name == "created_at" or "onupdate" in column.source):
                found.setdefault(column.name, []).append((path, column))
    most = max(found.values(), key=len, default=[])
    if not most and name == "updated_at":  # the moment of making, where that is known here, is made to follow changes
        made = _stamp("created_at", table, index)
        fills = r"default_factory=[\w.]+|(?<!server_)\bdefault=[\w.]+|server_default=func\.\w+\(\)"
        source = made.like.source if made.like is not None else ""
        able = source.endswith(")") and re.search(fills, source) and "sa_column" not in source
        return Stamp(name, made.like if able else None, made.path)
    if not most:
        return Stamp(name, None)
    path, column = next(((p, c) for p, c in most if not c.origin), most[0])
    return Stamp(column.name, column, path)


def _mixin(stamps: tuple[Stamp, ...], path: str, index: FactIndex) -> Definition | None:
    """The class that brings exactly these columns, and no others."""
    origins = {stamp.like.origin for stamp in stamps if stamp.like is not None}
    if (
        len(origins) != 1
        or any(s.like is None or s.like.name != s.name for s in stamps)
        or not (name := next(iter(origins)))
    ):
        return None
    found = next((d for d in index.classes() if d.symbol.name == name), None)
    if found is None or any(t.entity == name for _, t in index.tables()):
        return None
    columns = {f.name for f in found.symbol.fields if not f.name.startswith("_")}
    return found if columns == {s.name for s in stamps} and found.path != path else None


def _locks(edit: AuditEdit) -> tuple[str, ...]:
    bare = edit.table.table
    if edit.resource.house.migration is None:
        return ("there is no migration: this project does not use Alembic",)
    return (
        f"PostgreSQL: the columns come at once, {bare} is locked for a moment only: all rows that exist share one value",
    )
