"""What a change makes the backend do otherwise: its routes, its tables and its migrations before and after, from facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from backwright.core.facts import Column, Route, Table
from backwright.kit.index import FactIndex

How = Literal["added", "changed", "removed"]


class Changed(msgspec.Struct, frozen=True):
    """One thing that is not what it was: `was` and `now` say how, each `""` where it is not there."""

    kind: Literal["route", "table", "column", "migration"]
    how: How
    name: str
    was: str = ""
    now: str = ""
    path: str = ""


def changed_behaviour(before: FactIndex, after: FactIndex, migrations: Iterable[str] = ()) -> tuple[Changed, ...]:
    """What differs, routes first; `migrations` are the paths of changed files that hold some."""
    routes = _differences("route", _routes(before), _routes(after))
    tables = _differences("table", _tables(before), _tables(after))
    fresh = {one.name for one in tables if one.how != "changed"}
    columns = [
        one
        for one in _differences("column", _columns(before), _columns(after))
        if one.name.rpartition(".")[0] not in fresh
    ]
    files = [
        Changed("migration", "changed" if p in before.paths and p in after.paths else "added" if p in after.paths else "removed",
                p.rpartition("/")[2], path=p)
        for p in sorted(migrations)
    ]  # fmt: skip
    return (*routes, *tables, *columns, *files)


Known = Mapping[str, tuple[str, str]]  # name to what is said of it, and its path


def _differences(kind: Literal["route", "table", "column"], was: Known, now: Known) -> list[Changed]:
    found = []
    for name in sorted({*was, *now}):
        before, after = was.get(name), now.get(name)
        if before is None and after is not None:
            found.append(Changed(kind, "added", name, "", after[0], after[1]))
        elif after is None and before is not None:
            found.append(Changed(kind, "removed", name, before[0], "", before[1]))
        elif before is not None and after is not None and before[0] != after[0]:
            found.append(Changed(kind, "changed", name, before[0], after[0], after[1]))
    return found


def _routes(index: FactIndex) -> Known:
    return {f"{route.method} {route.path}": (_route(route), path) for path, route in index.routes()}


def _route(route: Route) -> str:
    parts = [route.handler, *([f"gives {route.response}"] if route.response else [])]
    parts += [route.status] if route.status else []
    parts += [f"asks {', '.join(route.auth)}"] if route.auth else []
    return ", ".join(parts)


def _tables(index: FactIndex) -> Known:
    return {table.table or table.entity: (_table(table), path) for path, table in index.tables()}


def _table(table: Table) -> str:
    unique = "".join(f", unique ({', '.join(names)})" for names in table.unique_together)
    return f"{table.entity}{unique}"


def _columns(index: FactIndex) -> Known:
    return {
        f"{table.table or table.entity}.{column.name}": (_column(column), path)
        for path, table in index.tables()
        for column in table.columns
    }


def _column(column: Column) -> str:
    said = [column.type or column.python, "null" if column.nullable else "not null"]
    said += ["unique"] if column.unique else []
    said += ["index"] if column.index else []
    said += [f"to {column.foreign_key}"] if column.foreign_key else []
    said += [f"default {column.server_default or column.default}"] if column.server_default or column.default else []
    return ", ".join(said)
