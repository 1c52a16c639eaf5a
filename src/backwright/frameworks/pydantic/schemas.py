"""Request and response bodies of a new resource."""

from __future__ import annotations

from backwright.frameworks.pydantic.fields import (
    IMPORTS,
    create_line,
    has_emails,
    not_null,
    read_lines,
    support,
    update_line,
)
from backwright.kit.artifacts import Emission, Piece, ResourcePlan
from backwright.kit.house import Ref
from backwright.kit.imitation import fill
from backwright.kit.spelling import TYPE_IMPORTS
from backwright.kit.templates import render


def emit_schemas(plan: ResourcePlan) -> tuple[Emission, ...]:
    """Create, update and read schemas; the page's own envelope where the house has one a resource."""
    written = tuple(plan.schemas[s] for s in ("create", "update") if s != "update" or "update" in plan.operations)
    read = plan.schemas["read"]
    if plan.read_role == "schema":
        both = "what requests may hold and what answers show"
        return (_piece(plan, "schema", ("requests", "answers"), both, (*written, read)),)
    return (
        _piece(plan, "schema", ("requests",), "what requests may hold", written),
        _piece(plan, plan.read_role, ("answers",), "what answers show", (read,)),
    )


def _piece(plan: ResourcePlan, role: str, parts: tuple[str, ...], because: str, names: tuple[str, ...]) -> Piece:
    style, pages = plan.house.schema, plan.house.pages
    parent = style.parent or Ref("BaseModel", "pydantic")
    emails = has_emails(plan)
    body = render(
        "pydantic/schemas.py.jinja",
        parts=parts,
        support=support(plan, plan.paths["schema"]),
        create=plan.schemas["create"],
        update=plan.schemas["update"] if "update" in plan.operations else "",
        read=plan.schemas["read"],
        parent=parent.name,
        read_parent=(style.read_parent or parent).name,
        create_lines=[create_line(f, emails=emails) for f in plan.fields],
        update_lines=[update_line(f, emails=emails) for f in plan.fields if f.spec.update],
        not_null=not_null(plan),
        self_type=f'"{plan.schemas["update"]}"' if int(plan.house.target[3:]) < 11 else "Self",
        orm_mode=style.orm_mode,
        read_lines=read_lines(plan),
        page=fill(pages.own, plan.name) if pages.envelope == "own" and "list" in plan.operations else "",
        page_items=pages.items,
        page_total=pages.total,
        page_extra=pages.extra,
    )
    imports = [*TYPE_IMPORTS, *IMPORTS, "from typing import Self", parent.line]
    imports += [style.read_parent.line] if style.read_parent else []
    enums = [f.enum for f in plan.fields if f.enum]
    if enums and plan.paths["model"] != plan.paths["schema"]:
        imports.append(f"from {plan.module('model')} import {', '.join(enums)}")
    place = plan.house.places.get(role)
    like = place.exemplar.path if place is not None and place.exemplar is not None else ""
    return Piece(role, plan.paths[role], tuple(imports), body, because, like, ", ".join(names))
