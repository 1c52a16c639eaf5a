"""The entity and the schemas of a new resource, as SQLModel joins them."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import (
    Emission,
    Emitter,
    FieldPlan,
    Insertion,
    Piece,
    ResourcePlan,
    SchemaSpelling,
    Target,
)
from backwright.kit.house import Ref
from backwright.kit.imitation import fill
from backwright.kit.spelling import KEY_TYPES, TYPE_IMPORTS, enum_source, length_of
from backwright.kit.templates import render

_RULES = {"restrict": "RESTRICT", "cascade": "CASCADE", "set_null": "SET NULL"}
IMPORTS = (
    "from sqlalchemy import JSON, Column, DateTime, ForeignKey, String, Text, UniqueConstraint, false, true",
    "from sqlalchemy import Enum as EnumType",
    "from sqlmodel import Field, Relationship, SQLModel",
    "from annotated_types import Ge, Gt, Le",
    "from pydantic import AfterValidator, AnyHttpUrl, AwareDatetime, EmailStr, FiniteFloat",
    "from pydantic import StringConstraints, TypeAdapter, model_validator",
)


def column_arguments(field: FieldPlan) -> tuple[str, ...]:
    """What `Field(...)` needs to know of the column."""
    spec, out = field.spec, []
    if spec.unique:
        out.append("unique=True")
    if field.target is not None:
        out += [
            f'foreign_key="{field.target.table}.{field.target.key}"',
            "index=True",
            f'ondelete="{_RULES[spec.on_delete]}"',
        ]
    if field.enum:
        longest = max(20, *(len(v) for v in spec.values))
        values = "values_callable=lambda members: [m.value for m in members]"
        return (
            f"sa_column=Column(EnumType({field.enum}, native_enum=False, length={longest}, {values}), nullable={spec.nullable})",
        )
    if field.type == "text":
        out.append("sa_type=Text")
    if field.type == "datetime":
        return (f"sa_column=Column(DateTime(timezone=True), nullable={spec.nullable})",)
    if field.type == "json":
        out.append("sa_type=JSON")
    if field.type in {"url", "slug", "email"} and length_of(field) is None:
        out.append("max_length=255")
    return tuple(out)


def models_emitter(spell: SchemaSpelling) -> Emitter:
    """The emitter, given how the validation library spells fields."""

    def emit(plan: ResourcePlan) -> tuple[Emission, ...]:
        return (_piece(plan, spell), *back_references(plan))

    return emit


def _piece(plan: ResourcePlan, spell: SchemaSpelling) -> Piece:
    style, pages = plan.house.model, plan.house.pages
    parent = Ref("SQLModel", "sqlmodel")
    base = plan.schemas["base"]
    emails = spell.has_emails(plan)
    same = plan.paths["model"]
    owner = plan.owner_field
    table_lines = [
        _key(plan),
        *([_owner_line(owner)] if owner else []),
        *(c.source for c in style.timestamps if not c.origin),
    ]
    table_lines += [relation_line(f, plan) for f in plan.columns if f.target is not None and f.relation]
    mixins = [r for r in (style.base, *style.mixins) if r is not None and r.name not in {"SQLModel"}]
    body = render(
        "sqlmodel/models.py.jinja",
        support=spell.support(plan, same),
        enums=[enum_source(f, plan.house.target) for f in plan.fields if f.enum],
        base=base,
        parent=parent.name,
        base_lines=[_base_line(f, spell, emails=emails) for f in plan.fields],
        # What only input must satisfy stands on the create schema: answers share the base.
        create_lines=[spell.create_line(f, emails=emails, exact=True) for f in plan.fields if f.type == "datetime"],
        create=plan.schemas["create"],
        update=plan.schemas["update"] if "update" in plan.operations else "",
        update_lines=[spell.update_line(f, emails=emails, exact=True) for f in plan.fields if f.spec.update],
        not_null=spell.not_null(plan),
        self_type=f'"{plan.schemas["update"]}"' if int(plan.house.target[3:]) < 11 else "Self",
        name=plan.class_name,
        table_bases=", ".join([base, *(m.name for m in mixins)]),
        table="" if style.table_inherited else plan.table,
        args=_table_args(plan),
        table_lines=[t for t in table_lines if t],
        read=plan.schemas["read"],
        read_lines=_read_lines(plan),
        page=fill(pages.own, plan.name) if pages.envelope == "own" and "list" in plan.operations else "",
        page_items=pages.items,
        page_total=pages.total,
        page_extra=pages.extra,
    )  # fmt: skip
    typing = [f"TYPE:{f.target.ref.line}" for f in plan.columns if f.target is not None and f.target.path != same]
    imports = [
        *TYPE_IMPORTS,
        *IMPORTS,
        "from typing import Optional, Self",
        *style.imports,
        *(m.line for m in mixins),
        *typing,
    ]
    return Piece(
        role="model",
        path=same,
        imports=tuple(dict.fromkeys(i for i in imports if not i.startswith(f"from {plan.module('model')} import"))),
        body=body,
        because="the entity, its table and its schemas",
        like=plan.house.sibling.model_path if plan.house.sibling else "",
        summary=f"{len(plan.columns) + 1 + len(style.timestamps)} columns; {plan.schemas['create']}, {plan.schemas['read']}",
    )


def _read_lines(plan: ResourcePlan) -> list[str]:
    """What an answer shows beside the base: keys and timestamps."""
    lines = [f"{plan.key}: {KEY_TYPES[plan.key_python]}"]
    if plan.owner_field is not None and plan.owner_field.target is not None:
        lines.append(f"{plan.owner_field.attr}: {KEY_TYPES[plan.owner_field.target.key_python]}")
    return lines + [f"{c.name}: datetime{' | None = None' if c.nullable else ''}" for c in plan.house.model.timestamps]


def _base_line(field: FieldPlan, spell: SchemaSpelling, *, emails: bool) -> str:
    line = spell.create_line(field, emails=emails, extra=column_arguments(field), exact=True)
    return line.replace("UtcDatetime", "datetime", 1) if field.type == "datetime" else line


def _key(plan: ResourcePlan) -> str:
    key = plan.house.model.key
    if key is None:
        return "id: int | None = Field(default=None, primary_key=True)"
    return "" if key.origin else key.source


def _owner_line(field: FieldPlan) -> str:
    assert field.target is not None
    return f"{field.attr}: {KEY_TYPES[field.target.key_python]} = Field({', '.join(column_arguments(field))}, nullable=False)"


def relation_line(field: FieldPlan, plan: ResourcePlan, *, beside: bool = False) -> str:
    """The relation that goes with a foreign key; `beside` others between the same two tables."""
    assert field.target is not None
    arguments = [f'back_populates="{field.back}"'] if field.back else []
    twin = [f for f in plan.columns if f.target is not None and f.target.entity == field.target.entity]
    said = [f'"foreign_keys": "{plan.class_name}.{field.attr}"'] if len(twin) > 1 or beside else []
    if field.target.entity == plan.class_name:
        said.append(f'"remote_side": "{plan.class_name}.{field.target.key}"')
    if said:
        arguments.append(f"sa_relationship_kwargs={{{', '.join(said)}}}")
    here = field.target.path == plan.paths["model"] and _stands_above(field.target, plan)
    name = field.target.entity if here else f'"{field.target.entity}"'
    kind = f"{name} | None" if not name.startswith('"') else f'Optional["{field.target.entity}"]'
    return f"{field.relation}: {kind} = Relationship({', '.join(arguments)})"


def _stands_above(target: Target, plan: ResourcePlan) -> bool:
    """Whether the class that is referred to is known where a class of the same file is read."""
    own = next((t for p, t in plan.index.tables() if p == target.path and t.entity == plan.class_name), None)
    return own is None or target.facts.loc.start < own.loc.start


def _table_args(plan: ResourcePlan) -> str:
    parts = [
        f"UniqueConstraint({', '.join(repr(plan.field(n).attr) for n in group)})" for group in plan.unique_together
    ]
    return f"({', '.join(parts)},)".replace("'", '"') if parts else ""


def back_references(plan: ResourcePlan, *, beside: bool = False) -> Iterator[Insertion]:
    """The collections on the other sides; `beside` other relations between the same two."""
    for field in plan.columns:
        if field.target is None or not field.back:
            continue
        twin = [f for f in plan.columns if f.target is not None and f.target.entity == field.target.entity]
        arguments = [f'back_populates="{field.relation}"', 'passive_deletes="all"']
        if len(twin) > 1 or beside:
            arguments.append(f'sa_relationship_kwargs={{"foreign_keys": "{plan.class_name}.{field.attr}"}}')
        same = field.target.path == plan.paths["model"]
        yield Insertion(
            path=field.target.path,
            anchor="class",
            after=field.target.entity,
            text=f'{field.back}: list["{plan.class_name}"] = Relationship({", ".join(arguments)})',
            because=f"the other side of {plan.class_name}.{field.relation}",
            imports=("from sqlmodel import Relationship",),
            typing_imports=() if same else (f"from {plan.module('model')} import {plan.class_name}",),
        )


def emit_table(plan: ResourcePlan) -> Piece:
    """The entity alone, of texts and whole numbers, of which no request and no answer shows anything."""
    style = plan.house.model
    mixins = [r for r in (style.base, *style.mixins) if r is not None and r.name != "SQLModel"]
    stamps = [c.source for c in style.timestamps if not c.origin]
    lines = [_key(plan), *map(_plain_line, plan.fields), *stamps]
    body = render(
        "sqlmodel/table.py.jinja",
        name=plan.class_name,
        bases=", ".join(["SQLModel", *(m.name for m in mixins)]),
        table="" if style.table_inherited else plan.table,
        lines=[line for line in lines if line],
    )
    imports = (*TYPE_IMPORTS, *IMPORTS, *style.imports, *(m.line for m in mixins))
    summary = f"{len(lines)} columns"
    return Piece("model", plan.paths["model"], tuple(dict.fromkeys(imports)), body, "the table", "", summary)


def _plain_line(field: FieldPlan) -> str:
    length = length_of(field) if field.type == "string" else None
    said = [*([f"max_length={length}"] if length else []), *column_arguments(field)]
    given = f" = Field({', '.join(said)})" if said else ""
    return f"{field.attr}: {'str' if field.type == 'string' else 'int'}{given}"
