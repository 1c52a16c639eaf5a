"""What BW901 says of schemas of Prisma, tables of Drizzle and entities of TypeORM, MikroORM and Sequelize."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname

from backwright.core.archmap import ArchMap
from backwright.core.facts import Column, Expr, Loc, Table
from backwright.core.findings import Finding, Related
from backwright.kit.aside import Serving
from backwright.kit.chains import argument, by_name, links, name_of, positional
from backwright.kit.findings import Voice, span_of
from backwright.kit.index import FactIndex
from backwright.kit.naming import snake
from backwright.rules.schema._sql_changes import Replayed, changes, plain
from backwright.rules.schema._written_migrations import written

_PRISMA_FILE = re.compile(r"^(?P<folder>.*/)?migrations?/[^/]+/migration\.sql$")
_ORMS = {
    "typeorm": "`typeorm migration:generate`, then read what it wrote",
    "mikroorm": "`mikro-orm migration:create`, then read what it wrote",
    "sequelize": "`sequelize-cli migration:generate`, and write what changes",
}
_TABLES = {"pgTable": "postgresql", "mysqlTable": "mysql", "sqliteTable": "sqlite"}
_MADE = frozenset({"Column", "Property", "CreateDateColumn", "UpdateDateColumn", "DeleteDateColumn", "Enum"})
_NAMES = ("name", "fieldName", "field")
_VIRTUAL = re.compile(r"\bVIRTUAL\b|persist:\s*false|formula")


@dataclass(frozen=True)
class Wanted:
    """A table that the code declares: by which name, and its columns, each with the names that it may have there."""

    path: str
    entity: str
    table: str
    loc: Loc
    columns: tuple[tuple[str, tuple[str, ...], Loc], ...]
    named: bool = True  # whether the table's name is said plainly


def compared(index: FactIndex, archmap: ArchMap, voice: Voice) -> Iterator[Finding]:
    """One finding for each table and each column that the code has and no migration makes, where both are known for sure."""
    serving = Serving(index, archmap)
    for schema, wanted in _prisma(index):
        yield from _compare([schema], [w for w in wanted if w.path in serving], voice, "`prisma migrate dev`")
    for schemas, wanted in _drizzle(index):
        yield from _compare(schemas, [w for w in wanted if w.path in serving], voice, "`drizzle-kit generate`")
    schemas = _of_code(index)
    for orm, how in _ORMS.items() if schemas else ():
        yield from _compare(schemas, [w for w in _entities(index, orm) if w.path in serving], voice, how)


def _compare(schemas: list[Replayed], wanted: list[Wanted], voice: Voice, how: str) -> Iterator[Finding]:
    """What all of these schemas lack: one may be kept for each kind of database."""
    known = [w for w in wanted if any(w.table in s.tables for s in schemas)]
    whole = len(known) * 4 > len(wanted) * 3
    for one in wanted:
        having = [s for s in schemas if one.table in s.tables]
        if having and all(s.knows(one.table) for s in having):
            made = set.union(*(s.tables[one.table] for s in having))
            for shown, names, loc in one.columns:
                if made.isdisjoint(names):
                    what = f"`{one.table}.{shown}` is in the model, and no migration adds it"
                    yield _finding(voice, one, loc, what, f"{one.table}.{shown}", how, having[0])
        elif whole and one.named and not any(s.unsure for s in schemas):
            what = f"no migration creates `{one.table}`, the table of `{one.entity}`"
            yield _finding(voice, one, one.loc, what, one.table, how, schemas[0])


def _finding(voice: Voice, one: Wanted, loc: Loc, what: str, text: str, how: str, schema: Replayed) -> Finding:
    last = [Related("the newest migration", span_of(schema.last, Loc(1, 1, 1, 1, 0, 0)))] if schema.last else []
    return voice.finding(one.path, loc, what, scope=one.entity, text=text, help=how, related=last)


# -- Prisma --------------------------------------------------------------------------------------------------------
def _prisma(index: FactIndex) -> Iterator[tuple[Replayed, list[Wanted]]]:
    """The schema that each folder of migrations leads to, with the models beside it."""
    folders: dict[str, list[str]] = defaultdict(list)
    for path in sorted(index.texts):
        if (found := _PRISMA_FILE.match(path)) is not None:
            folders[found["folder"] or ""].append(path)
    models: dict[str, list[Wanted]] = defaultdict(list)
    for path, table in index.tables() if folders else ():
        if table.orm == "prisma":
            above = [f"{folder}/" if folder else "" for folder in _above(path)]
            folder = next((f for f in above if f in folders), None)
            if folder is not None:
                models[folder].append(_model(path, table))
    for folder, wanted in models.items():
        schema = Replayed(last=folders[folder][-1])
        for path in folders[folder]:
            schema.apply(changes(index.texts[path]))
        yield schema, wanted


def _above(path: str) -> Iterator[str]:
    """The folder of a schema, and the two above it: a schema may be a folder of files."""
    for _ in range(3):
        path = dirname(path)
        yield path


def _model(path: str, table: Table) -> Wanted:
    columns = tuple((c.name, (c.name.lower(),), c.loc) for c in table.columns)
    first = table.loc
    return Wanted(path, table.entity, table.table.lower(), Loc(first.line, 1, first.line, 1, 0, 0), columns)


# -- Drizzle -------------------------------------------------------------------------------------------------------
def _drizzle(index: FactIndex) -> Iterator[tuple[list[Replayed], list[Wanted]]]:
    """The schemas of each dialect by the journals of Drizzle, with the tables that are declared for it."""
    schemas: dict[str, list[Replayed]] = defaultdict(list)
    for path, text in sorted(index.texts.items()):
        if path.endswith("meta/_journal.json"):
            dialect, schema = _journal(index, dirname(dirname(path)), text)
            if schema is not None:
                schemas[dialect].append(schema)
    for declaring, dialect in _TABLES.items():
        if schemas.get(dialect):
            yield schemas[dialect], list(_tables(index, declaring))


def _journal(index: FactIndex, folder: str, text: str) -> tuple[str, Replayed | None]:
    """The dialect of a journal and what its migrations lead to; None where one of them is not here."""
    try:
        journal = json.loads(text)
        dialect = str(journal.get("dialect", ""))
        tags = [str(entry["tag"]) for entry in journal["entries"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", None
    paths = [f"{folder}/{tag}.sql" if folder else f"{tag}.sql" for tag in tags]
    if not paths or any(path not in index.texts for path in paths):
        return dialect, None
    schema = Replayed(last=paths[-1])
    for path in paths:
        schema.apply(changes(index.texts[path]))
    return {"pg": "postgresql"}.get(dialect, dialect), schema


def _tables(index: FactIndex, declaring: str) -> Iterator[Wanted]:
    for path, _, link in index.derived(by_name).get(declaring, ()):
        given = positional(link)
        if len(given) < 2 or given[0].kind != "string" or not _is_of(index, path, link, "drizzle-orm"):
            continue
        shape = given[1].parts[0] if given[1].kind == "lambda" and given[1].parts else given[1]
        if shape.kind == "mapping":
            columns = tuple(_columns(index, path, shape))
            yield Wanted(path, given[0].text, plain(given[0].text), link.loc, columns)


def _columns(index: FactIndex, path: str, shape: Expr) -> Iterator[tuple[str, tuple[str, ...], Loc]]:
    """The columns that functions of Drizzle make, by the name they are given, or else by their key in either case."""
    for key, value in zip(shape.keys, shape.parts, strict=False):
        chain = list(links(value)) if value.kind == "call" else []
        if not key.isidentifier() or not chain:
            continue
        inner = chain[-1]
        typed = inner.parts[0].kind == "attribute" and name_of(inner).isidentifier()
        if not typed and not _is_of(index, path, inner, "drizzle-orm"):
            continue
        first = next(iter(positional(inner)), None)
        if first is not None and first.kind == "string":
            yield first.text, (first.text.lower(),), value.loc
        elif first is None or first.kind == "mapping":
            yield key, (key.lower(), snake(key)), value.loc


def _is_of(index: FactIndex, path: str, call: Expr, package: str) -> bool:
    return index.origin(path, call.parts[0].dotted()).startswith(package)


# -- migrations in code --------------------------------------------------------------------------------------------
def _of_code(index: FactIndex) -> list[Replayed]:
    """What the migrations in each folder lead to; what one of them leaves unsure is so in all, since they may work together."""
    folders: dict[str, Replayed] = {}
    for migration in written(index):
        schema = folders.setdefault(dirname(migration.path), Replayed())
        schema.apply(change for change, _ in migration.done)
        schema.last = migration.path
    unsure = {name for schema in folders.values() for name in schema.unsure}
    for schema in folders.values():
        schema.unsure |= unsure
    return list(folders.values())


def _entities(index: FactIndex, orm: str) -> Iterator[Wanted]:
    for path, table in index.tables():
        symbol = index.symbols(path).get(table.entity)
        if table.orm != orm or symbol is None or symbol.kind != "class":
            continue
        marks = {f.loc: f.decorators for f in symbol.fields}
        columns = tuple(_column(c, marks[c.loc]) for c in table.columns if _is_plain(c, marks.get(c.loc, ())))
        named = any(p.kind in {"string", "mapping"} for d in symbol.decorators if d.kind == "call" for p in d.parts[1:])
        loc = Loc(symbol.loc.line, 1, symbol.loc.line, 1, 0, 0)
        yield Wanted(path, table.entity, plain(table.table), loc, columns, named)


def _is_plain(column: Column, marks: tuple[Expr, ...]) -> bool:
    """Whether a field is one column of the table's own: not of a base, no relation, nothing embedded or virtual."""
    mark = next((m for m in marks if m.kind == "call" and name_of(m) in _MADE), None)
    if column.origin or mark is None or any(p.kind == "lambda" for p in mark.parts[1:]):
        return False
    virtual = argument(mark, "persist") or argument(mark, "formula") or argument(mark, "generatedType")
    return virtual is None and not any(_VIRTUAL.search(e.dotted()) for m in marks for e in m.parts[1:])


def _column(column: Column, marks: tuple[Expr, ...]) -> tuple[str, tuple[str, ...], Loc]:
    said = [found.text for m in marks for key in _NAMES if (found := argument(m, key)) is not None]
    name = said[0] if said else column.name
    return name, (name.lower(), snake(name)), column.loc
