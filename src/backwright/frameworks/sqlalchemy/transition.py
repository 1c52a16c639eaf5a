"""The change of a row's state as one statement with its condition, so that of two requests only one succeeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Table
from backwright.kit.house import Ref
from backwright.kit.index import Definition, FactIndex
from backwright.kit.references import ref_of
from backwright.kit.transitions import Transition

_MYSQL = re.compile(r"\b(?:pymysql|aiomysql|asyncmy|mysqlclient|mysql-connector-python|mariadb)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Writing:
    """How one file talks to the database: what it calls the entity, by which `session`, in the older way with `query` or not."""

    entity: str
    enum: str
    session: str
    is_async: bool
    query: bool
    sqlmodel: bool
    imports: tuple[str, ...]
    update: str = "update"
    counts: bool = False  # UPDATE cannot answer with the row, so rows are counted


def writing_of(
    index: FactIndex, path: str, entity: Definition, transition: Transition, session: str, *, is_async: bool, text: str
) -> Writing:
    """The names that statements of a file use; `text` is its source."""
    table, table_import = name_in(index, path, entity.path, entity.symbol.name)
    enum, enum_import = name_in(index, path, transition.enum_path, transition.enum) if transition.enum else ("", "")
    query = not is_async and f"{session}.query(" in text
    sqlmodel = any(
        t.orm == "sqlmodel" and t.entity == entity.symbol.name for p, t in index.tables() if p == entity.path
    )
    imports = [i for i in (table_import, enum_import) if i]
    own = index.symbols(path)
    taken = "update" in own or any(p.name == "update" for s in own.values() for p in s.params)
    imports.append("from sqlalchemy import update" + (" as sa_update" if taken else ""))
    name = "sa_update" if taken else "update"
    counts = not query and speaks_mysql(index)
    return Writing(table, enum, session, is_async, query, sqlmodel, tuple(imports), name, counts)


def name_in(index: FactIndex, path: str, home: str, name: str) -> tuple[str, str]:
    """What a class is called in a file: `Order`, `models.Order`; and the import that it takes, `""` for none."""
    wanted = home, name
    if path == home:
        return name, ""
    for item in index.imports(path):
        if item.scope or item.typing_only:
            continue
        found = index.resolve(path, item.alias)
        if found is not None and (found.path, found.symbol.qualname) == wanted:
            return item.alias, ""
    for item in index.imports(path):
        if item.scope:
            continue
        found = index.resolve(path, f"{item.alias}.{name}")
        if found is not None and (found.path, found.symbol.qualname) == wanted:
            return f"{item.alias}.{name}", ""
    ref = ref_of(index, home, name) or Ref(name, index.module(home))
    return name, ref.line


def statement(transition: Transition, table: Table, writing: Writing, row: str, now: str) -> str:
    """A statement that leaves `changed`: what it is afterwards says whether the row was changed."""
    a = "await " if writing.is_async else ""
    keys = [c.name for c in table.columns if c.primary_key] or ["id"]
    where = [*(f"{_column(writing, key)} == {row}.{key}" for key in keys), condition(transition, writing)]
    values = {transition.column: _value(transition, transition.target, writing, now)}
    values |= {name: now for name, _ in transition.stamps}
    if writing.query:
        given = ", ".join(f"{writing.entity}.{name}: {value}" for name, value in values.items())
        return f"changed = {writing.session}.query({writing.entity}).filter({', '.join(where)}).update({{{given}}})"
    given = ", ".join(f"{name}={value}" for name, value in values.items())
    first = _column(writing, keys[0])
    inner = f"{writing.update}({writing.entity}).where({', '.join(where)}).values({given})"
    if writing.counts:
        return f'changed = cast("CursorResult[Any]", {a}{writing.session}.execute({inner})).rowcount'
    inner += f".returning({first})"
    return f"changed = {a}{writing.session}.scalar({inner})"


def failed(writing: Writing) -> str:
    """The condition that nothing was changed."""
    return "not changed" if writing.query or writing.counts else "changed is None"


def condition(transition: Transition, writing: Writing) -> str:
    """What has to be true of the row before."""
    column = _column(writing, transition.column)
    if transition.kind == "boolean":
        return f"{column}.is_({transition.sources[0]})"
    if transition.kind == "moment":
        return f"{column}.is_(None)" if transition.sources else f"{column}.is_not(None)"
    values = [_value(transition, source, writing, "") for source in transition.sources]
    if not values:
        return f"{column} != {_value(transition, transition.target, writing, '')}"
    return f"{column} == {values[0]}" if len(values) == 1 else f"{column}.in_([{', '.join(values)}])"


def statement_imports(writing: Writing) -> Iterator[str]:
    """More than the statement needs: what is not used is left out."""
    yield from writing.imports
    if writing.sqlmodel:
        yield "from sqlmodel import col"
    if writing.counts:
        yield from ("from typing import Any, cast", "from sqlalchemy import CursorResult")


def speaks_mysql(index: FactIndex) -> bool:
    """Whether rows are kept where UPDATE cannot answer with them."""
    manifests = (text for path, text in index.texts.items() if path.endswith((".toml", ".txt", ".cfg", "Pipfile")))
    return any(_MYSQL.search(text) for text in manifests)


def _column(writing: Writing, name: str) -> str:
    wrapped = writing.sqlmodel and not writing.query
    return f"col({writing.entity}.{name})" if wrapped else f"{writing.entity}.{name}"


def _value(transition: Transition, value: str, writing: Writing, now: str) -> str:
    match transition.kind:
        case "enum":
            return f"{writing.enum}.{value}"
        case "text":
            return f'"{value}"'
        case "moment":
            return now if value == "now" else "None"
        case _:
            return value
