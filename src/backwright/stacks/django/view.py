"""Spells the views: a viewset, or a pair of generic views, as the exemplar has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.kit.artifacts import Emission, Piece
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.index import Definition
from backwright.stacks.django.decide import DjangoPlan
from backwright.stacks.django.guarding import Guarding, guarding
from backwright.stacks.django.listing import Lists, lists
from backwright.stacks.django.model import gathered

_MIXINS = {
    "create": "CreateModelMixin",
    "list": "ListModelMixin",
    "get": "RetrieveModelMixin",
    "update": "UpdateModelMixin",
    "delete": "DestroyModelMixin",
}
_GENERIC = {
    ("list", "create"): "ListCreateAPIView",
    ("list",): "ListAPIView",
    ("create",): "CreateAPIView",
    ("get", "update", "delete"): "RetrieveUpdateDestroyAPIView",
    ("get", "update"): "RetrieveUpdateAPIView",
    ("get", "delete"): "RetrieveDestroyAPIView",
    ("update", "delete"): "UpdateAPIView, mixins.DestroyModelMixin",
    ("get",): "RetrieveAPIView",
    ("update",): "UpdateAPIView",
    ("delete",): "DestroyAPIView",
}
_IMPORTS = (
    "from rest_framework import generics, mixins, viewsets",
    "from django_filters.rest_framework import DjangoFilterBackend",
)
LISTING = ("list", "create")
ONE = ("get", "update", "delete")


def view_names(plan: DjangoPlan) -> dict[str, str]:
    """Part to class: `all` of a viewset, `many` and `one` of generic views, called as the exemplar's are."""
    old = {_part(plan, view): view.symbol.name for view in plan.sibling.views}
    plain = {"all": "{}ViewSet", "many": "{}ListView", "one": "{}DetailView"}
    parts = ["all"] if plan.sibling.kind == "viewset" else []
    if not parts:
        parts = [p for p, ops in (("many", LISTING), ("one", ONE)) if any(op in plan.operations for op in ops)]
    names = {part: fill(pattern_of(old.get(part, ""), plan.sibling.name), plan.name) for part in parts}
    clash = len(set(names.values())) < len(names) or any(n in {"", *old.values()} for n in names.values())
    return {part: plain[part].format(plan.class_name) for part in parts} if clash else names


def _part(plan: DjangoPlan, view: Definition) -> str:
    if plan.sibling.kind == "viewset":
        return "all"
    return "one" if any(re.search(r"Retrieve|Destroy|Update", base) for base in view.symbol.bases) else "many"


def emit_views(plan: DjangoPlan) -> Iterator[Emission]:
    """The views, and the classes of permission, of pages and of filters that the house lacks."""
    guard, rows = guarding(plan), lists(plan)
    bodies = [_view(plan, part, name, guard, rows) for part, name in view_names(plan).items()]
    imports = (
        *_IMPORTS,
        *guard.imports,
        *rows.imports,
        f"from {plan.module('model')} import {plan.class_name}",
        f"from {plan.module('serializer')} import {plan.serializer}",
    )
    like = plan.sibling.views[0]
    because = f"views stand here, as {like.symbol.name} does"
    yield Piece("view", plan.paths["view"], imports, "\n\n\n".join(bodies), because, like.path)
    for name in view_names(plan).values():
        yield from gathered(plan, "view", like.path, like.symbol.name, name)
    yield from guard.pieces
    yield from rows.pieces


def _view(plan: DjangoPlan, part: str, name: str, guard: Guarding, rows: Lists) -> str:
    given = {"all": plan.operations, "many": LISTING, "one": ONE}[part]
    operations = tuple(op for op in given if op in plan.operations)
    header = f"class {name}({_bases(part, operations)}):"
    ordered = f'.order_by("{plan.inherited.key}")' if "list" in operations and not rows.orders else ".all()"
    lines = [f"    queryset = {plan.class_name}.objects{ordered}", f"    serializer_class = {plan.serializer}"]
    lines += guard.attributes(part, operations)
    if "list" in operations:
        lines += rows.attributes
    lines += guard.methods(part, operations)
    if "list" in operations:
        lines += rows.methods
    if plan.owner_field is not None and "create" in operations:
        lines += [
            "",
            "    def perform_create(self, serializer):",
            f"        serializer.save({plan.owner_field.attr}=self.request.user)",
        ]
    return "\n".join([header, *lines])


def _bases(part: str, operations: tuple[str, ...]) -> str:
    if part == "all":
        if len(operations) == len(_MIXINS):
            return "viewsets.ModelViewSet"
        if set(operations) == {"list", "get"}:
            return "viewsets.ReadOnlyModelViewSet"
        return ", ".join([*(f"mixins.{m}" for op, m in _MIXINS.items() if op in operations), "viewsets.GenericViewSet"])
    return f"generics.{_GENERIC[operations]}"
