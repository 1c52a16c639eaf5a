"""The state of an action where it is not there yet: a column, a value of an enumeration, with one migration for both."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from backwright.blueprints.endpoint.states import states_of
from backwright.blueprints.field.decide import decide as decide_field
from backwright.blueprints.field.placing import Served
from backwright.core.errors import Unsupported
from backwright.core.facts import Field, Symbol
from backwright.core.request import FieldChange, FieldSpec
from backwright.engine.siblings import resource_of
from backwright.engine.spelling import Task
from backwright.engine.spellings.endpoint_action import Action
from backwright.engine.spellings.field import sqlite
from backwright.frameworks.alembic.enumeration import enum_steps
from backwright.frameworks.alembic.field import field_steps
from backwright.frameworks.alembic.revision import revision_of
from backwright.frameworks.pydantic.field import emit_schema_fields
from backwright.frameworks.sqlalchemy.field import emit_column
from backwright.frameworks.sqlmodel.field import emit_support, stored_columns
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.bodies import walk
from backwright.kit.field_edit import ClassPlace, FieldEdit
from backwright.kit.index import Definition
from backwright.kit.lineage import ENUMS, SCHEMAS, built_on


def emit_state(task: Task, action: Action) -> Iterator[Emission]:
    """What the transition needs. Raises Unsupported for what cannot be extended."""
    imports: set[str] = set()
    up: list[str] = []
    down: list[str] = []
    edits = [_edit(task, action, name) for name in action.transition.fresh_columns]
    texts = {path: task.read(path) or "" for e in edits for path in {e.path, *(p.path for p in e.places)}}
    for edit in edits:
        yield from emit_column(edit, texts[edit.path])
        yield from emit_support(edit)
        yield from emit_schema_fields(edit, texts, stored_columns(edit))
        steps = field_steps(edit, imports)
        up, down = [*up, *steps[0]], [*steps[1], *down]
    if action.transition.added is not None:
        yield from _value(task, action)
        steps = _value_steps(action)
        up, down = [*up, *steps[0]], [*steps[1], *down]
    if up:
        table = action.table.table.rpartition(".")[2]
        added = action.transition.added[1:] if action.transition.added is not None else ()
        what = " and ".join([*action.transition.fresh_columns, *added])
        title = f"Add {what} to {table}"
        slug = re.sub(r"\W+", "_", title.lower())
        head = action.house.migration.head if action.house.migration is not None else ""
        yield from revision_of(
            action.house.migration, imports, up, down, (title, slug, "up and down"), f"{table}:{head}:{slug}"
        )


def unshown(task: Task, action: Action) -> Iterator[str]:
    """The new columns that no answer shows."""
    for name in action.transition.fresh_columns:
        if not any(not p.stored for p in _edit(task, action, name).places):
            yield f"no answer shows `{name}`: the class of what is answered has no fields of its own"


def is_shown(action: Action) -> bool:
    """Whether the answer is the row itself, with the new columns."""
    info = action.chain.info
    symbol = action.index.symbols(info.path).get(info.route.handler)
    said = action.handler.response or info.route.response or (symbol.returns if symbol is not None else "")
    return "[" not in said and any(not p.stored for p in _places(action))


def shown_stamps(action: Action) -> tuple[str, ...]:
    """The moments that are new and that the answer shows."""
    fresh = tuple(name for name, new in action.transition.stamps if new)
    return fresh if is_shown(action) else ()


# -- columns ---------------------------------------------------------------------------------------------------------
def _edit(task: Task, action: Action, name: str) -> FieldEdit:
    boolean = action.transition.kind == "boolean" and name == action.transition.column
    default = action.transition.sources[0] == "True" if boolean and action.transition.sources else False
    field = (
        FieldSpec(name=name, type="boolean", required=False, has_default=True, default=default, update=False)
        if boolean
        else FieldSpec(name=name, type="datetime", required=False, nullable=True, update=False)
    )
    change = FieldChange("add", action.table.entity, name, field=field)
    decided = decide_field(change, action.house, action.index, {}, served=Served(sqlite=sqlite(action.index)))
    assert decided.plan is not None, "a column that may be empty or has a default asks for nothing"
    return replace(decided.plan, places=tuple(_places(action)))


def _places(action: Action) -> Iterator[ClassPlace]:
    """The entity itself where its fields are those of a schema, and the class of what the action answers."""
    if action.table.orm == "sqlmodel":
        yield from _place(action.entity, "create", stored=True)
    answered = _shows(action)
    if answered is not None and (answered.path, answered.symbol.qualname) != (action.path, action.table.entity):
        yield from _place(answered, "read", stored=False)


def _place(definition: Definition, role: str, *, stored: bool) -> Iterator[ClassPlace]:
    own: tuple[Field, ...] = tuple(f for f in definition.symbol.fields if f.annotation)
    symbol: Symbol = definition.symbol
    if own and symbol.body is not None:
        plain = [f for f in own if "Relationship(" not in f.value] or list(own)
        last = max(plain, key=lambda f: f.loc.end)
        yield ClassPlace(definition.path, symbol.qualname, role, last.loc, symbol.body, own, stored)  # type: ignore[arg-type]  # one of the roles


def _shows(action: Action) -> Definition | None:
    """The class of an answer, or the base of it that has the key, where it has no fields of its own."""
    answered = answered_class(action)
    if answered is None or any(f.annotation for f in answered.symbol.fields):
        return answered
    return next((b for b in action.index.bases(answered) if _keys(action) & {f.name for f in b.symbol.fields}), None)


def _keys(action: Action) -> set[str]:
    return {c.name for c in action.table.columns if c.primary_key}


def answered_class(action: Action) -> Definition | None:
    """The class that shows one row to whoever asks: it has the row's key, which no envelope around it has."""
    info = action.chain.info
    symbol = action.index.symbols(info.path).get(info.route.handler)
    said = action.handler.response or info.route.response or (symbol.returns if symbol is not None else "")
    for name in re.findall(r"[A-Za-z_][\w.]*", said):
        found = action.index.resolve(info.path, name)
        if found is not None and built_on(action.index, found, SCHEMAS):
            fields = {f.name for d in (found, *action.index.bases(found)) for f in d.symbol.fields}
            if _keys(action) & fields:
                return found
    return None


# -- values ----------------------------------------------------------------------------------------------------------
def _value(task: Task, action: Action) -> Iterator[Emission]:
    """The new member, in the enumeration of the entity and in those of its schemas."""
    transition = action.transition
    assert transition.added is not None
    name, value = transition.added
    column = next(c for c in action.table.columns if c.name == transition.column)
    enums: dict[tuple[str, str], Definition] = {}
    for definition in (action.entity, *_schemas(task, action)):
        for item in (f for f in definition.symbol.fields if f.name == column.name):
            for word in re.findall(r"[A-Za-z_][\w.]*", f"{item.annotation} {item.value}"):
                found = action.index.resolve(definition.path, word)
                if found is not None and built_on(action.index, found, ENUMS):
                    enums[(found.path, found.symbol.qualname)] = found
            yield from _literal(definition.path, item, value)
    if transition.enum:
        found = action.index.resolve(transition.enum_path, transition.enum)
        if found is not None:
            enums[(found.path, found.symbol.qualname)] = found
    for definition in enums.values():
        yield _member(definition, name, value)


def _schemas(task: Task, action: Action) -> Iterator[Definition]:
    for definition in resource_of(action.path, action.table.entity, task.index, task.components).schemas:
        yield definition
        yield from action.index.bases(definition)


def _member(definition: Definition, name: str, value: str) -> Splice:
    fields = [f for f in definition.symbol.fields if f.value_expr is not None and not f.name.startswith("_")]
    if not fields:
        raise Unsupported(f"{definition.symbol.name} has no values to stand beside", where=definition.path)
    last = max(fields, key=lambda f: f.loc.end)
    if re.fullmatch(r"-?\d+", last.value):
        raise Unsupported(
            f"the values of {definition.symbol.name} are numbers: which one is {name}?",
            where=f"{definition.path}:{last.loc.line}",
            hints=("add it first",),
        )
    shown = "auto()" if last.value.endswith("auto()") else f'"{value}"'
    return Splice(definition.path, last.loc.start, last.loc.end, f"{name} = {shown}", f"the value {value}", "below")


def _literal(path: str, item: Field, value: str) -> Iterator[Splice]:
    """`Literal["a", "b"]` of a field, with one value more."""
    if item.annotation_expr is None or "Literal[" not in item.annotation:
        return
    texts = [e for e in walk(item.annotation_expr) if e.kind == "string"]
    if texts and value not in {t.text for t in texts}:
        last = max(texts, key=lambda t: t.loc.end)
        yield Splice(path, last.loc.end, last.loc.end, f', "{value}"', f"the value {value}")


def _value_steps(action: Action) -> tuple[list[str], list[str]]:
    transition = action.transition
    column = next(c for c in action.table.columns if c.name == transition.column)
    state = next(s for s in states_of(action.path, action.table, action.index) if s.column.name == column.name)
    where = f"{action.path}:{column.loc.line}"
    return enum_steps(action.table, column, state.members, transition, transition.enum, where)
