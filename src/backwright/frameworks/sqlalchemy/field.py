"""The column of one field: a new one beside those that it is like."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.errors import Unsupported
from backwright.frameworks.sqlalchemy.columns import column_line, relation_line
from backwright.frameworks.sqlalchemy.model import IMPORTS, back_references
from backwright.kit.artifacts import Emission, FieldPlan, Splice
from backwright.kit.field_edit import FieldEdit
from backwright.kit.spelling import TYPE_IMPORTS, enum_source, gap, server_default_source
from backwright.kit.union_style import in_style_of


def emit_column(edit: FieldEdit, text: str) -> Iterator[Emission]:
    """`text` is that of the entity's file. Raises Unsupported where the entity shows no place for a column."""
    field = edit.field
    if edit.action != "add" or field is None or edit.table.orm != "sqlalchemy":
        return
    if edit.after is None:
        raise Unsupported(
            f"{edit.table.entity} declares no column of its own to stand beside",
            where=f"{edit.path}:{edit.table.loc.line}",
        )
    line = in_style_of(text, column_line(field, edit.resource, arguments(edit, field)))
    imports = [
        *TYPE_IMPORTS[:2],
        *TYPE_IMPORTS[3:],
        *IMPORTS,
        "from typing import Optional",
        "from sqlalchemy import false, true",
    ]
    imports += ["from enum import StrEnum", "import enum"]
    if field.target is not None and field.target.path != edit.path:
        imports.append(f"{'TYPE:' * _comes_back(edit, field.target.path)}{field.target.ref.line}")
    yield from enum_above(edit, field, qualified=True)
    place = edit.after.loc
    related = field.target is not None and field.relation and (edit.table.relations or field.back)
    relation = (
        in_style_of(text, relation_line(field, edit.resource, beside=bool(edit.joins), loading=edit.loading))
        if related
        else ""
    )
    if related and not edit.table.relations:
        line, relation = f"{line}\n\n{relation}", ""
    yield Splice(edit.path, place.start, place.end, line, f"the column {field.attr}", "below", tuple(imports))
    if relation:
        last = max((r.loc for r in edit.table.relations), key=lambda loc: loc.end)
        yield Splice(
            edit.path, last.start, last.end, relation, f"the relation {field.relation}", "below", tuple(imports)
        )
    yield from back_references(edit.resource, beside=bool(edit.joins))


def emit_clear(edit: FieldEdit) -> Iterator[Emission]:
    """What the relations between the two stand on, said where a second way makes it unclear."""
    for path, relation in edit.unclear() if edit.action == "add" else ():
        key = f'"{edit.joins[0]}"'
        said = f"foreign_keys={key}"
        if edit.table.orm == "sqlmodel":
            said = f'sa_relationship_kwargs={{"foreign_keys": {key}}}'
        at = relation.loc.end - 1
        yield Splice(path, at, at, f"{gap(relation.source)}{said}", f"{relation.name} stands on {edit.joins[0]}")


def arguments(edit: FieldEdit, field: FieldPlan) -> tuple[str, ...]:
    """What a column that comes later has beside: an index, and what the database fills it with."""
    out = []
    if field.target is None and (field.spec.index or (field.spec.unique and edit.batch)):
        out.append("index=True")
    if edit.backfill is not None and not edit.per_row:
        out.append(f"server_default={server_default_source(field, edit.backfill)}")
    return tuple(out)


def enum_above(edit: FieldEdit, field: FieldPlan, *, qualified: bool) -> Iterator[Emission]:
    """The class of an enumeration, above the entity."""
    if not field.enum:
        return
    source = enum_source(field, edit.house.target, qualified=qualified)
    start = edit.table.loc.start
    yield Splice(edit.path, start, start, f"{source}\n\n\n", f"the values of {field.attr}", "above")


def _comes_back(edit: FieldEdit, path: str) -> bool:
    """Whether a file that is to be imported leads to the entity's own again."""
    index = edit.index
    seen, ahead = {path}, [path]
    while ahead:
        here = ahead.pop()
        found = (index.resolve(here, item.alias or item.name) for item in index.imports(here))
        further = {f.path for f in found if f is not None} - seen
        if edit.path in further:
            return True
        seen |= further
        ahead += sorted(further)
    return False
