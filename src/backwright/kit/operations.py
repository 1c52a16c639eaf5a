"""What a migration of Alembic does to the schema: its operations in order, with their tables and columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.index import FactIndex

_WITH_TABLE_SECOND = frozenset(
    {"create_index", "create_foreign_key", "create_unique_constraint", "create_check_constraint"}
)
_KNOWN = frozenset(
    {"create_table", "drop_table", "add_column", "drop_column", "alter_column", "create_index", "drop_index",
     "create_foreign_key", "create_unique_constraint", "create_check_constraint", "drop_constraint", "rename_table",
     "execute", "bulk_insert", "create_primary_key", "create_exclude_constraint"}
)  # fmt: skip
_OF_COLUMNS = frozenset(
    {"create_table", "drop_table", "rename_table", "add_column", "drop_column", "alter_column"}
)  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One operation: `name` is Alembic's, `table` and `column` are `""` where they are not literals."""

    body: Body
    expr: Expr
    name: str
    table: str = ""
    column: str = ""

    @property
    def changes_columns(self) -> bool:
        """Whether it makes, drops or names a table or a column."""
        return self.name in _OF_COLUMNS


@dataclass(frozen=True)
class Migration:
    """One revision. `certain` says that the downgrade does nothing that cannot be read: no helpers, no SQL, no loops."""

    path: str
    upgrade: Body
    downgrade: Body | None
    up: tuple[Operation, ...]
    down: tuple[Operation, ...]
    certain: bool


class Migrations:
    """All revisions of one project, by path."""

    def __init__(self, index: FactIndex) -> None:
        self.all: list[Migration] = []
        for path in sorted(index.files):
            names = index.symbols(path)
            own = names.get("revision")
            upgrade = bodies(index).get(path, "upgrade") if own is not None and own.kind == "variable" else None
            if upgrade is None or upgrade.symbol is None:
                continue
            downgrade = bodies(index).get(path, "downgrade")
            down = tuple(operations(downgrade)) if downgrade is not None else ()
            certain = downgrade is not None and _is_plain(downgrade)
            self.all.append(Migration(path, upgrade, downgrade, tuple(operations(upgrade)), down, certain))


def _is_plain(body: Body) -> bool:
    """Whether every call is a literal operation of Alembic's."""
    if body.loops or body.branches:
        return False
    for call in body.calls:
        receiver = receiver_of(call.expr)
        owner = receiver.dotted() if receiver is not None else ""
        if owner != "op" and owner not in body.targets() and not owner.startswith(("sa", "op.", "postgresql", "mysql")):
            return False
    return all(o.name != "execute" for o in operations(body))


def operations(body: Body) -> Iterator[Operation]:
    """The operations of one function, in the order in which they stand there."""
    for call in sorted(body.calls, key=lambda c: c.loc.start):
        for link in links(call.expr):
            receiver = receiver_of(link)
            name = name_of(link)
            if receiver is None or name not in _KNOWN:
                continue
            owner = receiver.dotted()
            if owner == "op":
                yield _plain(body, link, name)
            elif (table := _batched(body, owner, link)) is not None:
                yield _in_batch(body, link, name, table)


def _plain(body: Body, link: Expr, name: str) -> Operation:
    given = link.positional()
    first = given[1:] if name in _WITH_TABLE_SECOND else given
    table = _text(first[0]) if first else _text(link.keyword("table_name"))
    if name == "drop_index":
        table = _text(link.keyword("table_name")) or (_text(given[1]) if len(given) > 1 else "")
    column = ""
    if name == "add_column" and len(given) > 1:
        column = _column_name(given[1])
    elif name in {"drop_column", "alter_column"} and len(given) > 1:
        column = _text(given[1])
    return Operation(body, link, name, table, column)


def _in_batch(body: Body, link: Expr, name: str, table: str) -> Operation:
    given = link.positional()
    column = ""
    if name == "add_column" and given:
        column = _column_name(given[0])
    elif name in {"drop_column", "alter_column"} and given:
        column = _text(given[0])
    return Operation(body, link, name, table, column)


def _batched(body: Body, owner: str, link: Expr) -> str | None:
    """The table of the nearest `with op.batch_alter_table("orders") as batch_op` above, None where there is none."""
    entered = [
        a.value
        for a in body.targets().get(owner, ())
        if a.op == "with" and a.loc.start < link.loc.start and a.value.kind == "call"
    ]
    if not entered or name_of(entered[-1]) != "batch_alter_table":
        return None
    given = entered[-1].positional()
    return _text(given[0]) if given else ""


def column_of(operation: Operation) -> Expr | None:
    """The `sa.Column(…)` that an `add_column` adds."""
    return next((p for p in operation.expr.positional() if p.kind == "call" and name_of(p) == "Column"), None)


def _column_name(expr: Expr) -> str:
    given = expr.positional() if expr.kind == "call" else ()
    return _text(given[0]) if given else ""


def _text(expr: Expr | None) -> str:
    return expr.text if expr is not None and expr.kind == "string" else ""


def migrations(index: FactIndex) -> Migrations:
    """The revisions of this project, read once."""
    return index.derived(Migrations)
