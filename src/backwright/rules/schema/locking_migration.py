"""BW903: a migration does not stop the tables that requests use."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.bodies import walk
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.operations import Migration, Operation, column_of, migrations
from backwright.kit.shapes import Rule
from backwright.rules.schema._dialects import POSTGRES, SQLITE
from backwright.rules.schema._waiting import Careful, Waiting, of_sql

_VOICE = Voice("BW903", "locking-migration", "warning")
_POSTGRES = ("psycopg2", "psycopg", "asyncpg")
_REFUSING = frozenset({POSTGRES, SQLITE})  # MySQL fills the rows that exist with zeros
_STYLE = 3


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Columns that cannot be added to a table with rows; for PostgreSQL, indexes and types that lock it."""
    found = migrations(index).all
    for migration in found:
        for op in _existing(migration):
            if _cannot_be_filled(migration, op):
                yield _VOICE.finding(
                    migration.path,
                    op.expr.loc,
                    f"`{op.table}.{op.column}` is added NOT NULL without a value for the rows that exist: this fails on a table with rows",
                    scope="upgrade",
                    text=f"{op.table}.{op.column}",
                    help="give it a `server_default`, or add it nullable, fill it, then `alter_column(…, nullable=False)`"
                    + _filled_exemplar(found),
                )
    read = list(of_sql(index))
    waiting = [one for one in read if isinstance(one, Waiting)]
    refusing = _REFUSING | {""} if "python" in index.spoken else _REFUSING
    yield from (_said(one, "") for one in waiting if one.risk.kind == "required" and one.dialect in refusing)
    postgres = _is_postgres(index)
    locking = [
        one
        for one in waiting
        if one.risk.kind != "required" and (one.dialect == POSTGRES or (postgres and not one.dialect))
    ]
    if postgres or locking:
        careful = [place(one.path, one.loc) for one in read if isinstance(one, Careful)]
        yield from _locks(found if postgres else [], locking, careful, python="python" in index.spoken)


def _said(one: Waiting, exemplar: str) -> Finding:
    return _VOICE.finding(
        one.path,
        one.loc,
        one.risk.what,
        scope=one.scope,
        text=one.risk.what,
        help=f"{one.risk.instead}{exemplar}",
    )


def _is_postgres(index: FactIndex) -> bool:
    known = any(True for package in _POSTGRES for _ in index.imports_package(package))
    words = ("psycopg", "asyncpg", "postgresql://", "postgresql+")
    return known or any(word in text for text in index.texts.values() for word in words)


def _existing(migration: Migration) -> Iterator[Operation]:
    """The operations on tables that were there before."""
    created = {o.table for o in migration.up if o.name == "create_table"}
    return (o for o in migration.up if o.table and o.table not in created)


def _cannot_be_filled(migration: Migration, op: Operation) -> bool:
    column = column_of(op) if op.name == "add_column" else None
    if column is None or not op.column:
        return False
    nullable = column.keyword("nullable")
    if nullable is None or nullable.text != "False":
        return False
    if column.keyword("server_default") is not None or any(k in {"**", "*"} for k in column.keys):
        return False
    if any(p.kind == "call" and p.parts[0].text in {"Computed", "Identity"} for p in column.positional()):
        return False
    emptied = any(o.name == "execute" and o.expr.loc.start < op.expr.loc.start and _empties(o) for o in migration.up)
    return not emptied


def _empties(op: Operation) -> bool:
    texts = " ".join(e.text for e in walk(op.expr) if e.kind == "string").lower()
    return "delete from" in texts or "truncate" in texts


def _filled_exemplar(found: list[Migration]) -> str:
    for migration in found:
        for op in _existing(migration):
            column = column_of(op) if op.name == "add_column" else None
            if column is not None and column.keyword("server_default") is not None:
                return f"; {place(migration.path, op.expr.loc)} does"
    return ""


def _locks(found: list[Migration], waiting: list[Waiting], minded: list[str], *, python: bool) -> Iterator[Finding]:
    """What makes others wait: said once where few migrations of the project mind that."""
    plain: list[tuple[Migration, Operation]] = []
    careful: list[tuple[Migration, Operation]] = []
    for migration in found:
        added = {o.table for o in migration.up if o.name == "add_column"}
        for op in _existing(migration):
            if op.name != "create_index":
                continue
            if op.expr.keyword("postgresql_concurrently") is not None:
                careful.append((migration, op))
            elif op.table not in added:  # the index of a column that is new here has nothing to read
                plain.append((migration, op))
    minded = [*(place(m.path, op.expr.loc) for m, op in careful), *minded]
    exemplar = f"; {minded[0]} does" if minded else ""
    each = [_lock(m, op, exemplar) for m, op in plain] + [_said(one, exemplar) for one in waiting]
    if minded and len(minded) * 2 >= len(each):
        yield from each
    elif len(each) >= _STYLE:
        yield _VOICE.style(
            each,
            f"{len(each)} indexes and constraints are made on existing tables in one go: requests wait until they are built",
            help="PostgreSQL has `CREATE INDEX CONCURRENTLY` and `NOT VALID` for that"
            + (": `postgresql_concurrently=True` in an `autocommit_block()`, `AddIndexConcurrently`" if python else ""),
        )


def _lock(migration: Migration, op: Operation, exemplar: str) -> Finding:
    return _VOICE.finding(
        migration.path,
        op.expr.loc,
        f"writes to `{op.table}` wait until this index is built",
        scope="upgrade",
        text=f"index on {op.table} {op.expr.positional()[0].text if op.expr.positional() else ''}",
        help=f"`postgresql_concurrently=True` inside `op.get_context().autocommit_block()`{exemplar}",
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust", "java", "kotlin"), check)
