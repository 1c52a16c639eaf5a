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

_VOICE = Voice("BW903", "locking-migration", "warning")
_POSTGRES = ("psycopg2", "psycopg", "asyncpg")
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
    if _is_postgres(index):
        yield from _locks(found)


def _is_postgres(index: FactIndex) -> bool:
    known = any(True for package in _POSTGRES for _ in index.imports_package(package))
    texts = "\n".join(index.texts.values())
    return known or any(word in texts for word in ("psycopg", "asyncpg", "postgresql://", "postgresql+"))


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


def _locks(found: list[Migration]) -> Iterator[Finding]:
    """Indexes on existing tables without `CONCURRENTLY`: silent where no migration of the project minds that."""
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
    each = [_lock(m, op, careful) for m, op in plain]
    if careful and len(careful) * 2 >= len(plain):
        yield from each
    elif len(plain) >= _STYLE:
        yield _VOICE.style(
            each,
            f"{len(plain)} indexes are created on existing tables without `CONCURRENTLY`: writes wait until they are built",
            help="`op.create_index(…, postgresql_concurrently=True)` in an `autocommit_block()` lets writes go on",
        )


def _lock(migration: Migration, op: Operation, careful: list[tuple[Migration, Operation]]) -> Finding:
    exemplar = f"; {place(careful[0][0].path, careful[0][1].expr.loc)} does" if careful else ""
    return _VOICE.finding(
        migration.path,
        op.expr.loc,
        f"writes to `{op.table}` wait until this index is built",
        scope="upgrade",
        text=f"index on {op.table} {op.expr.positional()[0].text if op.expr.positional() else ''}",
        help=f"`postgresql_concurrently=True` inside `op.get_context().autocommit_block()`{exemplar}",
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python",), check)
