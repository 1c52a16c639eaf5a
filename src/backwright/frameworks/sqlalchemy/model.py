"""The entity of a new resource, and the back references on what it refers to."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.frameworks.sqlalchemy.columns import (
    back_reference,
    column_line,
    key_line,
    relation_line,
    timestamp_lines,
)
from backwright.kit.artifacts import Emission, Insertion, Piece, ResourcePlan
from backwright.kit.spelling import TYPE_IMPORTS, enum_source
from backwright.kit.templates import render

IMPORTS = (
    "from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Enum, Float, ForeignKey, Integer, Numeric, String, Text, "
    "UniqueConstraint, Uuid",
    "from sqlalchemy.orm import Mapped, mapped_column, relationship",
)


def emit_model(plan: ResourcePlan) -> tuple[Emission, ...]:
    """The entity, and a collection on each entity it refers to where the house keeps such."""
    style = plan.house.model
    bases = [r.name for r in (style.base, *style.mixins) if r is not None]
    columns = [key_line(plan), *(column_line(f, plan) for f in _ordered(plan)), *timestamp_lines(plan)]
    body = render(
        "sqlalchemy/model.py.jinja",
        enums=[enum_source(f, plan.house.target, qualified=True) for f in plan.fields if f.enum],
        name=plan.class_name,
        bases=f"({', '.join(bases)})" if bases else "",
        table="" if style.table_inherited else plan.table,
        args=_table_args(plan),
        columns=[c for c in columns if c],
        relations=[relation_line(f, plan) for f in plan.columns if f.target is not None and f.relation],
    )
    imports = [
        *TYPE_IMPORTS,
        *IMPORTS,
        *style.imports,
        *(r.line for r in (style.base, *style.mixins) if r is not None),
    ]
    imports.remove(TYPE_IMPORTS[2])  # `Enum` is SQLAlchemy's here
    imports += ["from enum import StrEnum", "import enum"]
    typing = [f.target for f in plan.columns if f.target is not None and f.target.path != plan.paths["model"]]
    piece = Piece(
        role="model",
        path=plan.paths["model"],
        imports=tuple(dict.fromkeys([*imports, *(f"TYPE:{t.ref.line}" for t in typing)])),
        body=body,
        because="the entity and its table",
        like=plan.house.sibling.model_path if plan.house.sibling else "",
        summary=f"{len(plan.columns) + 1 + len(style.timestamps)} columns",
    )
    return (piece, *back_references(plan))


def _ordered(plan: ResourcePlan) -> list:  # type: ignore[type-arg]
    """For dataclass models: what has no default first, as dataclasses demand."""
    if not plan.house.model.dataclass:
        return list(plan.columns)
    return sorted(plan.columns, key=lambda f: f.spec.nullable or f.spec.has_default)


def _table_args(plan: ResourcePlan) -> str:
    parts = []
    for group in plan.unique_together:
        names = ", ".join(f'"{plan.field(n).attr}"' for n in group)
        parts.append(f"UniqueConstraint({names})")
    if plan.house.model.schema:
        parts.append(f'{{"schema": "{plan.house.model.schema}"}}')
        if len(parts) == 1:
            return parts[0]
    return f"({', '.join(parts)},)" if parts else ""


def back_references(plan: ResourcePlan, *, beside: bool = False) -> Iterator[Insertion]:
    """The collections on the other sides; `beside` other relations between the same two."""
    for field in plan.columns:
        if field.target is None or not field.back:
            continue
        same_file = field.target.path == plan.paths["model"]
        future = any(
            i.module == "__future__" and i.name == "annotations" for i in plan.index.imports(field.target.path)
        )
        line = f"from {plan.module('model')} import {plan.class_name}"
        yield Insertion(
            path=field.target.path,
            anchor="class",
            after=field.target.entity,
            text=back_reference(field, plan, quoted=not future, beside=beside),
            because=f"the other side of {plan.class_name}.{field.relation}",
            imports=("from sqlalchemy.orm import Mapped, relationship",)
            if plan.house.model.declarative == "mapped"
            else ("from sqlalchemy.orm import relationship",),
            typing_imports=() if same_file or plan.house.model.declarative == "column" else (line,),
        )
