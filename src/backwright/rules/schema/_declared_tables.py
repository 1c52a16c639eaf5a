"""What BW901 says of models of SQLAlchemy and SQLModel: the tables and columns that no revision of Alembic makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename

from backwright.core.archmap import ArchMap
from backwright.core.facts import Column, Expr, Field, Loc, Table
from backwright.core.findings import Finding, Related
from backwright.kit.aside import Serving
from backwright.kit.chains import name_of
from backwright.kit.findings import Voice, heading, span_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.migrated import MigratedSchema, migrated_schema

_ORMS = frozenset({"sqlalchemy", "sqlmodel"})
_COLUMNS = frozenset({"mapped_column", "Column"})
_FILTERS = ("include_object", "include_name")  # of `context.configure`: tables that Alembic is told to leave alone
_ELSEWHERE = ("__bind_key__", "__table__")

Entity = tuple[Definition, Table]


@dataclass(frozen=True)
class Declared:
    """A column of a model whose migrations cannot be read, and where it is declared."""

    path: str
    entity: str
    column: str
    loc: Loc


def compared(index: FactIndex, archmap: ArchMap, voice: Voice) -> Iterator[Finding]:
    """One finding for each table and each column that the models have and the migrated schema has not."""
    schema = migrated_schema(index)
    if schema is None:
        return
    for entities in _by_metadata(index, archmap).values():
        known = [e for e in entities if e[1].table in schema.tables]
        whole = len(known) * 2 >= len(entities) and not _is_filtered(index)
        for definition, table in entities:
            if schema.knows(table.table):
                yield from _columns(index, definition, table, schema, voice)
            elif whole and _is_named(definition) and table.table not in schema.tables | dict.fromkeys(schema.unsure):
                yield _missing_table(definition, table, schema, voice)


def _by_metadata(index: FactIndex, archmap: ArchMap) -> dict[str, list[Entity]]:
    """The entities of what serves by the base that holds their metadata; tables that two classes declare are left out."""
    serving = Serving(index, archmap)
    found: dict[str, list[Entity]] = defaultdict(list)
    declared: dict[str, int] = defaultdict(int)
    for path, table in index.tables():
        symbol = index.symbols(path).get(table.entity)
        if table.orm not in _ORMS or path not in serving or symbol is None:
            continue
        declared[table.table] += 1
        if not any(f.name in _ELSEWHERE for f in symbol.fields) and not _is_described(symbol.fields):
            definition = Definition(path, symbol)
            found[_metadata(index, definition)].append((definition, table))
    return {k: [e for e in entities if declared[e[1].table] == 1] for k, entities in found.items()}


def _is_described(fields: tuple[Field, ...]) -> bool:
    """Whether `__table_args__` says that the table is made otherwise: reflected, or a view by its `info`."""
    args = next((f.value for f in fields if f.name == "__table_args__"), "")
    return "autoload" in args or "info" in args


def _metadata(index: FactIndex, definition: Definition) -> str:
    """What tells the metadata of a class from others: the project's base with no base of the project above it."""
    roots = [b for b in index.bases(definition) if not any(index.resolve(b.path, x) for x in b.symbol.bases)]
    held = [
        b for b in roots if b.symbol.kind == "variable" or any("." in index.origin(b.path, x) for x in b.symbol.bases)
    ]
    first = next(iter(held), None)
    if "SQLModel" in " ".join(index.root_bases(definition)):
        return "sqlmodel"
    return f"{first.path}:{first.symbol.qualname}" if first is not None else ",".join(sorted(definition.symbol.bases))


def _is_filtered(index: FactIndex) -> bool:
    """Whether some `env.py` tells Alembic which tables are not its concern."""
    environments = [p for p in index.files if basename(p) == "env.py"]
    return any(
        name_of(c.expr) == "configure" and any(c.expr.keyword(f) is not None for f in _FILTERS)
        for path in environments
        for c in index.calls(path)
    )


def _is_named(definition: Definition) -> bool:
    """Whether the class itself says what its table is called."""
    named = next((f.value_expr for f in definition.symbol.fields if f.name == "__tablename__"), None)
    return named is not None and named.kind == "string"


def _columns(
    index: FactIndex, definition: Definition, table: Table, schema: MigratedSchema, voice: Voice
) -> Iterator[Finding]:
    made = {name.lower(): nullable for name, nullable in schema.tables[table.table].items()}
    for column, name, value in _declared(index, definition, table):
        what = ""
        if name.lower() not in made:
            what = "is in the model, and no migration adds it"
        elif _differs(column, value, made[name.lower()]):
            may = "may be NULL" if column.nullable else "may not be NULL"
            what = f"{may} in the model, and the migrations have it otherwise"
        if what:
            where = f" (from `{column.origin}`)" if column.origin else ""
            yield voice.finding(
                definition.path,
                column.loc if not column.origin else heading(definition.symbol),
                f"`{table.table}.{name}`{where} {what}",
                scope=table.entity,
                text=f"{table.table}.{name} {what}",
                help="`alembic revision --autogenerate`, then read what it wrote",
                related=_last(schema),
            )


def _declared(index: FactIndex, definition: Definition, table: Table) -> Iterator[tuple[Column, str, Expr | None]]:
    """The columns of an entity's own table, each with its name in the database and the value that declares it."""
    written = _written(index, definition)
    entities = {t.entity for _, t in index.tables() if t.orm in _ORMS}
    for column in table.columns:
        if column.origin in entities or column.name.startswith("_") or column.name not in written:
            continue  # of the parent's table, or of a base whose source is not here
        name = _name_in_database(column, written[column.name])
        if name:
            yield column, name, written[column.name]


def declared(index: FactIndex, archmap: ArchMap) -> Iterator[Declared]:
    """Every column that the entities declare, for one state to be compared with another."""
    schema = migrated_schema(index)
    for entities in _by_metadata(index, archmap).values():
        for definition, table in entities:
            if schema is not None and schema.knows(table.table):
                continue
            for column, name, _ in _declared(index, definition, table):
                loc = column.loc if not column.origin else heading(definition.symbol)
                yield Declared(definition.path, table.entity, name, loc)


def _differs(column: Column, value: Expr | None, made: bool | None) -> bool:
    """Whether the model and the migrations say otherwise about NULL. `Column(…)` itself does not ask the annotation."""
    if made is None or column.primary_key or made == column.nullable:
        return False
    said = value is not None and value.kind == "call" and value.keyword("nullable") is not None
    return said or value is None or value.kind != "call" or name_of(value) != "Column" or column.nullable


def _written(index: FactIndex, definition: Definition) -> dict[str, Expr | None]:
    """Every field of a class and of its bases with the value it is given; the nearest counts."""
    out: dict[str, Expr | None] = {}
    for current in (definition, *index.bases(definition)):
        for item in current.symbol.fields:
            out.setdefault(item.name, item.value_expr)
    return out


def _name_in_database(column: Column, value: Expr | None) -> str:
    """The name that the column has in the database, `""` where that is not said plainly or it is no column."""
    call = value
    while call is not None and call.kind == "call" and name_of(call) in {"deferred", "Field"}:
        inner = call.keyword("sa_column") if name_of(call) == "Field" else next(iter(call.positional()), None)
        if inner is None:
            return "" if call.keyword("sa_column_kwargs") is not None else column.name
        call = inner
    if call is None or call.kind != "call":
        return column.name
    if name_of(call) not in _COLUMNS or call.keyword("system") is not None:
        return ""
    first = call.keyword("name") or next(iter(call.positional()), None)
    if first is None:
        return column.name
    if first.kind == "string":
        return first.text
    return "" if call.keyword("name") is not None else column.name


def _missing_table(definition: Definition, table: Table, schema: MigratedSchema, voice: Voice) -> Finding:
    return voice.finding(
        definition.path,
        heading(definition.symbol),
        f"no migration creates `{table.table}`, the table of `{table.entity}`",
        scope=table.entity,
        text=table.table,
        help="see that `env.py` imports this module, then `alembic revision --autogenerate`",
        related=_last(schema),
    )


def _last(schema: MigratedSchema) -> list[Related]:
    return [Related("the newest revision", span_of(schema.head, Loc(1, 1, 1, 1, 0, 0)))]
