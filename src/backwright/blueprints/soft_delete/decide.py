"""From the wish that rows are marked instead of deleted to the column, and to what stands on the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.facts import Table
from backwright.core.request import FieldSpec, SoftDelete
from backwright.kit.artifacts import FieldPlan, ResourcePlan
from backwright.kit.existing import existing_plan, find_entity
from backwright.kit.field_edit import FieldEdit
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.naming import forms
from backwright.kit.targets import bare_entity

COLUMN = "deleted_at"


@dataclass(frozen=True)
class Decision:
    """The change with what was assumed and asked on the way."""

    plan: FieldEdit
    resource: ResourcePlan
    relations: dict[tuple[str, str], frozenset[str]]  # attributes of other entities that give these rows
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def decide(
    change: SoftDelete, house: House, index: FactIndex, settings: Mapping[str, str], *, sqlite: bool
) -> Decision:
    """Raises UsageError where the entity is not there, or has the column already."""
    path, table = find_entity(change.resource, index)
    if any(c.name == COLUMN for c in table.columns):
        raise UsageError(f"{table.entity} has `{COLUMN}` already", where=f"{path}:{table.loc.line}")
    field = FieldPlan(FieldSpec(COLUMN, "datetime", required=False, nullable=True), COLUMN)
    resource = existing_plan(path, table, house, index, fields=(field,))
    own = sorted((c for c in table.columns if not c.origin and not c.primary_key), key=lambda c: c.loc.start)
    edit = FieldEdit(
        action="add",
        name=forms(bare_entity(table.entity)),
        path=path,
        table=table,
        old="",
        new=COLUMN,
        field=field,
        column=None,
        after=own[-1] if own else None,
        places=(),
        resource=resource,
        house=house,
        index=index,
        batch=sqlite,
    )
    relations = {
        (other, t.entity): frozenset(r.name for r in t.relations if r.target.strip("\"'").endswith(table.entity))
        for other, t in index.tables()
    }
    return Decision(
        edit, resource, {k: v for k, v in relations.items() if v}, *_kept(table, index, settings), _referring(table)
    )


def _kept(
    table: Table, index: FactIndex, settings: Mapping[str, str]
) -> tuple[tuple[Assumption, ...], tuple[Question, ...]]:
    """What stays of a row that is marked: the values that no other may have, the rows that refer to it."""
    said = []
    names = [c.name for c in table.columns if c.unique and not c.primary_key]
    names += [" + ".join(group) for group in table.unique_together]
    if names:
        stay, them = ("stay", "them") if len(names) > 1 else ("stays", "it")
        why = f"{', '.join(names)} of a deleted row {stay} taken, and asking for {them} again is a conflict"
        said.append(Assumption("unique", "kept", why))
    bare = table.table.rpartition(".")[2]
    below = [f"{t.table}.{c.name}" for _, t in index.tables() for c in t.columns
             if c.foreign_key.rpartition(".")[0].rpartition(".")[2] == bare]  # fmt: skip
    if below and settings.get("children") != "keep":
        text = f"{', '.join(below[:5])} refer to {bare}: marking a row takes none of them along, and none stops it. Keep them?"
        return tuple(said), (Question("children", text, "high", ("keep",)),)
    return tuple(said), ()


def _referring(table: Table) -> tuple[str, ...]:
    """What marked rows still refer to, and so still keep from being deleted."""
    kept = [c.name for c in table.columns if c.foreign_key and c.on_delete.upper() not in {"CASCADE", "SET NULL"}]
    return (f"a marked row still refers by {', '.join(kept)}: what it refers to cannot be deleted",) if kept else ()
