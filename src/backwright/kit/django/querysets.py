"""Which rows of which model an expression holds, and which relations came with them: `select_related`, `prefetch_related`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from backwright.core.facts import Expr
from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop
from backwright.kit.chains import awaited, links, name_of, receiver_of
from backwright.kit.django.held import EVERYTHING, Held
from backwright.kit.django.models import Model
from backwright.kit.django.variables import Variables
from backwright.kit.findings import heading
from backwright.kit.following import MAX_DEPTH
from backwright.kit.index import Definition, FactIndex

_SAME = frozenset(
    {"all", "filter", "exclude", "order_by", "distinct", "annotate", "alias", "using", "reverse", "only", "defer",
     "select_for_update", "complex_filter", "extra", "iterator", "union", "intersection", "difference", "get_queryset",
     "cache", "aiterator"}
)  # fmt: skip
_ONE = frozenset(
    {"get", "first", "last", "earliest", "latest", "create", "aget", "afirst", "alast", "acreate", "get_or_404"}
)
_NOT_ROWS = frozenset(
    {"values", "values_list", "count", "exists", "aggregate", "delete", "update", "bulk_create", "bulk_update", "dates",
     "datetimes", "in_bulk", "get_or_create", "update_or_create", "acount", "aexists", "explain", "contains", "add", "set",
     "remove", "clear", "raw"}
)  # fmt: skip
_PASSING = frozenset({"list", "sorted", "tuple", "reversed", "set", "iter", "filter_queryset", "paginate_queryset"})


class QuerySets(Variables):
    """Follows querysets through one project."""

    def _attribute(self, body: Body, expr: Expr, depth: int) -> Held | None:
        """`order.customer`, `self.queryset`, `page.object_list`."""
        owner = expr.parts[0]
        if owner.dotted() == "self" and (held := self._own(body, expr.text, depth)) is not None:
            return held
        if expr.text == "object_list":
            return self.rows(body, owner, depth + 1)
        held = self.rows(body, owner, depth + 1)
        relation = held.model.relations.get(expr.text) if held is not None and not held.many else None
        target = self.models.get(relation.target) if relation is not None else None
        if held is not None and not held.many and relation is None:
            return self._property(held, expr.text, depth)
        if held is None or relation is None or target is None or relation.many:
            return None
        return held.beyond(expr.text, target, many=False)

    def _property(self, held: Held, name: str, depth: int) -> Held | None:
        """The rows that a property or method of a row gives."""
        found = self.inference.method(held.model.definition, name)
        body = self.graph.body_of(found) if found is not None else None
        return self.returned(body, depth + 1) if body is not None else None

    def _own(self, body: Body, name: str, depth: int) -> Held | None:
        """`self.queryset` of a view, by the class or what a method gives it."""
        cls = self.inference.resolve(body.path, body.scope.rpartition(".")[0])
        for owner in self.inference.line(cls) if cls is not None and cls.symbol.kind == "class" else ():
            for item in owner.symbol.fields:
                if item.name == name and item.value_expr is not None:
                    module = self.graph.bodies.get(owner.path, "")
                    return self.rows(module, item.value_expr, depth + 1) if module is not None else None
        if name == "object" and cls is not None:
            held = self.of_view(cls, depth + 1)
            return replace(held, many=False) if held is not None else None
        return None

    def of_view(self, cls: Definition, depth: int = 0) -> Held | None:
        """The rows that a class-based view asks for: by its method, its `queryset` or its `model`."""
        for name in ("get_object", "get_queryset"):
            method = self.inference.method(cls, name)
            body = self.graph.body_of(method) if method is not None and depth < MAX_DEPTH else None
            held = self.returned(body, depth + 1) if body is not None else None
            if held is not None:
                return held
            if body is not None and name == "get_queryset":  # it asks for them in a way that nobody can tell
                rows = self._of_fields(cls, depth)
                return replace(rows, loaded=None) if rows is not None else None
        return self._of_fields(cls, depth)

    def _of_fields(self, cls: Definition, depth: int) -> Held | None:
        for name in ("queryset", "model"):
            for owner in self.inference.line(cls):
                value = next((f.value_expr for f in owner.symbol.fields if f.name == name), None)
                module = self.graph.bodies.get(owner.path, "")
                if value is not None and module is not None:
                    return self.rows(module, value, depth + 1) if name == "queryset" else self.everything(module, value)
        return None

    # -- calls -----------------------------------------------------------------------------------------------------
    def _called(self, body: Body, expr: Expr, depth: int) -> Held | None:
        name, receiver = name_of(expr), receiver_of(expr)
        if name in _NOT_ROWS:
            return None
        given = expr.positional()
        if name == "cast" and len(given) == 2:
            return self.rows(body, given[1], depth + 1)
        if name in _PASSING and given and (receiver is None or receiver.dotted() in {"self", "self.paginator"}):
            return self.rows(body, given[0], depth + 1)
        if name in {"get_object_or_404", "get_list_or_404", "Paginator"} and given:
            held = self.rows(body, given[0], depth + 1) or self.everything(body, given[0])
            return replace(held, many=name != "get_object_or_404") if held is not None else None
        if (
            name in {"page", "get_page"}
            and receiver is not None
            and (held := self.rows(body, receiver, depth + 1)) is not None
        ):
            return held
        if receiver is None or receiver.dotted() == "self":
            found = self._by_function(body, expr, depth)
            return self._own(body, "queryset", depth) if found is None and name == "get_queryset" else found
        if receiver.dotted() == "super()":
            return self._inherited(body, expr, depth)
        held = self.manager(body, receiver, depth) or self.rows(body, receiver, depth + 1)
        if held is not None:
            return self._after(body, held, expr, depth) if held.many else self._property(held, name, depth)
        return self._by_function(body, expr, depth)

    def everything(self, body: Body, expr: Expr) -> Held | None:
        """All rows of the model that a name means."""
        model = self.models.of_class(body.path, expr.dotted())
        return (
            Held(model, frozenset(), Hop(body.path, expr.loc, "this query loads the rows"), body)
            if model is not None
            else None
        )

    def manager(self, body: Body, receiver: Expr, depth: int = 0) -> Held | None:
        """`Order.objects`, `order.lines`: where a chain of a queryset begins."""
        if receiver.kind != "attribute":
            return None
        owner = receiver.parts[0]
        hop = Hop(body.path, receiver.loc, "this query loads the rows")
        model = self.models.of_class(body.path, owner.dotted())
        if model is None and receiver.text == "objects" and owner.dotted() in {"self.model", "cls"}:
            cls = self.inference.resolve(body.path, body.scope.rpartition(".")[0])
            model = self.models.get((cls.path, cls.symbol.qualname)) if cls is not None else None
        if model is not None:
            is_manager = receiver.text in {"objects", "_default_manager"} or any(
                True for _ in self.models.managers(model, receiver.text)
            )
            return Held(model, self.always(model, receiver.text), hop, body) if is_manager else None
        held = self.rows(body, owner, depth + 1)
        relation = held.model.relations.get(receiver.text) if held is not None and not held.many else None
        if held is not None and not held.many and relation is None:
            given = self._of_property(held, receiver.text, depth)
            return replace(given, query=hop, body=body) if given is not None else None
        target = self.models.get(relation.target) if relation is not None else None
        if held is None or relation is None or target is None or not relation.many:
            return None
        beyond = held.beyond(receiver.text, target, many=True)
        always = self.always(target)
        own = beyond.own | always if always is not None else beyond.own
        return replace(beyond, query=hop, body=body, own=own, related=always is not None)

    def _of_property(self, held: Held, name: str, depth: int) -> Held | None:
        """The manager that a property of a row gives: `return self.order.lines`."""
        found = self.inference.method(held.model.definition, name)
        body = self.graph.body_of(found) if found is not None and depth < MAX_DEPTH else None
        given = [r.value for r in body.returns if r.value is not None] if body is not None else []
        return self.manager(body, given[0], depth + 1) if body is not None and len(given) == 1 else None

    def always(self, model: Model, manager: str = "objects") -> frozenset[str] | None:
        """What the manager's own `get_queryset` loads."""
        out: frozenset[str] = frozenset()
        for owner in self.models.managers(model, manager):
            body = self.graph.bodies.get(owner.path, f"{owner.symbol.qualname}.get_queryset")
            if body is not None:
                more = self.loaded_in(body)
                return None if more is None else out | more
        return out

    def _after(self, body: Body, held: Held, link: Expr, depth: int) -> Held | None:
        """A queryset after one more method."""
        name = name_of(link)
        if name in _SAME:
            fresh = held.related and name in {"filter", "exclude", "order_by", "annotate", "distinct"}
            return replace(held, loaded=held.own, related=False) if fresh else held
        if name in _ONE:
            made = name in {"create", "acreate"}  # with the rows that it was given
            return replace(held, many=False, loaded=None if made else held.loaded)
        if name in {"select_related", "prefetch_related"}:
            more = self._paths(body, link)
            if held.related:
                held = replace(held, loaded=held.own, related=False)
            return replace(held, loaded=None if held.loaded is None or more is None else held.loaded | more)
        for owner in self._answering(held.model):
            inner = self.graph.bodies.get(owner.path, f"{owner.symbol.qualname}.{name}")
            if inner is not None and inner.symbol is not None:
                more = self.loaded_in(inner)
                by = Hop(inner.path, heading(inner.symbol), f"`{name}` says what comes with them") if more else held.by
                loaded = None if held.loaded is None or more is None else held.loaded | more
                return replace(held, loaded=loaded, many=not _gives_one(inner), by=by)
        if self.inference.method(held.model.definition, name) is not None:
            return self._property(held, name, depth)  # a queryset has no such method: it is one row
        return replace(held, loaded=None)

    def _answering(self, model: Model) -> Iterator[Definition]:
        names = {f.name for owner in self.models.line(model) for f in owner.symbol.fields}
        for name in sorted(names, key=lambda n: n != "objects"):
            yield from self.models.managers(model, name)

    def _by_function(self, body: Body, expr: Expr, depth: int) -> Held | None:
        """What a function or method of this project returns."""
        target = self.graph.target(body, expr) or self._of_serializer(body, expr) or self._only_method(expr)
        inner = self.graph.body_of(target) if target is not None else None
        if inner is None or inner is body or target is None or target.symbol.name == "__init__":
            return None
        return self.returned(inner, depth)

    def _of_serializer(self, body: Body, expr: Expr) -> Definition | None:
        """`self.get_serializer_class().with_relations(queryset)` of a view: a serializer that says what it needs."""
        receiver = receiver_of(expr)
        if receiver is None or receiver.dotted() not in {"self.get_serializer_class()", "self.serializer_class"}:
            return None
        cls = self.inference.resolve(body.path, body.scope.rpartition(".")[0])
        for owner in self.inference.line(cls) if cls is not None and cls.symbol.kind == "class" else ():
            for item in owner.symbol.fields:
                if item.name == "serializer_class" and item.value:
                    found = self.inference.resolve(owner.path, item.value)
                    return self.inference.method(found, name_of(expr)) if found is not None else None
        return None

    def _only_method(self, expr: Expr) -> Definition | None:
        """The method of a model that a call must mean, since nothing else of this project has its name."""
        if receiver_of(expr) is None:
            return None
        found = self._methods.get(name_of(expr), [])
        return (
            found[0]
            if len(found) == 1 and self.models.get((found[0].path, found[0].symbol.scope)) is not None
            else None
        )

    @cached_property
    def _methods(self) -> dict[str, list[Definition]]:
        out: dict[str, list[Definition]] = {}
        for found in self.index.functions():
            out.setdefault(found.symbol.name, []).append(found)
        return out

    def _inherited(self, body: Body, call: Expr, depth: int) -> Held | None:
        """`super().get_queryset()`: the one of a base of this project, else the view's `queryset`."""
        name = name_of(call)
        found = self.graph._inherited(body, name)
        inner = self.graph.body_of(found) if found is not None else None
        if inner is not None:
            return self.returned(inner, depth)
        cls = self.inference.resolve(body.path, body.scope.rpartition(".")[0])
        is_view = cls is not None and any("View" in base for base in self.index.root_bases(cls))
        held = self._of_fields(cls, depth) if cls is not None and name == "get_queryset" and is_view else None
        hop = Hop(body.path, call.loc, "this query loads the rows")
        return replace(held, query=hop, body=body) if held is not None else None

    def returned(self, body: Body, depth: int = 0) -> Held | None:
        """What a function gives: the first rows that one of its return statements holds, with what all of them load."""
        found: Held | None = None
        for item in body.returns:
            held = self.rows(body, item.value, depth + 1) if item.value is not None else None
            if held is None:
                continue
            if found is None:
                found = held
            else:
                known = found.loaded is not None and held.loaded is not None
                found = replace(
                    found, loaded=(found.loaded or frozenset()) | (held.loaded or frozenset()) if known else None
                )
        return found

    # -- what is loaded --------------------------------------------------------------------------------------------
    def loaded_in(self, body: Body) -> frozenset[str] | None:
        """Everything that the calls of a body load, through methods of this project that it calls on the way."""
        out: frozenset[str] = frozenset()
        for call in body.calls:
            for link in links(call.expr):
                if name_of(link) in {"select_related", "prefetch_related"}:
                    more = self._paths(body, link)
                    if more is None:
                        return None
                    out |= more
        return out

    def _paths(self, body: Body, link: Expr) -> frozenset[str] | None:
        """The relations that one `select_related(…)` or `prefetch_related(…)` names, with those before them."""
        if not link.positional() and "*" not in link.keys:
            return frozenset({EVERYTHING}) if name_of(link) == "select_related" else frozenset()
        out: set[str] = set()
        for key, part in zip(link.keys[1:], link.parts[1:], strict=False):
            texts = self._texts(body, part) if key in {"", "*"} else ()
            if texts is None:
                return None
            out.update(texts)
        return frozenset(out)

    def _texts(self, body: Body, part: Expr, depth: int = 0) -> list[str] | None:
        if part.kind == "string":
            return [part.text]
        if part.kind in {"sequence", "concatenation"} or part.text == "list_splat":
            listed = [self._texts(body, p, depth + 1) for p in part.parts]
            return None if any(t is None for t in listed) else [t for one in listed for t in one or ()]
        if part.kind == "call" and name_of(part).endswith("Prefetch"):
            return self._prefetch(body, part)
        if part.kind == "call" and depth < 4:
            target = self.graph.target(body, part)
            inner = self.graph.body_of(target) if target is not None else None
            given = [r.value for r in inner.returns if r.value is not None] if inner is not None else []
            return self._texts(inner, given[0], depth + 1) if inner is not None and len(given) == 1 else None
        if part.kind in {"name", "attribute"} and depth < 4:
            for assign in body.targets().get(part.dotted(), ()):
                if assign.op == "=":
                    return self._texts(body, assign.value, depth + 1)
            found = self.inference.resolve(body.path, part.dotted())
            value = found.symbol.value if found is not None else None
            module = self.graph.bodies.get(found.path, "") if found is not None else None
            return self._texts(module, value, depth + 1) if value is not None and module is not None else None
        return None

    def _prefetch(self, body: Body, call: Expr) -> list[str] | None:
        """`Prefetch("lines", queryset=Line.objects.select_related("product"))` loads `lines` and `lines__product`."""
        given = call.positional()
        name = given[0] if given else call.keyword("lookup")
        if name is None or name.kind != "string":
            return None
        queryset = call.keyword("queryset") or (given[1] if len(given) > 1 else None)
        if queryset is None:
            return [name.text]
        inner = self.rows(body, queryset)
        if inner is None or inner.loaded is None:
            return [name.text, f"{name.text}__{EVERYTHING}"]  # it may load anything
        return [name.text, *(f"{name.text}__{path}" for path in inner.loaded)]


def _gives_one(body: Body) -> bool:
    """Whether a method of a manager gives one row, whatever way it is left."""
    given = [r.value for r in body.returns if r.value is not None]
    asked = [awaited(v) for v in given]
    return bool(asked) and all(v.kind == "call" and name_of(v) in _ONE for v in asked)


def querysets(index: FactIndex) -> QuerySets:
    """The querysets of this project."""
    return index.derived(QuerySets)
