"""The column of one field, as SQLModel declares it: by the arguments of a class that is stored."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.errors import Unsupported
from backwright.frameworks.sqlmodel.models import IMPORTS, back_references, column_arguments, relation_line
from backwright.kit.artifacts import Emission, FieldPlan, Insertion, Splice
from backwright.kit.field_edit import FieldEdit
from backwright.kit.spelling import enum_source, server_default_source


def stored_columns(edit: FieldEdit) -> dict[str, tuple[str, ...]]:
    """The arguments of `Field(…)` by class. Raises Unsupported where no class of the entity gets the field."""
    field = edit.field
    if edit.table.orm != "sqlmodel" or edit.action != "add" or field is None:
        return {}
    stored = [p for p in edit.places if p.stored]
    if not stored:
        raise Unsupported(
            f"{edit.table.entity} and its bases declare no fields to stand beside",
            where=f"{edit.path}:{edit.table.loc.line}",
        )
    out = [*column_arguments(field)]
    if field.target is None and (field.spec.index or (field.spec.unique and edit.batch)):
        out.append("index=True")
    if edit.backfill is not None and not edit.per_row:
        default = server_default_source(field, edit.backfill)
        if any(a.startswith("sa_column=") for a in out):
            out = [f"{a[:-1]}, server_default={default})" if a.startswith("sa_column=") else a for a in out]
        else:
            out.append(f'sa_column_kwargs={{"server_default": {default}}}')
    return {p.name: tuple(out) for p in stored}


def emit_support(edit: FieldEdit) -> Iterator[Emission]:
    """The class of an enumeration, above the first class that uses it; the imports of column types."""
    field = edit.field
    if edit.table.orm != "sqlmodel" or edit.action != "add" or field is None:
        return
    for place in (p for p in edit.places if p.stored):
        yield Splice(place.path, place.after.end, place.after.end, "", f"the column {field.attr}", "in", IMPORTS)
    if field.target is not None and field.relation and (edit.table.relations or field.back):
        yield from _relation(edit, field)
    if field.enum:
        definitions = edit.index.symbols(edit.path)
        first = min(
            (definitions[p.name].loc.start for p in edit.places if p.path == edit.path), default=edit.table.loc.start
        )
        source = enum_source(field, edit.house.target)
        yield Splice(edit.path, first, first, f"{source}\n\n\n", f"the values of {field.attr}", "above")


def _relation(edit: FieldEdit, field: FieldPlan) -> Iterator[Emission]:
    """The relation in the class of the table, and the collection on the other side."""
    assert field.target is not None
    beside = bool(edit.joins)
    line = relation_line(field, edit.resource, beside=beside)
    imports = (*IMPORTS, "from typing import Optional")
    other = () if field.target.path == edit.path else (field.target.ref.line,)
    because = f"the relation {field.relation}"
    if edit.table.relations:
        last = max((r.loc for r in edit.table.relations), key=lambda loc: loc.end)
        yield Splice(edit.path, last.start, last.end, line, because, "below", imports)
        if other:
            yield Insertion(edit.path, "class", "", because, after=edit.table.entity, typing_imports=other)
    else:
        yield Insertion(
            edit.path, "class", line, because, after=edit.table.entity, imports=imports, typing_imports=other
        )
    yield from back_references(edit.resource, beside=beside)
