"""What the list is asked for, as parameters of every function on the way, arguments of their calls, and in the queries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from backwright.blueprints.list.decide import ListEdit
from backwright.core.errors import Unsupported
from backwright.engine.spelling import Task
from backwright.engine.spellings.list_path import ListPath
from backwright.engine.spellings.list_queries import Wish, emit_queries
from backwright.frameworks.fastapi.listing import Asked, asked_for, page_variables
from backwright.frameworks.sqlalchemy.queries import sort_table, sort_table_name
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.existing import enum_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.spelling import TYPE_IMPORTS
from backwright.kit.union_style import in_style_of
from backwright.languages.python.project_types import Key
from backwright.languages.python.queries import Step
from backwright.languages.python.signatures import Text, names_used

_BECAUSE = "what the list is asked for"
_IMPORTS = (
    *TYPE_IMPORTS,
    "from typing import Optional",
    "from fastapi import Query",
    "from pydantic import AwareDatetime",
)


@dataclass(frozen=True)
class Value:
    """One value that is asked for: as the endpoint takes it, and as the functions below hand it on."""

    name: str
    asked: Asked
    kind: str  # the annotation below the endpoint
    default: str = "None"
    given: str = ""  # what the endpoint hands on, where it is not the value itself


def emit_steps(task: Task, edit: ListEdit, way: ListPath) -> Iterator[Emission]:
    """Raises Unsupported where a name that is asked by means something else on the way."""
    values = _values(edit, way)
    handed = _handed(edit, values)
    for key, step in way.steps.items():
        text = way.text(key[0])
        own = values if key == way.handler else handed
        yield from _parameters(task, edit, way, key, step, text, own)
        for call, _ in step.calls:
            given = [(v.given or v.name) if key == way.handler else v.name for v in handed]
            at, written = text.arguments(call, [f"{v.name}={g}" for v, g in zip(handed, given, strict=True)])
            yield Splice(key[0], at, at, written, _BECAUSE)
        if step.queries:
            if edit.sorts:
                yield _sort_table(edit, way, step, text)
            yield from emit_queries(step, text, _wish(edit, values, step, handler=key == way.handler))
    for key, like in way.stand_ins:
        node = way.types.sources.node(key)
        stand_in = Step(key, node, {})  # type: ignore[arg-type]  # only functions stand in
        yield from _parameters(task, edit, way, key, stand_in, way.text(key[0]), handed, like)


def _values(edit: ListEdit, way: ListPath) -> list[Value]:
    taken = set().union(*(names_used(step.node) for step in way.steps.values()))
    out = []
    for asked in asked_for(edit.resource):
        name = asked.name
        if name in taken:
            free = f"{name}_filter" if name in {f.attr for f in edit.filters} else f"list_{name}"
            if free in taken:
                raise Unsupported(f"`{name}` means something else on the way to the list", where=way.handler[0])
            bounds = f'alias="{name}"' + (f", {asked.bounds}" if asked.bounds else "")
            asked = Asked(free, asked.kind, asked.default, bounds)
        kind = asked.kind if not asked.kind.startswith("Literal[") else "str | None"
        out.append(Value(asked.name, asked, kind.replace("AwareDatetime", "datetime"), asked.default))
    return out


def _handed(edit: ListEdit, values: list[Value]) -> list[Value]:
    """What is handed on below the endpoint: rows are counted there, whatever the endpoint calls its pages."""
    if not edit.pages:
        return values
    names = {edit.resource.house.pages.at, edit.resource.house.pages.size}
    limit, offset = page_variables(edit.resource)
    kept = [v for v in values if v.name not in names]
    pages = [
        Value("offset", Asked("offset", "int", "0"), "int", "0", given=offset),
        Value("limit", Asked("limit", "int | None", "None"), "int | None", "None", given=limit),
    ]
    return [*pages, *kept]


def _wish(edit: ListEdit, values: list[Value], step: Step, *, handler: bool) -> Wish:
    names = {v.asked.name: v.name for v in values}
    by_field = {f.attr: next(v.name for v in values if v.name in {f.attr, f"{f.attr}_filter"}) for f in edit.filters}
    sqlmodel = edit.resource.house.session.sqlmodel and edit.table.orm == "sqlmodel"

    def column(attr: str) -> str:
        return f"col({{entity}}.{attr})" if sqlmodel else f"{{entity}}.{attr}"

    conditions = [(f"{name} is not None", f"{column(attr)} == {name}") for attr, name in by_field.items()]
    if edit.search:
        name = next(n for n in names.values() if n in {"search", "list_search"})
        found = [f"{column(f.attr)}.icontains({name}, autoescape=True)" for f in edit.search]
        conditions.append((name, found[0] if len(found) == 1 else f"or_({', '.join(found)})"))
    sort = next((n for n in names.values() if n in {"sort", "list_sort"}), "") if edit.sorts else ""
    page = page_variables(edit.resource) if handler else ("limit", "offset")
    return Wish(
        conditions=tuple(conditions),
        sort=sort,
        table=sort_table_name(edit.resource) if sort else "",
        key=column(edit.resource.key),
        page=page if edit.pages else None,
    )


def _sort_table(edit: ListEdit, way: ListPath, step: Step, text: Text) -> Splice:
    """The allow-list of orders, above what needs it."""
    entity = step.queries[0].entity
    source = sort_table(replace(edit.resource, class_name=entity))
    start = _top(way, step, text)
    imports = ("from typing import Any", "from sqlalchemy.orm import InstrumentedAttribute", "from sqlmodel import col")
    return Splice(step.key[0], start, start, f"{source}\n\n\n", "the orders that may be asked for", "above", imports)


def _top(way: ListPath, step: Step, text: Text) -> int:
    """The start of what stands at the top of the file and holds a step, its decorators included."""
    source = way.types.sources.source(step.key[0])
    assert source is not None, "a file on the way has been read"
    for node in source.tree.body:
        if node.lineno <= step.node.lineno <= (node.end_lineno or 0):
            decorated = [d.lineno for d in getattr(node, "decorator_list", ()) if isinstance(d, ast.expr)]
            return text.starts[min([node.lineno, *decorated]) - 1]
    return text.starts[step.node.lineno - 1]


def _parameters(
    task: Task,
    edit: ListEdit,
    way: ListPath,
    key: Key,
    step: Step,
    text: Text,
    values: list[Value],
    like: Key | None = None,
) -> Iterator[Emission]:
    handler = key == way.handler
    like_node = way.steps[like].node if like is not None else step.node
    typed = (
        handler
        or like_node.returns is not None
        or any(p.annotation for p in (*like_node.args.args, *like_node.args.kwonlyargs))
    )
    sources: list[str] = []
    needed: tuple[str, ...] = _IMPORTS
    for value in values:
        enum = next((f for f in edit.filters if f.enum and value.name in {f.attr, f"{f.attr}_filter"}), None)
        kind = value.asked.kind if handler else value.kind
        if enum is not None:
            name, line = _called(task.index, edit, key[0], enum.attr)
            kind = kind.replace(enum.enum, name)
            needed = (*needed, line) if line else needed
        kind = _as_imported(task.index, key[0], kind)
        asked = Asked(value.asked.name, kind, value.asked.default, value.asked.bounds)
        source = f"{value.name}: {kind} = {value.default}" if typed else f"{value.name}={value.default}"
        if handler:
            source = asked.parameter(annotated=edit.resource.house.router.annotated)
        sources.append(in_style_of(text.body.decode(), source))
    if sources:
        at, written = text.parameters(step.node, sources)
        yield Splice(key[0], at, at, written, _BECAUSE, "in", needed)


def _called(index: FactIndex, edit: ListEdit, path: str, attr: str) -> tuple[str, str]:
    """How a file calls the enumeration of a column, and the import that it needs for that."""
    column = next(c for c in edit.table.columns if c.name == attr)
    found = enum_of(column, edit.path, index)
    assert found is not None, "the field holds an enumeration"
    name = found.symbol.name
    for item in index.imports(path):
        for written in (item.alias, f"{item.alias}.{name}"):
            if written and _same(index.resolve(path, written), found):
                return written, ""
    if path == found.path:
        return name, ""
    return name, f"from {index.module(found.path)} import {name}"


def _same(one: Definition | None, other: Definition) -> bool:
    return one is not None and (one.path, one.symbol.qualname) == (other.path, other.symbol.qualname)


def _as_imported(index: FactIndex, path: str, kind: str) -> str:
    """`UUID` where the file has it by that name, `datetime.date` where it has the module."""
    if "uuid.UUID" in kind and index.origin(path, "UUID") == "uuid.UUID":
        return kind.replace("uuid.UUID", "UUID")
    if index.origin(path, "datetime") == "datetime":  # the module itself
        for name in ("datetime", "date"):
            if kind.split(" ")[0] == name:
                return kind.replace(name, f"datetime.{name}", 1)
    return kind
