"""Views that answer with many rows: which rows, by which serializer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Branch, Expr
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.django.held import Held
from backwright.kit.django.querysets import QuerySets
from backwright.kit.django.serializers import Serializers
from backwright.kit.index import Definition

_LISTING = frozenset(
    {"ModelViewSet", "ReadOnlyModelViewSet", "ListAPIView", "ListCreateAPIView", "ListModelMixin", "NestedViewSetMixin"}
)
_OF_A_PACKAGE = re.compile(r"[A-Z]\w+ViewSet(V?\d+)?(?<!GenericViewSet)")
_NOT_READ = re.compile(r"writ|creat|updat|input|request|post|put|patch|detail|retrieve")
_NOT_LISTED = re.compile(r"\b(retrieve|create|update|partial_update|destroy|metadata)\b")


@dataclass(frozen=True)
class Answer:
    """Rows that are written out by a serializer."""

    held: Held
    serializer: Definition


class Views:
    """The class-based views of one project, and the calls of serializers with `many=True`."""

    def __init__(self, follow: QuerySets, serializers: Serializers) -> None:
        self.follow = follow
        self.serializers = serializers
        self.inference = follow.inference

    def answers(self) -> Iterator[Answer]:
        yield from self._called()
        yield from self._asked()
        for cls in self.follow.index.classes():
            if self._lists(cls):
                yield from self._of_view(cls)

    def _called(self) -> Iterator[Answer]:
        """`OrderSerializer(orders, many=True)`."""
        for name, links in bodies(self.follow.index).by_name.items():
            if not name.endswith("Serializer"):
                continue
            for link in links:
                many, given = (
                    link.expr.keyword("many"),
                    link.expr.keyword("instance") or next(iter(link.expr.positional()), None),
                )
                if many is None or many.text != "True" or given is None:
                    continue
                serializer = self.serializers.find(link.body.path, link.expr.parts[0].dotted())
                held = self.follow.rows(link.body, given) if serializer is not None else None
                if held is None or serializer is None or not held.many:
                    continue
                if self.serializers.fits(serializer, held.model):
                    yield Answer(held, serializer)

    def _asked(self) -> Iterator[Answer]:
        """`self.get_serializer(page, many=True)` of a view that writes its own answer."""
        for link in bodies(self.follow.index).called(("get_serializer",)):
            many, given = link.expr.keyword("many"), next(iter(link.expr.positional()), None)
            if (
                many is None
                or many.text != "True"
                or given is None
                or link.expr.parts[0].dotted() != "self.get_serializer"
            ):
                continue
            cls = self.inference.resolve(link.body.path, link.body.scope.rpartition(".")[0])
            held = self.follow.rows(link.body, given) if cls is not None else None
            if cls is None or held is None or not held.many:
                continue
            for serializer in self._serializers(cls):
                if self.serializers.fits(serializer, held.model):
                    yield Answer(held, serializer)

    # -- class-based views -----------------------------------------------------------------------------------------
    def _lists(self, cls: Definition) -> bool:
        if not cls.symbol.bases:
            return False
        bases = {b.rpartition(".")[2] for b in self.follow.index.root_bases(cls)}
        return bool(bases & _LISTING) or any(
            b.endswith(("ModelViewSet", "ListAPIView", "ListCreateAPIView")) or _OF_A_PACKAGE.fullmatch(b)
            for b in bases
        )

    def _of_view(self, cls: Definition) -> Iterator[Answer]:
        held = self._rows(cls)
        if held is None or not held.many:
            return
        for serializer in self._serializers(cls):
            if self.serializers.fits(serializer, held.model):
                yield Answer(held, serializer)

    def _rows(self, cls: Definition) -> Held | None:
        method = self.inference.method(cls, "get_queryset")
        body = self.follow.graph.body_of(method) if method is not None else None
        if body is not None and method is not None:
            held = self.follow.returned(body)
            if held is not None:
                return held
        return self._field_rows(cls) if method is None or body is None else None

    def _field_rows(self, cls: Definition) -> Held | None:
        for owner, value in self._field(cls, "queryset"):
            module = self.follow.graph.bodies.get(owner.path, "")
            return self.follow.rows(module, value) if module is not None else None
        return None

    def _field(self, cls: Definition, name: str) -> Iterator[tuple[Definition, Expr]]:
        for owner in self.inference.line(cls):
            for item in owner.symbol.fields:
                if item.name == name and item.value_expr is not None:
                    yield owner, item.value_expr
                    return

    def _serializers(self, cls: Definition) -> Iterator[Definition]:
        """The serializers of the list: what `get_serializer_class` returns for it, else `serializer_class`."""
        method = self.inference.method(cls, "get_serializer_class")
        body = self.follow.graph.body_of(method) if method is not None else None
        seen: set[tuple[str, str]] = set()
        named: list[tuple[str, Expr]] = []
        for item in body.returns if body is not None else ():
            if item.value is not None and not self._is_other_action(body, item.value):
                named += [(body.path, e) for e in walk(item.value) if e.kind in {"name", "attribute"}] if body else []
                if item.value.dotted() == "super().get_serializer_class()":
                    named += [(owner.path, value) for owner, value in self._field(cls, "serializer_class")]
        if not named:
            named = [(owner.path, value) for owner, value in self._field(cls, "serializer_class")]
        if not named:
            named = list(self._reading(cls))
        for body in self.inference.methods(cls):
            named += [(body.path, a.value) for a in body.targets().get("self.serializer_class", ())]
        for path, expr in named:
            found = self.serializers.find(path, expr.dotted())
            if found is None and expr.dotted() == "self.serializer_class":
                found = next(
                    (
                        f
                        for o, v in self._field(cls, "serializer_class")
                        if (f := self.serializers.find(o.path, v.dotted()))
                    ),
                    None,
                )
            if found is not None and (found.path, found.symbol.qualname) not in seen:
                seen.add((found.path, found.symbol.qualname))
                yield found

    def _reading(self, cls: Definition) -> Iterator[tuple[str, Expr]]:
        """`read_serializer_class`, `list_serializer`, and whatever else the bases of a project call it."""
        for owner in self.inference.line(cls):
            for item in owner.symbol.fields:
                name = item.name.lower()
                if "serializer" in name and not _NOT_READ.search(name) and item.value_expr is not None:
                    yield owner.path, item.value_expr

    def _is_other_action(self, body: Body | None, value: Expr) -> bool:
        """Whether a return statement stands under `if self.action == "retrieve"`."""
        around: list[Branch] = [b for b in body.branches if inside(value.loc, b.body)] if body is not None else []
        texts = [e.text for b in around for e in walk(b.condition) if e.kind == "string"]
        return bool(texts) and all(_NOT_LISTED.search(t) for t in texts)
