"""How moments come to a resource: the columns, the answers that show them, the migration, a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from backwright.blueprints.audit.decide import AuditEdit, Decision, Stamp
from backwright.core.errors import Unsupported
from backwright.core.facts import Field
from backwright.engine.siblings import resource_of
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.spellings.field import sqlite
from backwright.engine.spellings.field_code import Code, served_by
from backwright.engine.spellings.field_tests import exemplar
from backwright.frameworks.alembic.migration import type_source
from backwright.frameworks.alembic.revision import revision_of
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.index import Definition
from backwright.kit.naming import forms
from backwright.kit.spelling import gap
from backwright.kit.targets import bare_entity
from backwright.kit.templates import render
from backwright.kit.testfiles import is_test_file
from backwright.kit.union_style import in_style_of
from backwright.languages.python.field_uses import FieldUses, Found
from backwright.languages.python.places import line_starts
from backwright.languages.python.project_types import Kind

_UTC = 11  # Python 3.11 has `datetime.UTC`
_IMPORTS = (
    "from datetime import UTC, datetime, timezone",
    "from sqlalchemy import Column, DateTime, TIMESTAMP, func, text",
    "from sqlalchemy.orm import Mapped, mapped_column",
    "from sqlmodel import Field",
)


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported for what cannot be spelled, UsageError for what is there."""
    change = task.understood.audit
    assert change is not None, "the blueprint accepts moments only"
    refuse_foreign(task)
    decision: Decision = decide(change, task.house, task.index, sqlite=sqlite(task.index))
    edit = decision.plan
    resource = resource_of(edit.path, edit.table.entity, task.index, task.components)

    @cache
    def code() -> Code:
        types, operations = served_by(task, resource)
        return Code(types, frozenset(), Found(), operations)

    names = " and ".join(s.name for s in edit.stamps)
    return Spelled(
        title=f"add {names} to {edit.table.entity}",
        emissions=lambda: tuple(_emissions(task, edit, code())),
        house=task.house,
        assumptions=decision.assumptions,
        notes=lambda: (*decision.notes, *_gaps(task, edit, code())),
        decision=decision,
    )


def _emissions(task: Task, edit: AuditEdit, code: Code) -> Iterator[Emission]:
    yield from _columns(task, edit)
    for definition in _answers(task, edit, code):
        text = task.read(definition.path) or ""
        last = max((f.loc for f in _declared(definition)), key=lambda loc: loc.end)
        lines = "\n".join(f"{s.name}: datetime{' | None' if s.like and s.like.nullable else ''}" for s in edit.stamps)
        because = f"{definition.symbol.name} shows them"
        yield Splice(definition.path, last.start, last.end, in_style_of(text, lines), because, "below", _IMPORTS)
    yield from _migration(edit)
    yield from _tests(edit, code, shown=bool(_answers(task, edit, code)))


def _gaps(task: Task, edit: AuditEdit, code: Code) -> Iterator[str]:
    if not _answers(task, edit, code):
        yield "no answer shows them: none of this resource alone was found"
    for where in _compared(task, edit, code):
        yield f"{where} compares an answer with all of its fields, which has moments now: it will fail until it names them"
    if exemplar(code) is None:
        yield "they get no tests of their own: no test of this project creates the resource through its endpoint"


def _compared(task: Task, edit: AuditEdit, code: Code) -> Iterator[str]:
    """The tests that write out a whole answer."""
    owners = frozenset((d.path, d.symbol.qualname) for d in _answers(task, edit, code))
    tests = [p for p in task.index.files if p.endswith(".py") and is_test_file(p)]
    for made in FieldUses(code.types, edit.stamps[0].name, owners).search(tests).made if owners else ():
        symbol = task.index.symbols(made.of[0]).get(made.of[1])
        line = (Definition(made.of[0], symbol), *task.index.bases(Definition(made.of[0], symbol))) if symbol else ()
        if not made.sent and not made.spread and {f.name for d in line for f in _declared(d)} <= made.names:
            yield f"{made.path}:{made.node.lineno}"


# -- the entity ----------------------------------------------------------------------------------------------------
def _columns(task: Task, edit: AuditEdit) -> Iterator[Emission]:
    text = task.read(edit.path) or ""
    node = next(
        (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef) and n.name == edit.table.entity), None
    )
    assert node is not None, "an entity is a class of its file"
    starts = line_starts(text)
    if edit.mixin is not None and node.bases:
        at = starts[node.bases[0].lineno - 1] + node.bases[0].col_offset
        name = edit.mixin.symbol.name
        line = f"from {task.index.module(edit.mixin.path)} import {name}"
        yield Splice(edit.path, at, at, f"{name}, ", f"the columns of {name}", "in", (line,))
        return
    own = [c for c in edit.table.columns if not c.origin]
    if not own:
        raise Unsupported(
            f"{edit.table.entity} declares no column of its own to stand beside",
            where=f"{edit.path}:{edit.table.loc.line}",
        )
    last = max((c.loc for c in own), key=lambda loc: loc.end)
    lines, imports = [], list(_IMPORTS)
    for stamp in edit.stamps:
        lines.append(_line(task, edit, stamp, imports))
    because = f"the columns {', '.join(s.name for s in edit.stamps)}"
    yield Splice(edit.path, last.start, last.end, in_style_of(text, "\n".join(lines)), because, "below", tuple(imports))


def _line(task: Task, edit: AuditEdit, stamp: Stamp, imports: list[str]) -> str:
    """The column as the other entity has it, what it needs imported; else one that both sides fill."""
    if stamp.like is not None and stamp.like.source:
        origin = _home(task, stamp)
        for name in sorted(set(re.findall(r"\b[A-Za-z_]\w*\b", stamp.like.source)) - {stamp.name}):
            found = task.index.resolve(origin, name)
            if found is not None and found.symbol.kind in {"function", "class", "variable"} and found.path != edit.path:
                imports.append(f"from {task.index.module(found.path)} import {found.symbol.name}")
            elif task.index.origin(origin, name).count("."):
                module, _, what = task.index.origin(origin, name).rpartition(".")
                imports.append(f"from {module} import {what}")
        return stamp.like.source if stamp.name == stamp.like.name else _changing(stamp)
    changed = stamp.name == "updated_at"
    if edit.table.orm == "sqlmodel":
        more = ', "onupdate": func.now()' if changed else ""
        kwargs = f'sa_column_kwargs={{"server_default": func.now(){more}, "nullable": False}}'
        return f"{stamp.name}: datetime | None = Field(default=None, sa_type=DateTime(timezone=True), {kwargs})"
    arguments = f"DateTime(timezone=True), server_default=func.now(){', onupdate=func.now()' * changed}"
    if changed and edit.resource.house.session.is_async:  # what the database fills in would have to be read again
        recent = int(edit.resource.house.target.removeprefix("py3") or "11") >= _UTC
        moment = f"lambda: datetime.now({'UTC' if recent else 'timezone.utc'})"
        arguments = f"DateTime(timezone=True), server_default=func.now(), onupdate={moment}"
    if edit.resource.house.model.declarative == "column":
        return f"{stamp.name} = Column({arguments}, nullable=False)"
    return f"{stamp.name}: Mapped[datetime] = mapped_column({arguments})"


def _changing(stamp: Stamp) -> str:
    """The column of the moment of making, made to follow changes: by what fills it."""
    assert stamp.like is not None
    source = re.sub(rf"^{re.escape(stamp.like.name)}\b", stamp.name, stamp.like.source)
    inner = f"{source[:-1]}{gap(source)}"
    factory = re.search(r"\bdefault_factory=([\w.]+)", source)
    if factory is not None:
        return f'{inner}sa_column_kwargs={{"onupdate": {factory[1]}}})'
    filled = re.search(r"(?<!server_)\bdefault=([\w.]+)|server_default=(func\.\w+\(\))", source)
    assert filled is not None, "one that nothing fills is no exemplar"
    return f"{inner}onupdate={filled[1] or filled[2]})"


def _home(task: Task, stamp: Stamp) -> str:
    """The file whose imports the column's source stands on."""
    assert stamp.like is not None
    if not stamp.like.origin:
        return stamp.path
    return next((d.path for d in task.index.classes() if d.symbol.name == stamp.like.origin), stamp.path)


# -- what answers show ---------------------------------------------------------------------------------------------
def _declared(definition: Definition) -> list[Field]:
    return [f for f in definition.symbol.fields if f.annotation and not f.name.startswith(("_", "model_config"))]


def _answers(task: Task, edit: AuditEdit, code: Code) -> tuple[Definition, ...]:
    """The classes that answers about one row of this resource are, where nothing that is sent inherits from them."""
    sent = {served.body.of for _, served in code.operations.values() if served.body is not None}
    found: dict[tuple[str, str], Definition] = {}
    for _, served in code.operations.values():
        for key in _shown(code, served.answer):
            symbol = task.index.symbols(key[0]).get(key[1])
            if symbol is not None and (key[0], key[1]) != (edit.path, edit.table.entity):
                found[key] = Definition(key[0], symbol)
    columns = {c.name for c in edit.table.columns}
    out = []
    for definition in (_declaring(task, d) for d in found.values()):
        fields = {f.name for d in (definition, *task.index.bases(definition)) for f in d.symbol.fields}
        named = bare_entity(edit.table.entity).lower() in definition.symbol.name.lower()
        below = any(
            (b.path, b.symbol.qualname) == (definition.path, definition.symbol.qualname)
            for key in sent if key is not None
            for b in _line_of(task, key)
        )  # fmt: skip
        if (
            named
            and not below
            and definition not in out
            and _declared(definition)
            and len(fields & columns) * 2 >= min(len(columns), len(fields))
        ):
            out.append(definition)
    return tuple(d for d in out if not any(_above(task, d, other) for other in out if other is not d))


def _declaring(task: Task, definition: Definition) -> Definition:
    """The class itself, or the nearest above it that declares fields at all."""
    line = (definition, *task.index.bases(definition))
    return next((d for d in line if _declared(d)), definition)


def _above(task: Task, definition: Definition, other: Definition) -> bool:
    """Whether a class inherits from another, which shows it to it already."""
    return any((b.path, b.symbol.qualname) == (other.path, other.symbol.qualname) for b in task.index.bases(definition))


def _line_of(task: Task, key: tuple[str, str]) -> Iterator[Definition]:
    symbol = task.index.symbols(key[0]).get(key[1])
    if symbol is not None:
        yield Definition(key[0], symbol)
        yield from task.index.bases(Definition(key[0], symbol))


def _shown(code: Code, answer: Kind | None) -> Iterator[tuple[str, str]]:
    """The class of one row: itself, in a list, or in the rows of a page."""
    if answer is None:
        return
    if answer.name == "many":
        yield from (a.of for a in answer.args if a is not None and a.of is not None)
    elif answer.name == "json" and answer.of is not None:
        yield answer.of
        for _, node, _ in code.types.declared.bases(Kind("row", answer.of, answer.args)):
            for item in (n for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)):
                kind = code.types.declared.member(Kind("row", answer.of, answer.args), ast.unparse(item.target))
                if kind is not None and kind.name == "many":
                    yield from (a.of for a in kind.args if a is not None and a.of is not None)


# -- the database --------------------------------------------------------------------------------------------------
def _migration(edit: AuditEdit) -> Iterator[Emission]:
    style = edit.resource.house.migration
    if style is None:
        return
    imports: set[str] = set()
    schema, _, table = edit.table.table.rpartition(".")
    schema = schema or edit.resource.house.model.schema
    given = f', schema="{schema}"' if schema else ""
    columns = []
    for stamp in edit.stamps:
        kind = "sa.DateTime(timezone=True)"
        if stamp.like is not None:
            kind = type_source(stamp.like, edit.resource, imports)
        null = stamp.like is not None and stamp.like.nullable
        columns.append(f'sa.Column("{stamp.name}", {kind}, server_default=sa.func.now(), nullable={null})')
    names = [s.name for s in edit.stamps]
    if edit.batch:
        head = f'with op.batch_alter_table("{table}"{given}) as batch_op:'
        up = ["\n".join([head, *(f"    batch_op.add_column({c})" for c in columns)])]
        down = ["\n".join([head, *(f'    batch_op.drop_column("{n}")' for n in reversed(names))])]
    else:
        up = [f'op.add_column("{table}", {c}{given})' for c in columns]
        down = [f'op.drop_column("{table}", "{n}"{given})' for n in reversed(names)]
    listed = " and ".join(names)
    words = (f"Add {listed} to {table}", f"add_{'_and_'.join(names)}_to_{table}", "add columns; downgrade drops them")
    yield from revision_of(style, imports, up, down, words, f"{edit.table.table}:{style.head}:{listed}")


# -- a test --------------------------------------------------------------------------------------------------------
def _tests(edit: AuditEdit, code: Code, *, shown: bool) -> Iterator[Emission]:
    """Right below the test that it is like."""
    found = exemplar(code)
    created = code.operations["create"][1].answer if "create" in code.operations else None
    if found is None or not shown or created is None or created.name != "json":
        return
    body = code.text(found.path).encode()
    starts = line_starts(body.decode())
    end = starts[(found.function.end_lineno or 1) - 1] + (found.function.end_col_offset or 0)
    indent = " " * found.function.col_offset
    create = body[found.start : found.end].decode().replace(f"\n{indent}    ", "\n    ")
    source = render(
        "pytest/audit.py.jinja",
        defs="async def" if isinstance(found.function, ast.AsyncFunctionDef) else "def",
        marks=[f"@{ast.unparse(d)}" for d in found.function.decorator_list if "fixture" not in ast.unparse(d)],
        arguments=ast.unparse(found.function.args),
        returns=" -> None" if found.function.returns is not None else "",
        snake=forms(bare_entity(edit.table.entity)).snake,
        create=create,
        response=found.response,
        status=found.status,
        names=[s.name for s in edit.stamps],
    )
    lines = [f"{indent}{line}" if line.strip() else "" for line in source.strip("\n").splitlines()]
    text = ("\n\n" if indent else "\n\n\n") + "\n".join(lines)
    yield Splice(found.path, end, end, text, "the moments are tested", "in", ("from datetime import datetime",))
