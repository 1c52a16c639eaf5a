"""How a change of one field is spelled: the column, the classes, the migration, the code and the tests that name it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from backwright.blueprints.field.decide import Decision
from backwright.blueprints.field.placing import Served
from backwright.core.archmap import RouteInfo
from backwright.core.errors import Unsupported
from backwright.core.facts import StringLiteral
from backwright.engine.siblings import Resource, resource_of
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.spellings.field_changing import emit_removed, emit_renamed, kept_names, removed_tests
from backwright.engine.spellings.field_code import Code, code_of
from backwright.engine.spellings.field_listed import Asked, asked_by
from backwright.engine.spellings.field_naming import emit_named_too
from backwright.engine.spellings.field_reference_tests import reference_of
from backwright.engine.spellings.field_references import ReferenceChecks
from backwright.engine.spellings.field_tests import emit_field_tests, untested
from backwright.frameworks.alembic.field import emit_field_migration
from backwright.frameworks.pydantic.field import emit_schema_fields
from backwright.frameworks.sqlalchemy.field import emit_clear, emit_column
from backwright.frameworks.sqlmodel.field import emit_support, stored_columns
from backwright.kit.artifacts import Emission
from backwright.kit.existing import find_entity
from backwright.kit.field_edit import FieldEdit
from backwright.kit.index import Definition, FactIndex
from backwright.kit.testfiles import is_test_file

_LOCKS = (
    "PostgreSQL: the column comes at once; its foreign key lets nobody write to {table} or {other} while rows are compared, "
    "and its index nobody to {table} while it is built"
)
_WRITES = {"POST": "creates", "PUT": "updates", "PATCH": "updates"}


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported for what cannot be spelled, UsageError for bad requests."""
    change = task.understood.field
    assert change is not None, "the blueprint accepts changes of fields only"
    refuse_foreign(task)
    path, table = find_entity(change.resource, task.index)
    resource = resource_of(path, table.entity, task.index, task.components)
    served = _served(task, resource)
    decision: Decision = decide(change, task.house, task.index, task.settings, served=served)
    words = {"add": "add field {0} to {1}", "rename": "rename field {0} of {1}", "remove": "remove field {0} from {1}"}
    title = words[change.action].format(change.name, table.entity) + (f" to {change.to}" if change.to else "")

    schemas = served.schemas

    @cache
    def code() -> Code:
        assert decision.plan is not None, "open questions of level high stop a plan before"
        return code_of(task, decision.plan, resource, schemas)

    @cache
    def checks() -> ReferenceChecks | None:
        edit = decision.plan
        if edit is None or edit.field is None or edit.field.target is None:
            return None
        return ReferenceChecks(task, edit, edit.field, resource, code())

    if decision.plan is not None and change.action == "add":
        _refuse_implicit_joins(task, decision.plan)
    if change.relation and decision.plan is not None:
        _refuse_unanswered_deletion(task, decision.plan)

    @cache
    def asked() -> Asked | None:
        edit = decision.plan
        return asked_by(task, edit, edit.field, resource, code()) if change.relation and edit and edit.field else None

    if change.field is not None and change.field.unique:
        refuse_unanswered(task, resource)

    def emissions() -> Iterator[Emission]:
        assert decision.plan is not None, "open questions of level high stop a plan before"
        return _emissions(task, decision.plan, code(), checks(), asked())

    return Spelled(
        title=title,
        emissions=emissions,
        house=task.house,
        assumptions=decision.assumptions,
        questions=decision.questions,
        notes=lambda: (
            *decision.notes,
            *_gaps(decision, code()),
            *(checked.gaps() if (checked := checks()) is not None else ()),
            *((found.why,) if (found := asked()) is not None and found.why else ()),
        ),
        decision=decision,
    )


def refuse_unanswered(
    task: Task,
    resource: Resource,
    what: str = "a unique field",
    instead: Sequence[str] = ("ask for it without `unique`",),
) -> None:
    """Raises Unsupported where a value that is taken would end as an error of the server."""
    if not answers_conflicts(task, resource):
        raise Unsupported(
            f"nothing answers a value that is taken: {what} would end in an error of the server",
            where=resource.router_path or resource.entity.path,
            hints=(
                *instead,
                f"{'or ' * bool(instead)}handle sqlalchemy.exc.IntegrityError for the whole application first",
            ),
        )


def _refuse_unanswered_deletion(task: Task, edit: FieldEdit) -> None:
    """Raises Unsupported where deleting what rows refer to would end as an error of the server."""
    target = edit.field.target if edit.field is not None else None
    if target is None or edit.field is None or edit.field.spec.on_delete != "restrict":
        return
    parent = resource_of(target.path, target.entity, task.index, task.components)
    deleted = parent.operation("delete")
    if deleted is not None and not answers_conflicts(task, parent):
        raise Unsupported(
            f"nothing answers what the database refuses: deleting a {target.name.human} that is referred to would end "
            "in an error of the server",
            where=f"{deleted.path}:{deleted.route.loc.line}",
            hints=("on-delete:set_null or on-delete:cascade", "or handle sqlalchemy.exc.IntegrityError first"),
        )


def _refuse_implicit_joins(task: Task, edit: FieldEdit) -> None:
    """Raises Unsupported where a query joins the two by whatever key there is: with a second one none would be meant."""
    target = edit.field.target if edit.field is not None else None
    if target is None or not edit.joins:
        return
    ends = {edit.table.entity, target.entity}
    joined = re.compile(
        rf"\.(?:outer)?join\(\s*(?:\w+\.)*(?P<to>{'|'.join(sorted(ends))})\s*(?:,\s*(?:isouter|full)\s*=\s*\w+\s*)?,?\s*\)"
    )
    for path in task.index.files:
        text = (task.read(path) or "") if path.endswith(".py") and not is_test_file(path) else ""
        for found in joined.finditer(text):
            if all(end in text for end in ends):
                raise Unsupported(
                    f"a query joins {found['to']} without a key: beside a second one it would not run",
                    where=f"{path}:{text.count(chr(10), 0, found.start()) + 1}",
                    hints=("join by the relation first: .join(Order.customer)",),
                )


def answers_conflicts(task: Task, resource: Resource) -> bool:
    """Whether what the database refuses becomes an answer: of the whole application, or where this resource is stored."""
    application = task.house.application
    layers = {d.path for d in resource.classes.values()} | {d.path for ds in resource.functions.values() for d in ds}
    texts = [task.read(path) or "" for path in (*layers, resource.router_path) if path]
    return (application is not None and application.handles_integrity) or any("IntegrityError" in t for t in texts)


def _gaps(decision: Decision, code: Code) -> Iterator[str]:
    """What this plan does not have: said, never left out in silence."""
    edit = decision.plan
    if edit is not None and edit.action == "add" and (why := untested(code)):
        yield f"`{edit.new}` gets no tests of its own: {why}"
    if edit is not None and edit.action != "add":
        yield from dict.fromkeys(
            (*kept_names(edit, code), *(removed_tests(edit, code) if edit.action == "remove" else ()))
        )
    if (
        edit is not None
        and edit.house.migration is not None
        and edit.field is not None
        and edit.field.target is not None
    ):
        yield _LOCKS.format(table=edit.table.table, other=edit.field.target.table)
    if edit is not None and edit.action == "add" and all(p.role == "read" for p in edit.places):
        yield f"no request takes `{edit.new}`: what this resource is created and changed with was not found"
    if edit is not None and edit.house.migration is None:
        yield "there is no migration: this project does not use Alembic"


def _emissions(
    task: Task, edit: FieldEdit, code: Code, checks: ReferenceChecks | None, asked: Asked | None
) -> Iterator[Emission]:
    texts = {path: task.read(path) or "" for path in {edit.path, *(p.path for p in edit.places)}}
    yield from emit_column(edit, texts[edit.path])
    yield from emit_clear(edit)
    yield from emit_support(edit)
    yield from emit_schema_fields(edit, texts, stored_columns(edit))
    yield from emit_field_migration(edit)
    reference = None
    if checks is not None:
        yield from checks.emissions()
        yield from asked.emissions if asked is not None else ()
        reference = reference_of(checks, code, listed=asked is not None and not asked.why)
    if edit.action == "add":
        yield from emit_named_too(edit, code)
        yield from emit_field_tests(edit, code, reference)
    elif edit.action == "rename":
        yield from emit_renamed(edit, code)
    else:
        yield from emit_removed(edit, code)


def _served(task: Task, resource: Resource) -> Served:
    index = task.index
    schemas = {(d.path, d.symbol.qualname): d for d in resource.schemas}
    found: dict[str, set[tuple[str, str]]] = {"creates": set(), "updates": set()}
    partial = False
    for info in resource.routes:
        kind = _WRITES.get(info.route.method, "")
        for body in _bodies(index, info):
            schemas[(body.path, body.symbol.qualname)] = body
            if kind:
                found[kind].add((body.path, body.symbol.qualname))
        partial = partial or info.route.method == "PATCH"
    layers = {d.path for d in resource.classes.values()} | {resource.router_path}
    layers |= {d.path for ds in resource.functions.values() for d in ds}
    partial = partial or any("exclude_unset" in (task.read(p) or "") for p in layers if p)
    return Served(
        schemas=tuple(schemas.values()),
        creates=frozenset(found["creates"]),
        updates=frozenset(found["updates"]),
        partial=partial,
        sqlite=sqlite(index),
    )


def _bodies(index: FactIndex, info: RouteInfo) -> Iterator[Definition]:
    """The project's own classes that a handler takes."""
    handler = index.symbols(info.path).get(info.route.handler)
    for param in handler.params if handler is not None else ():
        found = index.resolve(info.path, param.annotation.strip("'\""))
        if found is not None and found.symbol.kind == "class" and _is_schema(index, found):
            yield found


def _is_schema(index: FactIndex, definition: Definition) -> bool:
    bases = {b.split(".")[-1] for b in index.root_bases(definition)}
    return bool(bases & {"BaseModel", "SQLModel"}) and "table" not in definition.symbol.base_keys


def sqlite(index: FactIndex) -> bool:
    """Whether the migrations may meet SQLite, which changes constraints only by copying a table."""
    if any("sqlite:" in text or "sqlite+" in text for text in index.texts.values()):
        return True
    for path in index.files:
        if not is_test_file(path):
            for fact in index.facts(path):
                if isinstance(fact, StringLiteral) and fact.value.startswith(("sqlite:", "sqlite+")):
                    return True
    return any(call.expr.keyword("render_as_batch") is not None for path in index.files for call in index.calls(path))
