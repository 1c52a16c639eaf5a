"""How rows come to be marked instead of deleted: the column, every query of theirs, every place that deletes them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from backwright.blueprints.soft_delete.decide import COLUMN, Decision
from backwright.core.errors import Unsupported
from backwright.engine.siblings import Resource, resources
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.spellings.field import refuse_unanswered, sqlite
from backwright.engine.spellings.field_code import Code, served_by
from backwright.engine.spellings.soft_delete_tests import emit_soft_delete_tests, untested
from backwright.frameworks.alembic.field import emit_field_migration
from backwright.frameworks.sqlalchemy.field import emit_column
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.entity_uses import Access, accesses, chained, outermost
from backwright.languages.python.field_uses import Found
from backwright.languages.python.queries import method_of
from backwright.languages.python.signatures import Text

_BECAUSE = "deleted rows are not read"
_SHOWN = 5


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported, naming the places, where rows are read or deleted in a way that is not known."""
    change = task.understood.soft_delete
    assert change is not None, "the blueprint accepts soft deletes only"
    refuse_foreign(task)
    decision: Decision = decide(change, task.house, task.index, task.settings, sqlite=sqlite(task.index))
    edit = decision.plan
    resource = next(
        r
        for r in resources(task.index, task.components)
        if (r.entity.path, r.entity.table.entity) == (edit.path, edit.table.entity)
    )
    if decision.assumptions and any(r.route.method != "GET" for r in resource.routes):
        refuse_unanswered(task, resource)  # values that stay taken are noticed by the database alone

    @cache
    def code() -> Code:
        types, operations = served_by(task, resource)
        return Code(types, frozenset(), Found(), operations)

    return Spelled(
        title=f"mark {edit.table.table} as deleted instead of deleting them",
        emissions=lambda: tuple(_emissions(task, decision, resource, code())),
        house=task.house,
        assumptions=decision.assumptions,
        questions=decision.questions,
        notes=lambda: (*decision.notes, *((f"there is no test of it: {why}",) if (why := untested(code())) else ())),
        decision=decision,
    )


def _emissions(task: Task, decision: Decision, resource: Resource, code: Code) -> Iterator[Emission]:
    edit = decision.plan
    entity = (edit.path, edit.table.entity)
    versions = f"{edit.house.migration.directory}/" if edit.house.migration is not None else "\0"
    paths = [p for p in task.index.files if p.endswith(".py") and not p.startswith(versions) and not is_test_file(p)]
    found = accesses(code.types, entity, decision.relations, paths, edit.table.table)
    _refuse_shown(task, decision)
    if found.unknown:
        shown = ", ".join(f"{p}:{line}" for p, line, _ in found.unknown[:_SHOWN])
        path, line, why = found.unknown[0]
        raise Unsupported(f"rows of {edit.table.entity}: {why}", where=f"{path}:{line}", hints=(shown,))
    if not any(a.kind in {"delete", "drop"} for a in found.found):
        raise Unsupported(f"nothing deletes rows of {edit.table.entity}", where=f"{edit.path}:{edit.table.loc.line}")
    if edit.table.orm == "sqlmodel":
        yield from _sqlmodel_column(task, decision)
    else:
        yield from emit_column(edit, task.read(edit.path) or "")
    yield from emit_field_migration(edit)
    texts: dict[str, Text] = {}
    for access in found.found:
        source = code.types.sources.source(access.path)
        assert source is not None, "a file that was looked at has been read"
        text = texts.setdefault(access.path, Text(source.text))
        yield from _spliced(access, text, decision)
    yield from emit_soft_delete_tests(edit, code)


def _refuse_shown(task: Task, decision: Decision) -> None:
    """Raises Unsupported where a schema shows what a relation gives: rows that are marked would be in it."""
    names = {name for found in decision.relations.values() for name in found}
    entities = {t.entity for _, t in task.index.tables()}
    for definition in task.index.classes():
        if definition.symbol.name in entities or is_test_file(definition.path):
            continue
        if not {b.rpartition(".")[2] for b in task.index.root_bases(definition)} & {"BaseModel", "SQLModel"}:
            continue
        shown = next((f for f in definition.symbol.fields if f.name in names and f.annotation), None)
        if shown is not None:
            raise Unsupported(
                f"`{definition.symbol.name}.{shown.name}` may show rows of {decision.plan.table.entity} that a relation gives",
                where=f"{definition.path}:{shown.loc.line}",
            )


def _spliced(access: Access, text: Text, decision: Decision) -> Iterator[Emission]:
    resource, path, call = decision.resource, access.path, access.call
    sqlmodel = resource.house.session.sqlmodel and decision.plan.table.orm == "sqlmodel"

    def alive(entity: str) -> str:
        return f"col({entity}.{COLUMN}).is_(None)" if sqlmodel else f"{entity}.{COLUMN}.is_(None)"

    imports = (
        "from sqlalchemy import func, select, update",
        "from datetime import UTC, datetime, timezone",
        "from sqlmodel import col",
    )
    if sqlmodel:
        imports = ("from sqlmodel import col, select", "from sqlalchemy import func, update", *imports[1:2])
    where = f"{path}:{call.lineno}"
    match access.kind:
        case "read":
            links = [call, *chained(access.step, call)]
            legacy = method_of(call) == "query"
            if legacy and any(method_of(c) in {"get", "delete", "from_statement"} for c in links):
                raise Unsupported(f"`{ast.unparse(links[-1])[:60]}` cannot be narrowed", where=where)
            if any(method_of(c) == "select_from" for c in links[1:]):
                return  # what it selects from is narrowed
            at = text.end(call)
            yield Splice(
                path, at, at, f".{'filter' if legacy else 'where'}({alive(access.entity)})", _BECAUSE, "in", imports
            )
        case "get":
            whole = outermost(access.step, call)
            assert isinstance(whole, ast.expr)
            assert isinstance(call.func, ast.Attribute)
            options = {k.arg: k.value for k in call.keywords}
            key = call.args[1] if len(call.args) > 1 else options.pop("ident", None)
            if key is None or set(options) - {"options"}:
                raise Unsupported(f"`{ast.unparse(call)[:60]}` has no other spelling", where=where)
            loaded = ""
            if "options" in options:
                value = options["options"]
                one_by_one = isinstance(value, ast.List | ast.Tuple)
                inside = (
                    ", ".join(text.source(e) for e in getattr(value, "elts", ()))
                    if one_by_one
                    else f"*{text.source(value)}"
                )
                loaded = f".options({inside})"
            entity = access.entity
            column = f"col({entity}.{resource.key})" if sqlmodel else f"{entity}.{resource.key}"
            picked = f"select({entity}).where({column} == {text.source(key)}, {alive(entity)}){loaded}"
            receiver, method = text.source(call.func.value), "exec" if sqlmodel else "scalars"
            asked = f"{receiver}.{method}({picked})"
            if isinstance(whole, ast.Await):
                asked = f"(await {asked})"
            yield Splice(path, text.start(whole), text.end(whole), f"{asked}.first()", _BECAUSE, "in", imports)
        case "delete":
            whole = outermost(access.step, call)
            statement = access.step.parents[whole]
            if not isinstance(statement, ast.Expr):
                raise Unsupported("what deleting gives is used here", where=where)
            now = (
                "datetime.now(UTC)"
                if int(resource.house.target.removeprefix("py3") or "11") >= 11
                else "datetime.now(timezone.utc)"
            )
            marked = f"{text.source(call.args[0])}.{COLUMN} = {now}"
            yield Splice(path, text.start(statement), text.end(statement), marked, "rows are marked", "in", imports)
            row = call.args[0]
            if sqlmodel and isinstance(call.func, ast.Attribute):
                added = f"\n{text.indent(statement)}{text.source(call.func.value)}.add({text.source(row)})"
                yield Splice(path, text.end(statement), text.end(statement), added, "rows are marked", "in")
        case _:
            function = call.func
            yield Splice(path, text.start(function), text.end(function), "update", "rows are marked", "in", imports)
            more = f".where({alive(access.entity)}).values({COLUMN}=func.now())"
            yield Splice(path, text.end(call), text.end(call), more, "rows are marked", "in", imports)


def _sqlmodel_column(task: Task, decision: Decision) -> Iterator[Emission]:
    """The column in the class of the table itself: no base of requests and answers gets it."""
    edit = decision.plan
    symbol = task.index.symbols(edit.path)[edit.table.entity]
    fields = [f for f in symbol.fields if f.annotation]
    if not fields:
        raise Unsupported(
            f"{edit.table.entity} declares no column of its own", where=f"{edit.path}:{edit.table.loc.line}"
        )
    last = max((f.loc for f in fields if "Relationship" not in f.value), key=lambda loc: loc.end, default=fields[0].loc)
    line = f"{COLUMN}: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))"
    imports = ("from datetime import datetime", "from sqlalchemy import DateTime", "from sqlmodel import Field")
    yield Splice(edit.path, last.start, last.end, line, f"the column {COLUMN}", "below", imports)
