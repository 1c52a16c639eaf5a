"""What a list is asked for: pages, order, filters and search, as parameters or as one model of the query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backwright.frameworks.fastapi.pages import PAGES
from backwright.frameworks.fastapi.parameters import NO_NUL
from backwright.kit.artifacts import FieldPlan, Piece, ResourcePlan
from backwright.kit.spelling import INT32_MAX, TYPE_IMPORTS, python_type
from backwright.kit.templates import render


@dataclass(frozen=True)
class Asked:
    """One value of the query with its default and its bounds, all as source."""

    name: str
    kind: str
    default: str
    bounds: str = ""

    def parameter(self, *, annotated: bool) -> str:
        """As a parameter of the handler, its bounds by Annotated or in the default."""
        if not self.bounds:
            return f"{self.name}: {self.kind} = {self.default}"
        if annotated:
            return f"{self.name}: Annotated[{self.kind}, Query({self.bounds})] = {self.default}"
        return f"{self.name}: {self.kind} = Query(default={self.default}, {self.bounds})"

    def line(self, pydantic: str) -> str:
        """As a field of a model; `pydantic` stands before what that library brings."""
        default = f"{pydantic}Field(default={self.default}, {self.bounds})" if self.bounds else self.default
        return f"{self.name}: {self.kind} = {default}"


def list_parameters(plan: ResourcePlan) -> list[str]:
    """The parameters of the handler that come from the query."""
    annotated = plan.house.router.annotated
    if plan.list_query:
        return [f"query: Annotated[{plan.list_query}, Query()]" if annotated else f"query: {plan.list_query} = Query()"]
    return [a.parameter(annotated=annotated) for a in _asked(plan)]


def asked_for(plan: ResourcePlan) -> Iterator[Asked]:
    """What a list that exists is asked for in addition: nothing that it must be asked for, so an order has no default."""
    for one in _asked(plan):
        yield replace(one, kind=f"{one.kind} | None", default="None") if one.kind.startswith("Literal[") else one


def emit_list_query(plan: ResourcePlan) -> Iterator[Piece]:
    """The model of the query, where a list is asked for more than a function may take arguments here."""
    if not plan.list_query:
        return
    pydantic = "pydantic." if plan.house.model.orm == "sqlmodel" else ""  # SQLModel has a `Field` of its own
    lines = [a.line(pydantic) for a in _asked(plan)]
    body = render("fastapi/list_query.py.jinja", name=plan.list_query, base=f"{pydantic}BaseModel", lines=lines)
    enums = [f"from {plan.module('model')} import {f.enum}" for f in plan.fields if f.enum]
    brought = "import pydantic" if pydantic else "from pydantic import BaseModel, Field"
    imports = (*TYPE_IMPORTS, "from typing import Literal", "from pydantic import AwareDatetime", brought, *enums)
    yield Piece("schema", plan.paths["schema"], imports, body, "what a list is asked for", "", plan.list_query)


def page_variables(plan: ResourcePlan) -> tuple[str, str]:
    """(limit, offset) as expressions over the page parameters."""
    pages, size, at = plan.house.pages, *page_names(plan)
    if pages.kind == "page" or pages.at in PAGES:
        start = f"({at} - {pages.first})" if pages.first else at
        return size, f"{start} * {size}"
    return size, at


def page_names(plan: ResourcePlan) -> tuple[str, str]:
    """How the handler reads (size, start) of the page that is asked for."""
    pages, prefix = plan.house.pages, plan.list_prefix
    return f"{prefix}{pages.size}", f"{prefix}{pages.at}"


def _asked(plan: ResourcePlan) -> Iterator[Asked]:
    listing = plan.listing
    if listing.paginate:
        yield from _pages(plan)
    if listing.sorts:
        yield _sort(plan)
    for name in listing.filters:
        yield _filter(plan.field(name))
    if listing.search:
        yield Asked("search", "str | None", "None", f"min_length=1, max_length=255, {NO_NUL}")


def _pages(plan: ResourcePlan) -> tuple[Asked, Asked]:
    """From where and how many, always with a maximum."""
    pages, listing = plan.house.pages, plan.listing
    first = pages.first if pages.kind == "page" else 0
    at = Asked(pages.at, "int", str(first), f"ge={first}, le={INT32_MAX}")
    return at, Asked(pages.size, "int", str(listing.page_default), f"ge=1, le={listing.page_max}")


def _sort(plan: ResourcePlan) -> Asked:
    """The allow-list of orders; a minus turns one round."""
    names = [
        plan.field(n).attr if any(n in {f.spec.name, f.attr} for f in plan.fields) else n for n in plan.listing.sorts
    ]
    values = ", ".join(f'"{n}", "-{n}"' for n in names)
    return Asked("sort", f"Literal[{values}]", f'"{names[0]}"')


def _filter(field: FieldPlan) -> Asked:
    """One filter, bounded as its column is."""
    kind, bounds = python_type(field), ""
    if field.target is not None and field.target.key_python == "int":
        bounds = f"ge=1, le={INT32_MAX}"
    elif field.type == "integer":
        bounds = f"ge=-(2**31), le={INT32_MAX}"
    elif kind == "str":
        bounds = f"max_length=255, {NO_NUL}"
    elif field.type == "datetime":
        kind = "AwareDatetime"
    return Asked(field.attr, f"{kind} | None", "None", bounds)
