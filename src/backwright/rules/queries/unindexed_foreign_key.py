"""BW307: a foreign key that queries follow has an index."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Column, Expr, Table
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.chains import name_of
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.naming import snake
from backwright.kit.shapes import Rule
from backwright.rules.queries._keys_of_calls import keyed_tables

_VOICE = Voice("BW307", "unindexed-foreign-key", "warning")
_INDEXING = frozenset({"Index", "UniqueConstraint", "PrimaryKeyConstraint"})
# InnoDB makes an index for every foreign key by itself.
_BY_ITSELF = ("pymysql", "MySQLdb", "aiomysql", "asyncmy", "mysql")
# Who wrote a row is shown beside it; nobody asks for the rows that somebody wrote.
_WRITER = re.compile(r"^(created|updated|modified|deleted|edited|changed|added|invited|last_\w+)_by")
_SOURCE = re.compile(r"^\s*datasource\s+\w+\s*\{(.*?)^\s*\}", re.MULTILINE | re.DOTALL)
_BARE = re.compile(r'^\s*provider\s*=\s*"(postgres(ql)?|sqlite|sqlserver|cockroachdb)"', re.MULTILINE)
_PROVIDED = re.compile(r'^\s*provider\s*=\s*"mysql"', re.MULTILINE)
_EMULATED = re.compile(r'^\s*relationMode\s*=\s*"prisma"', re.MULTILINE)
# Fewer columns than this are no style.
_STYLE = 3


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each foreign key without an index; one for the project where most have none."""
    mysql = any(True for package in _BY_ITSELF for _ in index.imports_package(package)) or _says_mysql(index)
    orms = {"drizzle"} if mysql else {"drizzle", "sqlalchemy", "sqlmodel"}
    if _prisma_leaves_it(index):
        orms.add("prisma")
    serving = Serving(index, archmap)
    migrated = set(_migrated(index))
    seen: set[tuple[str, str]] = set()  # one schema may be kept for several databases
    bare: list[tuple[str, Table, Column]] = []
    good: list[tuple[str, Column]] = []
    for path, table in sorted((*index.tables(), *keyed_tables(index)), key=lambda t: (t[0], t[1].loc.start)):
        if path not in serving or table.orm not in orms:
            continue
        led = _leading(index, path, table)
        for column in table.columns:
            key = (table.table or table.entity, column.name)
            if not column.foreign_key or _WRITER.search(snake(column.name)) or key in seen:
                continue
            seen.add(key)
            if column.index or column.unique or column.name in led or (table.table, column.name) in migrated:
                good.append((path, column))
            elif not column.origin:
                bare.append((path, table, column))
    exemplar = f"; {place(good[0][0], good[0][1].loc)} has one" if good else ""
    each = [_one(path, table, column, exemplar) for path, table, column in bare]
    if len(bare) >= _STYLE and len(bare) > len(good):
        yield _VOICE.style(
            each,
            f"{len(bare)} of {len(bare) + len(good)} foreign keys have no index",
            help="without one, finding the children of a row, and deleting it, reads the whole table",
        )
    else:
        yield from each


def _one(path: str, table: Table, column: Column, exemplar: str) -> Finding:
    name = column.source.split()[0] if column.source else column.name
    how = {"prisma": f"`@@index([{name}])`", "drizzle": f"`index().on(table.{name})`"}.get(table.orm, "`index=True`")
    return _VOICE.finding(
        path,
        column.loc,
        f"the foreign key `{table.table or table.entity}.{column.name}` has no index",
        scope=table.entity,
        text=column.name,
        help=f"{how}, and a migration that creates it{exemplar}",
    )


def _prisma_leaves_it(index: FactIndex) -> bool:
    """Whether the database of a Prisma schema makes no index for a foreign key: MySQL does, for those that it knows of."""
    sources = [m[1] for path, text in index.texts.items() if path.endswith(".prisma") for m in _SOURCE.finditer(text)]
    return any(_BARE.search(s) or (_PROVIDED.search(s) and _EMULATED.search(s)) for s in sources)


def _says_mysql(index: FactIndex) -> bool:
    """Whether an address of a database in the project's configuration is one of MySQL, and none of another."""
    texts = "\n".join(index.texts.values())
    return "mysql" in texts and "postgres" not in texts and "sqlite" not in texts


def _leading(index: FactIndex, path: str, table: Table) -> set[str]:
    """The columns that some key or index of the table begins with."""
    out = {c.name for c in table.columns if c.primary_key}  # of a key of several, the join that it is for
    out |= {names[0] for names in table.unique_together if names}
    symbol = index.symbols(path).get(table.entity)
    for field in symbol.fields if symbol is not None else ():
        if field.name != "__table_args__" or field.value_expr is None:
            continue
        for node in walk(field.value_expr):
            if node.kind == "call" and name_of(node) in _INDEXING:
                out |= set(_first_column(node.positional()[0 if name_of(node) != "Index" else 1 :]))
    for item in _below(index, path):
        given = item.positional()[1:]
        if given and given[0].kind == "attribute" and given[0].parts[0].dotted() == table.entity:
            out.add(given[0].text)
    return out


def _below(index: FactIndex, path: str) -> Iterator[Expr]:
    """`Index("ix_…", Order.user_id)` below the class."""
    for call in index.calls(path, ""):
        if name_of(call.expr) == "Index":
            yield call.expr


def _first_column(given: tuple[Expr, ...]) -> Iterator[str]:
    first = next(iter(given), None)
    if first is not None and first.kind == "string":
        yield first.text
    elif first is not None:
        yield first.dotted().rpartition(".")[2]


def _migrated(index: FactIndex) -> Iterator[tuple[str, str]]:
    """The tables and first columns of the indexes that migrations create."""
    for link in bodies(index).called(("create_index", "create_unique_constraint")):
        given = link.expr.positional()
        table = _table_of(link.body, link.expr.parts[0].parts[0].dotted()) if link.expr.parts[0].parts else ""
        names = [p for p in given if p.kind == "sequence"]
        if len(given) > 1 and given[1].kind == "string":
            table = given[1].text
        for first in names[0].parts[:1] if names else ():
            if first.kind == "string" and table:
                yield table, first.text
            elif first.kind == "call" and first.positional() and first.positional()[0].kind == "string":
                yield table, first.positional()[0].text


def _table_of(body: Body, receiver: str) -> str:
    """`with op.batch_alter_table("orders") as batch_op`."""
    for assign in body.targets().get(receiver, ()):
        if assign.op == "with" and assign.value.kind == "call" and assign.value.positional():
            return assign.value.positional()[0].text
    return ""


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
