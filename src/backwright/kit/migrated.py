"""The schema that the revisions of Alembic lead to, read from them without running anything."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from posixpath import dirname

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body, bodies
from backwright.kit.chains import links, name_of, receiver_of, text_of
from backwright.kit.index import FactIndex
from backwright.kit.operations import Migration, Operation, column_of, migrations, operations

_DEPTH = 8  # calls between an upgrade and a function of the project that it runs
_DDL = re.compile(r"\b(create|alter|drop)\s+(?:\w+\s+){0,3}?(table|view)\b", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:table|view)\s+(?:if\s+(?:not\s+)?exists\s+|only\s+)*([^\s(;]+)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_ELEMENTS = ("Constraint", "Index", "ForeignKey")  # of `create_table`, beside its columns
_RUNS_SQL = frozenset({"execute", "exec_driver_sql", "executemany", "run_sql"})
_DATA = frozenset({"select", "insert", "update", "delete", "values", "where", "bindparams", "from_select"})
_WHOLE = frozenset({"create_all", "drop_all", "reflect"})


class Unreadable(Exception):
    """What a revision does cannot be told from its source."""


@dataclass
class MigratedSchema:
    """Columns by table, each with whether it may be NULL (None: that is not known).

    `unsure` are tables that something touches which cannot be read; `head` is the last revision's file.
    """

    tables: dict[str, dict[str, bool | None]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    head: str = ""

    def knows(self, table: str) -> bool:
        """Whether all columns of a table are known."""
        return table in self.tables and table not in self.unsure


def migrated_schema(index: FactIndex) -> MigratedSchema | None:
    """What all revisions make, one after the other. None where there are none, and where that cannot be told for sure."""
    return index.derived(_replayed)


def _replayed(index: FactIndex) -> MigratedSchema | None:
    """One schema of all folders of revisions; a table that two of them make is unsure."""
    folders: dict[str, list[Migration]] = defaultdict(list)
    for migration in migrations(index).all:
        folders[dirname(migration.path)].append(migration)
    whole = MigratedSchema()
    try:
        for revisions in folders.values():
            schema = MigratedSchema()
            for migration in _ordered(index, revisions):
                _Replay(index, schema).run(migration.upgrade)
                schema.head = migration.path
            whole.unsure |= schema.unsure | (whole.tables.keys() & schema.tables.keys())
            whole.tables |= schema.tables
            whole.head = schema.head
    except Unreadable:
        return None
    return whole if folders else None


def _ordered(index: FactIndex, revisions: list[Migration]) -> list[Migration]:
    """Every revision after those that it stands on. Raises `Unreadable` for unknown parents and several beginnings."""
    known: dict[str, Migration] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for migration in revisions:
        names = index.symbols(migration.path)
        own = names["revision"].value
        down = names["down_revision"].value if "down_revision" in names else None
        if own is None or own.kind != "string" or own.text in known or down is None:
            raise Unreadable
        known[own.text] = migration
        parents[own.text] = _parents(down)
    if sum(not p for p in parents.values()) != 1 or any(p not in known for those in parents.values() for p in those):
        raise Unreadable
    try:
        return [known[name] for name in TopologicalSorter(parents).static_order()]
    except CycleError:
        raise Unreadable from None


def _parents(down: Expr) -> tuple[str, ...]:
    if down.kind == "string":
        return (down.text,)
    if down.kind == "sequence" and all(p.kind == "string" for p in down.parts):
        return tuple(p.text for p in down.parts)
    if down.kind == "constant" and down.text == "None":
        return ()
    raise Unreadable


class _Replay:
    """One revision, applied to a schema."""

    def __init__(self, index: FactIndex, schema: MigratedSchema) -> None:
        self.index = index
        self.schema = schema
        self.seen: set[tuple[str, str]] = set()

    def run(self, body: Body, depth: int = 0, *, certain: bool = True) -> None:
        """Apply what a function does, in the order in which it stands there. Raises `Unreadable`."""
        self.seen.add(body.key)
        found = {o.expr.loc.start: o for o in operations(body)}
        for call in sorted(body.calls, key=lambda c: c.loc.start):
            for link in reversed(list(links(call.expr))):
                op = found.get(link.loc.start) if name_of(link) not in _RUNS_SQL else None
                if op is not None and op.expr == link:
                    self._apply(op, certain and not _is_conditional(body, link.loc))
                else:
                    self._other(body, link, depth)

    def _apply(self, op: Operation, certain: bool) -> None:
        if not op.changes_columns:
            return
        if not op.table:
            raise Unreadable
        tables, unsure = self.schema.tables, self.schema.unsure
        if not certain or (op.table not in tables and op.name != "create_table"):
            unsure.add(op.table)
        match op.name:
            case "create_table":
                if op.table in tables:
                    unsure.add(op.table)
                tables.setdefault(op.table, {}).update(self._created(op))
            case "drop_table" if certain:
                tables.pop(op.table, None)
                unsure.discard(op.table)
            case "rename_table":
                self._rename(op)
            case "add_column" | "drop_column" | "alter_column":
                self._column(op)

    def _created(self, op: Operation) -> Iterator[tuple[str, bool | None]]:
        keys = {
            key.text
            for part in op.expr.positional()
            if part.kind == "call" and name_of(part) == "PrimaryKeyConstraint"
            for key in part.positional()
        }
        if any(k == "*" for k in op.expr.keys):
            self.schema.unsure.add(op.table)
        for part in op.expr.positional()[1:]:
            name = name_of(part) if part.kind == "call" else ""
            given = part.positional() if name == "Column" else ()
            if given and given[0].kind == "string":
                yield given[0].text, False if given[0].text in keys else _is_nullable(part)
            elif not name.endswith(_ELEMENTS):
                self.schema.unsure.add(op.table)

    def _rename(self, op: Operation) -> None:
        given = op.expr.positional()
        new = given[1] if len(given) > 1 else op.expr.keyword("new_table_name")
        if new is None or new.kind != "string":
            raise Unreadable
        tables, unsure = self.schema.tables, self.schema.unsure
        tables[new.text] = tables.pop(op.table, {})
        if op.table in unsure:
            unsure.add(new.text)

    def _column(self, op: Operation) -> None:
        columns = self.schema.tables.setdefault(op.table, {})
        if not op.column:
            self.schema.unsure.add(op.table)
        elif op.name == "add_column" and (made := column_of(op)) is not None:
            columns[op.column] = _is_nullable(made)
        elif op.name == "drop_column":
            columns.pop(op.column, None)
        elif op.name == "alter_column":
            new, nullable = op.expr.keyword("new_column_name"), op.expr.keyword("nullable")
            held = columns.pop(op.column, None)
            name = new.text if new is not None else op.column
            columns[name] = held if nullable is None else _constant(nullable)
            if new is not None and new.kind != "string":
                self.schema.unsure.add(op.table)

    # -- what is no operation of Alembic's ---------------------------------------------------------------------------
    def _other(self, body: Body, link: Expr, depth: int) -> None:
        name = name_of(link)
        receiver = receiver_of(link)
        if name in _WHOLE or (name in {"create", "drop"} and receiver is not None and "__table__" in receiver.dotted()):
            raise Unreadable
        if name in _RUNS_SQL:
            self._statement(body, next(iter(link.positional()), None) or link.keyword("sqltext"))
            return
        if any(part.kind == "name" and part.text in {"op", "batch_op"} for part in link.parts[1:]):
            raise Unreadable
        dotted = link.parts[0].dotted()
        target = self.index.resolve(body.path, dotted) if dotted and "(" not in dotted else None
        inner = bodies(self.index).get(target.path, target.symbol.qualname) if target is not None else None
        if inner is None or inner.symbol is None or inner.symbol.kind == "class" or inner.key in self.seen:
            return
        if depth >= _DEPTH:
            raise Unreadable
        self.run(inner, depth + 1, certain=False)

    def _statement(self, body: Body, expr: Expr | None, depth: int = 0) -> None:
        """SQL that a revision runs: what is no DDL changes nothing here; tables that DDL names are unsure."""
        if expr is None or depth > _DEPTH:
            raise Unreadable
        if expr.kind == "call":
            names = [name_of(link) for link in links(expr)]
            if not _DATA.isdisjoint(names):
                return
            inner = next(iter(expr.positional()), None)
            if names[-1] in {"text", "dedent", "DDL", "SQL"}:
                self._statement(body, inner, depth + 1)
                return
            raise Unreadable
        given = body.targets().get(expr.text, ()) if expr.kind == "name" else ()
        if given:
            for assign in given:
                elements = assign.value.parts if assign.op == "for" and assign.value.kind == "sequence" else ()
                for value in elements or (assign.value,):
                    self._statement(body, value, depth + 1)
            return
        text = text_of(self.index, body.path, expr)
        if text is None:
            raise Unreadable
        if _DDL.search(text):
            if any("{" in named or "%" in named for named in _NAMED.findall(text)):
                raise Unreadable
            self.schema.unsure.update(_WORD.findall(text))


def _is_nullable(column: Expr) -> bool | None:
    """Whether a `Column(…)` may be NULL: where it does not say so, it may unless it is a key."""
    given = column.keyword("nullable") or column.keyword("primary_key")
    if given is None:
        return None if "**" in column.keys else True
    said = _constant(given)
    return said if column.keyword("nullable") is not None or said is None else not said


def _constant(expr: Expr) -> bool | None:
    return {"True": True, "False": False}.get(expr.text) if expr.kind == "constant" else None


def _is_conditional(body: Body, loc: Loc) -> bool:
    return any(start <= loc.start and loc.end <= end for start, (end, _) in body.arms().items())
