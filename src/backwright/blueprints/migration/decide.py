"""From a change of the database to what it is called, where it is declared, and what it locks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from backwright.core.change import Assumption
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Column, Table
from backwright.core.request import MigrationChange
from backwright.kit.artifacts import ResourcePlan
from backwright.kit.existing import enum_of, existing_plan, field_of, find_column, find_entity
from backwright.kit.house import House
from backwright.kit.index import FactIndex

_LONGEST = 63  # bytes of a name in PostgreSQL
_BATCH = 1000
_NOT_SQL = re.compile(r";|--|/\*")
_LOCKS = {
    "index": "PostgreSQL lets nobody write to `{table}` while the index is built; --concurrently does, and takes longer",
    "concurrent": "built without a lock on `{table}`, in a transaction of its own: a failure leaves an invalid index, which is dropped",
    "unique": "PostgreSQL lets nobody read or write `{table}` while its rows are compared",
    "check": "PostgreSQL lets nobody read or write `{table}` while its rows are checked; rows that break the rule stop the migration",
    "backfill": "each batch locks its own rows alone and is committed by itself; started again, it does what is left",
}


@dataclass(frozen=True)
class DatabaseEdit:
    """What changes: `name` is what the database calls it, `short` what the model calls a check before conventions."""

    change: MigrationChange
    path: str
    table: Table
    columns: tuple[Column, ...]
    resource: ResourcePlan
    name: str = ""
    short: str = ""
    value: str = ""  # of a backfill, as Python source
    batch: int = 0


@dataclass(frozen=True)
class Decision:
    """The change with what was assumed on the way; notes say what is locked."""

    plan: DatabaseEdit
    assumptions: tuple[Assumption, ...] = ()
    notes: tuple[str, ...] = ()


def decide(
    change: MigrationChange, house: House, index: FactIndex, settings: Mapping[str, str], *, concurrently: bool = False
) -> Decision:
    """`concurrently`: this house builds its indexes so. Raises UsageError for what is not there or is there already."""
    path, table = find_entity(change.table, index)
    where = f"{path}:{table.loc.line}"
    columns = tuple(find_column(name, path, table) for name in change.columns)
    if not columns and change.action != "check":
        raise UsageError(f"which columns of {table.table}?", where=where)
    if house.migration is None:
        raise Unsupported("this project does not use Alembic", where=where)
    resource = existing_plan(path, table, house, index)
    names = tuple(c.name for c in columns)
    bare = table.table.rpartition(".")[2]
    locks = _LOCKS[change.action]
    match change.action:
        case "index":
            _refuse_indexed(columns, table, where)
            if change.concurrently or concurrently:
                locks = _LOCKS["concurrent"]
            name = _named("ix", bare, names)
            edit = DatabaseEdit(change, path, table, columns, resource, name)
        case "unique":
            if (len(columns) == 1 and columns[0].unique) or names in table.unique_together:
                raise UsageError(f"{', '.join(names)} of {table.entity} is unique already", where=where)
            edit = DatabaseEdit(change, path, table, columns, resource, _named("uq", bare, names))
        case "check":
            known = _mentioned(change.condition, path, table)
            short = "_".join(known) + {"<": "_below", ">": "_above"}.get(_sign(change.condition), "_rule")
            edit = DatabaseEdit(change, path, table, (), resource, _short(f"ck_{bare}_{short}"), short)
        case _:
            value = _value(change.value, columns[0], path, table, house, index)
            if change.condition:
                _mentioned(change.condition, path, table)
            elif not columns[0].nullable:
                raise UsageError(
                    f"`{names[0]}` of {table.entity} is never empty: which rows get {change.value}?",
                    where=where,
                    hints=(f"say it: where '{names[0]} = …'",),
                )
            edit = DatabaseEdit(change, path, table, columns, resource, value=value, batch=change.batch or _BATCH)
    said: tuple[Assumption, ...] = ()
    if change.action == "backfill" and not change.batch:
        said = (Assumption("batch", str(_BATCH), "rows at a time; say batch=… for another number"),)
    return Decision(edit, said, (locks.format(table=bare),))


def _refuse_indexed(columns: tuple[Column, ...], table: Table, where: str) -> None:
    one = columns[0]
    if len(columns) == 1 and (one.index or one.unique or one.primary_key):
        raise UsageError(f"`{one.name}` of {table.entity} has an index already", where=where)


def _named(kind: str, table: str, columns: tuple[str, ...]) -> str:
    return _short(f"{kind}_{table}_{'_'.join(columns)}")


def _short(name: str) -> str:
    """A name that PostgreSQL does not cut."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def _sign(condition: str) -> str:
    found = re.search(r"[<>]", condition)
    return found.group() if found else ""


def _mentioned(condition: str, path: str, table: Table) -> tuple[str, ...]:
    """The columns of a condition. Raises UsageError where it names none, or is more than a condition."""
    where = f"{path}:{table.loc.line}"
    if _NOT_SQL.search(condition):
        raise UsageError(f"'{condition}' is more than a condition", where=where)
    words = re.findall(r"[A-Za-z_]\w*", re.sub(r"'[^']*'", "", condition))
    known = tuple(dict.fromkeys(c.name for w in words for c in table.columns if c.name == w))
    if not known:
        names = ", ".join(c.name for c in table.columns)
        raise UsageError(f"'{condition}' names no column of {table.table}", where=where, hints=(f"columns: {names}",))
    return known


def _value(text: str, column: Column, path: str, table: Table, house: House, index: FactIndex) -> str:
    """What rows get, as Python source. Raises UsageError for a value that the column does not hold."""
    where = f"{path}:{column.loc.line}"
    field = field_of(column, path, table, house, index)
    if text in {c.name for c in table.columns}:
        return f"rows.c.{text}"
    kind = field.type if field is not None else ""
    if field is not None and field.enum:
        return _member(text, column, path, index, where)
    fault = f"`{column.name}` of {table.entity} holds no '{text}'"
    match kind:
        case "boolean":
            if text.lower() not in {"true", "false"}:
                raise UsageError(fault, where=where)
            return str(text.lower() == "true")
        case "integer" | "ref" if re.fullmatch(r"-?\d+", text):
            return text
        case "float" | "decimal" | "integer":
            try:
                Decimal(text)
            except InvalidOperation as error:
                raise UsageError(fault, where=where) from error
            return text if kind == "float" else f'Decimal("{text}")'
        case "date" | "datetime" if text == "now":
            return "sa.func.now()" if kind == "datetime" else "sa.func.current_date()"
        case "string" | "text" | "email" | "url" | "slug":
            return f'"{text}"' if '"' not in text and "\\" not in text else repr(text)
    raise Unsupported(
        f"values of `{column.name}` ({column.type or column.python}) are not written by backfills yet", where=where
    )


def _member(text: str, column: Column, path: str, index: FactIndex, where: str) -> str:
    """A value of an enumeration as the database has it: by its name, where nothing says that it is by its value."""
    found = enum_of(column, path, index)
    assert found is not None, "the field holds an enumeration"
    members = {f.name: f.value_expr.text for f in found.symbol.fields if f.value_expr is not None}
    name = next((n for n, v in members.items() if text in (n, v)), "")
    if not name:
        raise UsageError(f"{found.symbol.name} has no '{text}'", where=where, hints=(", ".join(members.values()),))
    by_value = "values_callable" in column.type or (column.type and "Enum" not in column.type)
    stored = members[name] if by_value else name
    return f"""sa.literal_column("'{stored}'")"""
