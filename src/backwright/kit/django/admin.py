"""Lists of Django's admin: which rows they show, and what their columns read of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backwright.core.facts import Expr
from backwright.kit.bodies import bodies
from backwright.kit.callgraph import Hop
from backwright.kit.chains import name_of
from backwright.kit.django.held import EVERYTHING, Held
from backwright.kit.django.models import Model
from backwright.kit.django.querysets import QuerySets
from backwright.kit.django.reads import Read, Reads, Row
from backwright.kit.findings import heading
from backwright.kit.index import Definition

_LISTS = ("ModelAdmin",)
_INLINES = ("TabularInline", "StackedInline")


class Admin:
    """The admin classes of one project."""

    def __init__(self, follow: QuerySets, reads: Reads) -> None:
        self.follow = follow
        self.reads = reads
        self.inference = follow.inference

    def lazy(self) -> Iterator[tuple[Held, Read, str]]:
        """Rows of a list with a relation that a column reads of each, and the name of the admin class."""
        registered = dict(self._registered())
        for cls in self.follow.index.classes():
            roots = (
                {base.rpartition(".")[2] for base in self.follow.index.root_bases(cls)} if cls.symbol.bases else set()
            )
            inline = any(root.endswith(_INLINES) for root in roots)
            if not inline and not any(root.endswith(_LISTS) for root in roots):
                continue
            model = self._own_model(cls) if inline else registered.get((cls.path, cls.symbol.qualname))
            held = self._held(cls, model) if model is not None else None
            if held is None:
                continue
            columns = "readonly_fields" if inline else "list_display"
            for name in ("__str__", *self._texts(cls, columns)) if inline else self._texts(cls, columns) or ["__str__"]:
                yield from ((held, read, cls.symbol.name) for read in self._column(cls, held.model, name))

    # -- which rows ------------------------------------------------------------------------------------------------
    def _registered(self) -> Iterator[tuple[tuple[str, str], Model]]:
        """`@admin.register(Order)`, `admin.site.register(Order, OrderAdmin)`."""
        for cls in self.follow.index.classes():
            for decorator in cls.symbol.decorators:
                if decorator.kind == "call" and name_of(decorator) == "register":
                    for given in decorator.positional()[:1]:
                        model = self.follow.models.of_class(cls.path, given.dotted())
                        if model is not None:
                            yield (cls.path, cls.symbol.qualname), model
        for link in bodies(self.follow.index).called(("register",)):
            given_to = link.expr.positional()
            model = self.follow.models.of_class(link.body.path, given_to[0].dotted()) if len(given_to) == 2 else None
            found = self.inference.resolve(link.body.path, given_to[1].dotted()) if model is not None else None
            if found is not None and model is not None:
                yield (found.path, found.symbol.qualname), model

    def _own_model(self, cls: Definition) -> Model | None:
        value = self._field(cls, "model")
        return self.follow.models.of_class(value[0].path, value[1].dotted()) if value is not None else None

    def _held(self, cls: Definition, model: Model) -> Held | None:
        """What the list asks for: its `get_queryset`, with `list_select_related` and `list_prefetch_related`."""
        method = self.inference.method(cls, "get_queryset")
        body = self.follow.graph.body_of(method) if method is not None else None
        loaded: frozenset[str] | None = frozenset()
        query = Hop(cls.path, heading(cls.symbol), "this list shows the rows")
        if body is not None:
            loaded = self.follow.loaded_in(body)
            query = (
                Hop(body.path, heading(body.symbol), "this query loads the rows") if body.symbol is not None else query
            )
        for name in ("list_select_related", "list_prefetch_related"):
            value = self._field(cls, name)
            if value is not None and value[1].text == "True":
                loaded = loaded | {EVERYTHING} if loaded is not None else None
            elif value is not None and value[1].text != "False":
                named = self._texts(cls, name)
                loaded = loaded | set(named) if loaded is not None and named else None
        if self.inference.method(cls, "get_list_select_related") is not None:
            loaded = None
        home = self.follow.graph.bodies.get(cls.path, "")
        shown = self._texts(cls, "list_display")
        if loaded is not None and any(n in model.relations and not model.relations[n].many for n in shown):
            loaded |= {EVERYTHING}  # the list follows foreign keys by itself as soon as it shows one
        always = self.follow.always(model)
        if home is None or loaded is None or always is None:
            return None
        return Held(model, loaded | always, query, home)

    # -- what is read ----------------------------------------------------------------------------------------------
    def _column(self, cls: Definition, model: Model, name: str) -> Iterator[Read]:
        own = self.inference.method(cls, name) if name != "__str__" else None
        body = self.follow.graph.body_of(own) if own is not None else None
        params = own.symbol.params[1:2] if own is not None else ()
        relation = model.relations.get(name)
        if own is None and relation is not None and not relation.many:
            yield from self._foreign(cls, model, name)
            return
        if own is None:
            found = self.inference.method(model.definition, name)
            body = self.follow.graph.body_of(found) if found is not None else None
            params = found.symbol.params[:1] if found is not None else ()
        if body is None or not params:
            return
        hop = Hop(cls.path, heading(cls.symbol), f"`{cls.symbol.name}` shows `{name}`")
        for read in self.reads.of(body, Row(params[0].name, model), 1):
            yield replace(read, way=(hop, *read.way))

    def _foreign(self, cls: Definition, model: Model, name: str) -> Iterator[Read]:
        """A foreign key is shown by the text of what it leads to."""
        home = self.follow.graph.bodies.get(cls.path, "")
        target = self.follow.models.get(model.relations[name].target)
        if home is None or target is None:
            return
        hop = Hop(cls.path, heading(cls.symbol), f"`{cls.symbol.name}` shows `{name}`")
        yield Read((name,), home, Expr("name", name, heading(cls.symbol)), (hop,))
        found = self.inference.method(target.definition, "__str__")
        body = self.follow.graph.body_of(found) if found is not None else None
        for param in found.symbol.params[:1] if found is not None and body is not None else ():
            for read in self.reads.of(body, Row(param.name, target, (name,)), 1) if body is not None else ():
                yield replace(read, way=(hop, *read.way))

    def _field(self, cls: Definition, name: str) -> tuple[Definition, Expr] | None:
        for owner in self.inference.line(cls):
            for item in owner.symbol.fields:
                if item.name == name and item.value_expr is not None:
                    return owner, item.value_expr
        return None

    def _texts(self, cls: Definition, name: str) -> list[str]:
        value = self._field(cls, name)
        return list(self._in(value[0], value[1])) if value is not None else []

    def _in(self, owner: Definition, expr: Expr) -> Iterator[str]:
        """`("id", *Base.list_display)`, `Base.list_display + ("total",)`."""
        if expr.kind == "string":
            yield expr.text
        elif expr.kind in {"sequence", "concatenation"} or expr.text == "list_splat":
            for part in expr.parts:
                yield from self._in(owner, part)
        elif expr.kind == "attribute":
            found = self.inference.resolve(owner.path, expr.parts[0].dotted())
            value = self._field(found, expr.text) if found is not None and found.symbol.kind == "class" else None
            if value is not None and value[1] is not expr:
                yield from self._in(*value)
        elif expr.kind == "name":
            own = next((f for f in owner.symbol.fields if f.name == expr.text), None)
            if own is not None and own.value_expr is not None and own.value_expr is not expr:
                yield from self._in(owner, own.value_expr)
