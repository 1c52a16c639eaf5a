"""How a list is cut, filtered, searched and sorted."""

from __future__ import annotations

from dataclasses import dataclass, field

from backwright.kit.artifacts import FieldPlan, Piece
from backwright.kit.ref import Ref
from backwright.kit.templates import render
from backwright.stacks.django.decide import DjangoPlan
from backwright.stacks.django.naming import called, unless_bound

_STOCK = {"page": "PageNumberPagination", "offset": "LimitOffsetPagination"}
_SIZES = {"page": ("page_size", "max_page_size"), "offset": ("default_limit", "max_limit")}


@dataclass
class Lists:
    """Attributes and methods of the view that lists, and the classes that they need."""

    attributes: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    orders: bool = False


def lists(plan: DjangoPlan) -> Lists:
    """What the request says of the list, in the house's own means."""
    out = Lists()
    if "list" not in plan.operations:
        return out
    _pages(plan, out)
    asked = plan.listing
    backends = []
    filtered = [_field(plan, name) for name in asked.filters]
    if filtered and plan.house.django_filter:
        backends.append("DjangoFilterBackend")
    elif filtered:
        backends.append(f"{plan.class_name}Filter")
        _own_filter(plan, filtered, out)
    for wanted, name in ((asked.search, "SearchFilter"), (asked.sorts, "OrderingFilter")):
        if wanted:
            text, imported = called(plan, plan.paths["view"], "rest_framework.filters", name)
            backends.append(text)
            out.imports.append(imported)
    if backends:
        out.attributes.append(f"    filter_backends = [{', '.join(backends)}]")
    if filtered and plan.house.django_filter:
        _filterset(plan, filtered, out)
    if asked.search:
        out.attributes.append(f"    search_fields = [{_quoted([_field(plan, n).attr for n in asked.search])}]")
    if asked.sorts:
        out.orders = True
        key = plan.inherited.key
        names = [_field(plan, n).attr if n not in _known(plan) else n for n in asked.sorts]
        out.attributes.append(f"    ordering_fields = [{_quoted(names)}]")
        out.attributes.append(f'    ordering = ["{key}"]')
        out.methods += [
            "",
            "    def filter_queryset(self, queryset):",
            "        rows = super().filter_queryset(queryset)",
            "        # Rows of equal rank keep one order, or pages would overlap.",
            f'        return rows.order_by(*rows.query.order_by, "{key}")',
        ]
    return out


def _known(plan: DjangoPlan) -> set[str]:
    return {name for name, _ in plan.inherited.columns}


def _field(plan: DjangoPlan, name: str) -> FieldPlan:
    return next(f for f in plan.columns if name in {f.spec.name, f.attr, f"{f.attr}_id"})


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _pages(plan: DjangoPlan, out: Lists) -> None:
    """The house's pages where they have the sizes that were asked for, else a class of their own like them."""
    asked, house = plan.listing, plan.house.paging
    if not asked.paginate:
        if house is not None:
            out.attributes.append("    pagination_class = None")
        return
    if house is not None and (
        house.kind == "cursor" or (house.size, house.most) == (asked.page_default, asked.page_max)
    ):
        return
    kind = house.kind if house is not None else "page"
    base = house.ref if house is not None else Ref(_STOCK[kind], "rest_framework.pagination")
    size, most = _SIZES[kind]
    name = f"{plan.class_name}Pagination"
    lines = [f"class {name}({base.name}):", f"    {size} = {asked.page_default}"]
    if kind == "page":
        lines.append('    page_size_query_param = "page_size"')
    lines.append(f"    {most} = {asked.page_max}")
    path = plan.paths["pagination"]
    if base.name in plan.index.symbols(path) and plan.index.module(path) != base.module:
        path = f"{plan.app.folder}/{plan.name.snake}_pagination.py"  # another class has the name there
    out.pieces.append(
        Piece(
            "pagination",
            path,
            (unless_bound(plan, path, base.name, base.line),),
            "\n".join(lines),
            "pages of the sizes that were asked for",
        )
    )
    out.imports.append(f"from {plan.module_of(path)} import {name}")
    out.attributes.append(f"    pagination_class = {name}")


def _filterset(plan: DjangoPlan, filtered: list[FieldPlan], out: Lists) -> None:
    """The fields for django-filter; with a class of its own where a truth value is among them, since it takes any text for none."""
    names = _quoted([f.attr for f in filtered])
    truths = [f.attr for f in filtered if f.type == "boolean"]
    if not truths:
        out.attributes.append(f"    filterset_fields = [{names}]")
        return
    name = f"{plan.class_name}FilterSet"
    body = render("drf/filterset.py.jinja", name=name, truths=truths, entity=plan.class_name, names=names)
    imports = (
        "from django_filters import rest_framework as filters",
        f"from {plan.module('model')} import {plan.class_name}",
    )
    because = "a truth value that is none is refused"
    out.pieces.append(Piece("filters", plan.paths["filters"], imports, body, because))
    out.imports.append(f"from {plan.module('filters')} import {name}")
    out.attributes.append(f"    filterset_class = {name}")


def _own_filter(plan: DjangoPlan, filtered: list[FieldPlan], out: Lists) -> None:
    """A filter backend, where the project has no django-filter."""
    body = render("drf/filter.py.jinja", name=f"{plan.class_name}Filter", fields=[f.attr for f in filtered])
    imports = (
        "from django.core.exceptions import ValidationError as InvalidValue",
        "from rest_framework.exceptions import ValidationError",
        "from rest_framework.filters import BaseFilterBackend",
    )
    path = plan.paths["filters"]
    out.pieces.append(Piece("filters", path, imports, body, "the project has no django-filter"))
    out.imports.append(f"from {plan.module('filters')} import {plan.class_name}Filter")
