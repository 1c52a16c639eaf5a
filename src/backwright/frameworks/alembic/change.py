"""The migration of an index, of a constraint, and of values for rows that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backwright.core.errors import Unsupported
from backwright.core.facts import Table
from backwright.frameworks.alembic.migration import type_source
from backwright.frameworks.alembic.revision import revision_of
from backwright.kit.artifacts import Emission, ResourcePlan
from backwright.kit.spelling import quoted

_SHOWN = 5  # duplicates in a message


@dataclass(frozen=True)
class Ground:
    """What a change of the database stands on; `batch`: SQLite has to follow, which changes constraints by copying."""

    resource: ResourcePlan
    table: Table
    batch: bool

    @property
    def bare(self) -> str:
        return self.table.table.rpartition(".")[2]

    @property
    def schema(self) -> str:
        return self.table.table.rpartition(".")[0] or self.resource.house.model.schema

    @property
    def given(self) -> str:
        return f', schema="{self.schema}"' if self.schema else ""

    def piece(
        self, title: str, slug: str, summary: str, up: list[str], down: list[str], more: Sequence[str] = ()
    ) -> Iterator[Emission]:
        style = self.resource.house.migration
        assert style is not None, "projects without migrations are refused before"
        seed = f"{self.table.table}:{style.head}:{slug}:{up}"
        yield from revision_of(style, set(more), up, down, (title, slug, summary), seed)

    def altered(self, statement: str) -> str:
        """A change of a constraint, by copying the table where SQLite has to follow; `{op}` and `{table}` stand for whose it is."""
        if not self.batch:
            return statement.format(op="op", table=f'"{self.bare}", ', schema=self.given)
        inner = statement.format(op="batch_op", table="", schema="")
        return f'with op.batch_alter_table("{self.bare}"{self.given}) as batch_op:\n    {inner}'


def index_piece(
    ground: Ground, name: str, columns: Sequence[str], *, unique: bool, concurrently: bool, replaces: bool = False
) -> Iterator[Emission]:
    """An index; `concurrently` outside of a transaction, where PostgreSQL allows that.

    `replaces`: rows need not be unique in an index of this name that is there, and it comes back.
    """
    listed = ", ".join(f'"{c}"' for c in columns)
    more = ", postgresql_concurrently=True" if concurrently else ""
    made = f'op.create_index(op.f("{name}"), "{ground.bare}", [{listed}], unique={unique}{ground.given}{more})'
    gone = f'op.drop_index(op.f("{name}"), table_name="{ground.bare}"{ground.given}{more})'
    plain = made.replace("unique=True", "unique=False")
    up, down = ([gone, made], [gone, plain]) if replaces else ([made], [gone])
    if concurrently:
        again = gone.replace("postgresql_concurrently=True", "postgresql_concurrently=True, if_exists=True")
        head = "with op.get_context().autocommit_block():"
        up = [f"{head}\n    {again}  # an invalid one of a build that failed\n    {made}"]
        down = [f"{head}\n    {gone}" + f"\n    {plain}" * replaces]
    before, more_imports = _compared(ground, columns) if unique else ([], ())
    what = "unique index" if unique else "index"
    return ground.piece(
        f"Add {what} on {', '.join(columns)} of {ground.bare}",
        f"index_{ground.bare}_{'_'.join(columns)}",
        f"create {what} {', '.join(columns)}; downgrade {'has the old one' if replaces else 'drops it'}",
        [*before, *up],
        down,
        more_imports,
    )


def unique_piece(ground: Ground, name: str, columns: Sequence[str]) -> Iterator[Emission]:
    """A unique constraint, after a look whether the rows are unique."""
    listed = ", ".join(f'"{c}"' for c in columns)
    before, imports = _compared(ground, columns)
    up = ground.altered(f'{{op}}.create_unique_constraint(op.f("{name}"), {{table}}[{listed}]{{schema}})')
    down = ground.altered(f'{{op}}.drop_constraint(op.f("{name}"), {{table}}type_="unique"{{schema}})')
    return ground.piece(
        f"Make {', '.join(columns)} of {ground.bare} unique",
        f"unique_{ground.bare}_{'_'.join(columns)}",
        f"unique {', '.join(columns)}, after a look for duplicates; downgrade drops it",
        [*before, up],
        [down],
        imports,
    )


def check_piece(ground: Ground, name: str, condition: str) -> Iterator[Emission]:
    """A condition that every row fulfils."""
    braced = quoted(condition).replace("{", "{{").replace("}", "}}")
    up = ground.altered(f'{{op}}.create_check_constraint(op.f("{name}"), {{table}}{braced}{{schema}})')
    down = ground.altered(f'{{op}}.drop_constraint(op.f("{name}"), {{table}}type_="check"{{schema}})')
    return ground.piece(
        f"Check that {condition} in {ground.bare}", f"check_{name.removeprefix('ck_')}",
        f"check {condition}; downgrade drops it", [up], [down],
    )  # fmt: skip


def backfill_piece(ground: Ground, column: str, value: str, condition: str, batch: int) -> Iterator[Emission]:
    """Values for rows that exist, so many at a time, each batch committed. Raises Unsupported without a key of one column."""
    keys = [c for c in ground.table.columns if c.primary_key]
    if len(keys) != 1:
        raise Unsupported(f"{ground.table.entity} has no key of one column to go through its rows by")
    imports: set[str] = {"import sqlalchemy as sa"}
    key = keys[0]
    known = {c.name: c for c in ground.table.columns}
    named = dict.fromkeys((key.name, column, *([value.removeprefix("rows.c.")] if value.startswith("rows.c.") else [])))
    columns = ", ".join(
        f'sa.column("{n}")'
        if "literal_column" in value and n == column
        else f'sa.column("{n}", {type_source(known[n], ground.resource, imports)})'
        for n in named
    )
    if "Decimal(" in value:
        imports.add("from decimal import Decimal")
    grouped = f"({condition})" if re.search(r"\bor\b", condition, re.IGNORECASE) else condition
    where = f"sa.text({quoted(grouped)})" if condition else f"rows.c.{column}.is_(None)"
    loop = [
        f'rows = sa.table("{ground.bare}", {columns}{ground.given})',
        f"chosen = {where}",
        f"chunk = sa.select(rows.c.{key.name}).where(chosen).order_by(rows.c.{key.name}).limit({batch})",
        "with op.get_context().autocommit_block():\n"
        "    connection = op.get_bind()\n"
        "    keys = connection.scalars(chunk).all()\n"
        "    while keys:\n"
        f"        change = sa.update(rows).where(rows.c.{key.name}.in_(keys), chosen)\n"
        f"        connection.execute(change.values({column}={value}))\n"
        f"        keys = connection.scalars(chunk.where(rows.c.{key.name} > keys[-1])).all()",
    ]
    return ground.piece(
        f"Backfill {column} of {ground.bare}",
        f"backfill_{ground.bare}_{column}",
        f"values for {column}, {batch} rows at a time; downgrade leaves them",
        loop,
        ["pass  # what the rows held before is not known"],
        tuple(imports),
    )


def _compared(ground: Ground, columns: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Statements that stop, naming them, where rows are not unique; SQL that is only printed has no rows to look at."""
    named = ", ".join(f'sa.column("{c}")' for c in columns)
    known = " ".join(f".where(rows.c.{c}.is_not(None))" for c in columns).replace(" ", "")
    picked = ", ".join(f"rows.c.{c}" for c in columns)
    lines = (
        "if not context.is_offline_mode():\n"
        f'    rows = sa.table("{ground.bare}", {named}{ground.given})\n'
        f"    twice = sa.select({picked}){known}.group_by({picked}).having(sa.func.count() > 1)\n"
        f"    found = op.get_bind().execute(twice.limit({_SHOWN})).all()\n"
        "    if found:\n"
        f'        raise RuntimeError(f"{", ".join(columns)} of {ground.bare} is not unique yet: {{found}}")'
    )
    return [lines], ("from alembic import context, op",)
