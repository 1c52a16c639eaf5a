"""From a change of one field and a house to where it happens: the column, the classes, what rows that exist get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import structs

from backwright.blueprints.field.backfilling import backfill_of
from backwright.blueprints.field.placing import Served, class_places
from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Column, Table
from backwright.core.request import FieldChange, FieldSpec
from backwright.kit.artifacts import FieldPlan
from backwright.kit.existing import existing_plan, find_column, find_entity
from backwright.kit.field_edit import FieldEdit
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.naming import forms, pascal
from backwright.kit.targets import bare_entity, find_target


@dataclass(frozen=True)
class Decision:
    """The change with what was assumed and asked on the way; `plan` is None while it waits for an answer."""

    plan: FieldEdit | None
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def decide(
    change: FieldChange, house: House, index: FactIndex, settings: Mapping[str, str], *, served: Served
) -> Decision:
    """Raises UsageError where the entity or the field is not there (or is already), Unsupported for what nothing spells."""
    path, table = find_entity(change.resource, index)
    if change.action == "add":
        return _added(change, path, table, house, index, settings, served)
    column = find_column(change.name, path, table)
    _refuse_bound(change, column, path, table, index)
    if change.action == "rename":
        new = (
            f"{change.to}_id"
            if column.foreign_key and column.name.endswith("_id") and not change.to.endswith("_id")
            else change.to
        )
        _refuse_taken(new, path, table)
    questions = _loss(change, column, table, settings) if change.action == "remove" else ()
    plan = _edit(change, path, table, house, index, served, None, column, new if change.action == "rename" else "")
    said = (
        ()
        if change.action == "rename"
        else (Assumption("downgrade", "empty", "the column comes back, what its rows held does not", ()),)
    )
    return Decision(plan, said if not questions else (), questions)


def _refuse_taken(name: str, path: str, table: Table) -> None:
    if name in {c.name for c in table.columns} | {r.name for r in table.relations}:
        raise UsageError(
            f"{table.entity} has a field `{name}` already", where=f"{path}:{table.loc.line}", hints=("another name",)
        )


def _refuse_bound(change: FieldChange, column: Column, path: str, table: Table, index: FactIndex) -> None:
    """What other things stand on: a key, a relation, a column of a base that others share."""
    where = f"{path}:{column.loc.line}"
    if column.primary_key:
        raise Unsupported(f"`{column.name}` is the key of {table.entity}", where=where)
    if column.foreign_key and change.action == "remove":
        raise Unsupported(
            f"`{column.name}` is what a relation of {table.entity} stands on: removing relations is not supported yet",
            where=where,
        )
    shared = [t.entity for _, t in index.tables() if t.entity != table.entity and any(
        c.origin == column.origin and c.name == column.name for c in t.columns)]  # fmt: skip
    if column.origin and (shared or not _declares(column.origin, index)):
        others = f", which {', '.join(shared[:3])} share" if shared else ""
        raise Unsupported(f"`{column.name}` of {table.entity} comes from {column.origin}{others}", where=where)
    if change.action == "remove":
        for group in table.unique_together:
            if column.name in group:
                raise Unsupported(f"`{column.name}` is unique together with others: {', '.join(group)}", where=where)


def _declares(origin: str, index: FactIndex) -> bool:
    return any(d.symbol.name == origin for d in index.classes())


def _loss(change: FieldChange, column: Column, table: Table, settings: Mapping[str, str]) -> tuple[Question, ...]:
    if settings.get("data") == "delete":
        return ()
    text = (
        f"`{column.name}` goes with all that the rows of `{table.table}` hold in it, for good: "
        "a downgrade brings back the column, empty. Delete it?"
    )
    return (Question("data", text, "high", ("delete",)),)


def _added(
    change: FieldChange,
    path: str,
    table: Table,
    house: House,
    index: FactIndex,
    settings: Mapping[str, str],
    served: Served,
) -> Decision:
    assert change.field is not None
    field = _field(change.field, table, house, index)
    if change.relation:
        field = _related(field, table, house)
    for name in {field.attr, field.relation} - {""}:
        _refuse_taken(name, path, table)
    fill = backfill_of(field, table, settings, f"{path}:{table.loc.line}")
    plan = _edit(change, path, table, house, index, served, field, None, field.attr, fill.value, fill.per_row)
    return Decision(plan, fill.assumptions, fill.questions)


def _field(spec: FieldSpec, table: Table, house: House, index: FactIndex) -> FieldPlan:
    if spec.type == "ref":
        attr = spec.name if spec.name.endswith("_id") else f"{spec.name}_id"
        return FieldPlan(spec, attr, attr.removesuffix("_id"), "", find_target(spec.ref, house, index, spec.name))
    enum = f"{pascal(bare_entity(table.entity))}{pascal(spec.name)}" if spec.type == "enum" else ""
    return FieldPlan(spec, spec.name, enum=enum)


def _related(field: FieldPlan, table: Table, house: House) -> FieldPlan:
    """With the collection on the other side, where this house has such and the name is free there."""
    target = field.target
    if target is None or target.entity == table.entity or not house.model.back_references:
        return field
    many = forms(bare_entity(table.entity)).snake_plural
    named = field.relation != target.name.snake
    taken = {c.name for c in target.facts.columns} | {r.name for r in target.facts.relations}
    names = [f"{field.relation}_{many}"] if named else [many, f"{field.relation}_{many}"]
    free = next((name for name in names if name not in taken), "")
    return structs.replace(field, back=free)


def _edit(
    change: FieldChange,
    path: str,
    table: Table,
    house: House,
    index: FactIndex,
    served: Served,
    field: FieldPlan | None,
    column: Column | None,
    new: str,
    backfill: str | None = None,
    per_row: bool = False,
) -> FieldEdit:
    name = forms(bare_entity(table.entity))
    resource = existing_plan(path, table, house, index, fields=(field,) if field else ())
    is_ref = (field is not None and field.target is not None) or (column is not None and bool(column.foreign_key))
    return FieldEdit(
        action=change.action,
        name=name,
        path=path,
        table=table,
        old=column.name if column is not None else "",
        new=new,
        field=field,
        column=column,
        after=_last_like(table, is_ref=is_ref),
        places=class_places(path, table, index, served, is_ref=is_ref),
        resource=resource,
        house=house,
        index=index,
        backfill=backfill,
        per_row=per_row,
        batch=served.sqlite,
    )


def _last_like(table: Table, *, is_ref: bool) -> Column | None:
    """The last of the entity's own columns that the new one is like: references by references, the rest by the rest."""
    own = sorted((c for c in table.columns if not c.origin and not c.primary_key), key=lambda c: c.loc.start)
    stamps = ("_at", "_on")
    plain = [c for c in own if not c.foreign_key and not (c.name.endswith(stamps) and (c.default or c.server_default))]
    refs = [c for c in own if c.foreign_key]
    first = (refs or plain or own) if is_ref else (plain or refs or own)
    return first[-1] if first else next((c for c in table.columns if not c.origin), None)
