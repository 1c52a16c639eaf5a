"""The SQL that migrations run: files of it, what Alembic is told to execute, and Django's `RunSQL` and indexes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import walk
from backwright.kit.chains import name_of, text_of
from backwright.kit.ddl import Kind, Risk, is_careful, risks
from backwright.kit.django.migrations import Migration as DjangoMigration
from backwright.kit.django.migrations import Operation as DjangoOperation
from backwright.kit.django.migrations import migrations_of_django
from backwright.kit.index import FactIndex
from backwright.kit.operations import Migration, migrations
from backwright.kit.sqltext import forward
from backwright.rules.schema._dialects import Dialects

_SQL_FILE = re.compile(
    r"(^|/)(\w*migrations?|versions|alembic|changelog|db/migrate|drizzle)/(.*/)?[^/]+\.sql$", re.IGNORECASE
)
_MOST = 500_000  # characters of one file
_LOCKING: dict[str, Kind] = {"AddIndex": "index", "AddConstraint": "constraint"}
_MINDFUL = frozenset({"AddIndexConcurrently", "RemoveIndexConcurrently", "AddConstraintNotValid"})


@dataclass(frozen=True)
class Waiting:
    """A risk and where it stands."""

    path: str
    loc: Loc
    scope: str
    risk: Risk
    dialect: str = ""  # the database that its file is for, where that can be told


@dataclass(frozen=True)
class Careful:
    """A place where somebody minded locks."""

    path: str
    loc: Loc


def of_sql(index: FactIndex) -> Iterator[Waiting | Careful]:
    """What the SQL of all migrations does to tables in use, and where it minds that."""
    dialects = Dialects(index)
    for path, text in sorted(index.texts.items()):
        if _SQL_FILE.search(path) and len(text) <= _MOST:
            yield from _file(path, forward(path, text), dialects.of(path, text))
    for migration in migrations(index).all:
        yield from _executed(index, migration)
    known = migrations_of_django(index)
    for one in known.all():
        yield from _django(index, known.label(one.app), one)


def _file(path: str, text: str, dialect: str) -> Iterator[Waiting | Careful]:
    lines = [0, *(m.end() for m in re.finditer("\n", text))]
    if is_careful(text):
        yield Careful(path, Loc(1, 1, 1, 1, 0, 0))
    for risk in risks(text):
        line = bisect_right(lines, risk.start)
        col = risk.start - lines[line - 1] + 1
        yield Waiting(path, Loc(line, col, line, col, risk.start, risk.start), "", risk, dialect)


def _executed(index: FactIndex, migration: Migration) -> Iterator[Waiting | Careful]:
    made = {o.table for o in migration.up if o.name == "create_table"}
    texts = [
        (text, o.expr)
        for o in migration.up
        if o.name == "execute" and (text := _text(index, migration.path, next(iter(o.expr.positional()), None)))
    ]
    outside = any(name_of(c.expr) == "autocommit_block" for c in migration.upgrade.calls)
    yield from _together(migration.path, "upgrade", texts, made, transaction=not outside)


def _together(
    path: str, scope: str, texts: list[tuple[str, Expr]], made: set[str], *, transaction: bool
) -> Iterator[Waiting | Careful]:
    """Statements that one migration runs one after the other."""
    starts, whole = [], ""
    for text, expr in texts:
        if is_careful(text):
            yield Careful(path, expr.loc)
        starts.append(len(whole))
        whole += f"{text};\n"
    for risk in risks(whole, transaction=transaction, made=made):
        yield Waiting(path, texts[bisect_right(starts, risk.start) - 1][1].loc, scope, risk)


def _text(index: FactIndex, path: str, expr: Expr | None) -> str:
    """Text that is the same in every run, `""` for another."""
    if expr is not None and expr.kind == "call" and name_of(expr) in {"text", "dedent"}:
        expr = next(iter(expr.positional()), None)
    found = text_of(index, path, expr) if expr is not None and expr.kind != "interpolation" else None
    return found if found is not None and "{" not in found else ""


def _django(index: FactIndex, label: str, migration: DjangoMigration) -> Iterator[Waiting | Careful]:
    operations = [o for o in migration.operations if o.in_database]
    created = {o.text("name").lower() for o in operations if o.name == "CreateModel"}
    grown = {o.text("model_name").lower() for o in operations if o.name == "AddField"}
    texts: list[tuple[str, Expr]] = []
    for operation in operations:
        model = operation.text("model_name")
        if operation.name in _MINDFUL:
            yield Careful(migration.path, operation.call.loc)
        elif operation.name in _LOCKING and model and model.lower() not in created | grown:
            yield Waiting(migration.path, operation.call.loc, "Migration", _risk(operation, model))
        elif operation.name == "RunSQL":
            texts += [(text, operation.call) for text in _run(index, migration.path, operation)]
    made = {f"{label}_{name}" for name in created}
    yield from _together(migration.path, "Migration", texts, made, transaction=migration.atomic)


def _risk(operation: DjangoOperation, model: str) -> Risk:
    given = operation.argument("constraint")
    if operation.name == "AddIndex":
        what, instead = (
            f"writes to `{model}` wait until this index is built",
            "`AddIndexConcurrently`, with `atomic = False`",
        )
    elif given is not None and given.kind == "call" and name_of(given) == "CheckConstraint":
        what, instead = (
            f"`{model}` is read under a lock to prove the check",
            "`AddConstraintNotValid`, then `ValidateConstraint`",
        )
    else:
        what = f"`{model}` is locked until the index of the constraint is built"
        instead = (
            "`CREATE UNIQUE INDEX CONCURRENTLY`, then the constraint by `USING INDEX` (`SeparateDatabaseAndState`)"
        )
    return Risk(_LOCKING[operation.name], model, what, instead, 0)


def _run(index: FactIndex, path: str, operation: DjangoOperation) -> Iterator[str]:
    given = operation.argument("sql")
    whole = _text(index, path, given) if given is not None and given.kind != "sequence" else ""
    inner = (
        (e.text for e in walk(given) if e.kind == "string") if given is not None and given.kind == "sequence" else ()
    )
    yield from (text for text in (whole, *inner) if text)
