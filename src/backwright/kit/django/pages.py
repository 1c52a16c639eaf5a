"""Views that answer with a page: which rows they give to which template, and what it reads of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import Hop
from backwright.kit.chains import name_of, receiver_of
from backwright.kit.django.held import Held
from backwright.kit.django.models import Model
from backwright.kit.django.querysets import QuerySets
from backwright.kit.django.reads import Read, Reads, Row
from backwright.kit.django.templates import Shown, Templates
from backwright.kit.index import Definition

_RENDERING = ("render", "TemplateResponse", "render_to_string", "render_to_response")
_PASSING = frozenset({"all", "first", "last", "object_list", ""})


class Pages:
    """The pages of one project."""

    def __init__(self, follow: QuerySets, reads: Reads) -> None:
        self.follow = follow
        self.reads = reads
        self.templates = Templates(follow.index.templates)

    def lazy(self) -> Iterator[tuple[Held, Read, str]]:
        """Rows of a view with a relation that its template reads of each, and the name of the template."""
        for template, names in (*self._rendered(), *self._listed(), *self._filled()):
            for shown in self.templates.reads(template):
                held = names.get(shown.root)
                if held is not None:
                    yield from ((held, read, template) for read in self._reads(held, shown))

    # -- which rows ------------------------------------------------------------------------------------------------
    def _rendered(self) -> Iterator[tuple[str, dict[str, Held]]]:
        """`render(request, "orders.html", {"orders": orders})`."""
        for link in bodies(self.follow.index).called(_RENDERING):
            given = link.expr.positional()
            template = next((text for e in given if "." in (text := self._said(link.body, e))), "")
            context = next(
                (
                    e
                    for e in (*given[1:], link.expr.keyword("context"))
                    if e is not None and self._is_context(link.body, e)
                ),
                None,
            )
            if template and context is not None:
                yield template, dict(self._context(link.body, context))

    def _said(self, body: Body, expr: Expr) -> str:
        """The name of a template: as a text, a variable, or the default of a parameter."""
        if expr.kind == "string":
            return expr.text
        if expr.kind != "name":
            return ""
        for assign in body.targets().get(expr.text, ()):
            if assign.value.kind == "string":
                return assign.value.text
        params = body.symbol.params if body.symbol is not None else ()
        given = next((p.default_expr for p in params if p.name == expr.text and p.default_expr is not None), None)
        return given.text if given is not None and given.kind == "string" else ""

    def _filled(self) -> Iterator[tuple[str, dict[str, Held]]]:
        """Views that only say what their page is called: `get_context_data` fills it, with the object of a `DetailView`."""
        for cls in self.follow.index.classes():
            filling = [
                body
                for owner in (self.follow.inference.line(cls) if cls.symbol.bases else ())
                if (body := self.follow.graph.bodies.get(owner.path, f"{owner.symbol.qualname}.get_context_data"))
            ]
            template = self._text(cls, "template_name")
            one = self._one(cls)
            if one is not None and not template:
                template = self._by_model(one, "detail")
            if not template or (not filling and one is None):
                continue
            names = {name: held for body in reversed(filling) for name, held in self._given(body)}
            if one is not None:
                named = {"object", one.model.name.lower(), self._text(cls, "context_object_name")} - {""}
                names = dict.fromkeys(named, one) | names
            yield template, names

    def _given(self, body: Body) -> Iterator[tuple[str, Held]]:
        """`context["orders"] = …`, `context.update(…)`, `return {**context, "orders": …}`, `super().get_context_data(orders=…)`."""
        filled = {a.target.parts[0].dotted() for a in body.assigns if a.target.kind == "subscript"}
        for name in sorted(filled):
            yield from self._context(body, Expr("name", name, body.assigns[0].loc))
        for item in body.returns:
            if item.value is not None and item.value.kind == "mapping":
                yield from self._context(body, item.value)
        for call in body.calls:
            if name_of(call.expr) in {"update", "get_context_data"}:
                for given in (call.expr, *(p for p in call.expr.positional() if p.kind == "mapping")):
                    yield from self._context(body, given)

    def _one(self, cls: Definition) -> Held | None:
        """The row of a `DetailView` or `UpdateView`."""
        bases = {base.rpartition(".")[2] for base in self.follow.index.root_bases(cls)}
        held = self.follow.of_view(cls) if bases & {"DetailView", "UpdateView"} else None
        return replace(held, many=False) if held is not None else None

    def _by_model(self, held: Held, suffix: str) -> str:
        app = held.model.definition.path.rsplit("/", 2)[-2] if "/" in held.model.definition.path else ""
        return f"{app}/{held.model.name.lower()}_{suffix}.html"

    def _is_context(self, body: Body, expr: Expr) -> bool:
        """A mapping, or a variable that holds one."""
        if expr.kind != "name":
            return expr.kind == "mapping" or _is_dict(expr)
        return any(a.value.kind == "mapping" or _is_dict(a.value) for a in body.targets().get(expr.text, ()))

    def _context(self, body: Body, expr: Expr) -> Iterator[tuple[str, Held]]:
        if expr.kind == "name":
            for assign in body.assigns:
                if assign.target.kind == "name" and assign.target.text == expr.text:
                    if assign.value.kind == "mapping" or _is_dict(assign.value):
                        yield from self._context(body, assign.value)
                elif assign.target.kind == "subscript" and assign.target.parts[0].dotted() == expr.text:
                    held = self.follow.rows(body, assign.value)
                    if held is not None:
                        yield assign.target.parts[1].text, held
            for call in body.calls:
                receiver = receiver_of(call.expr)
                if name_of(call.expr) == "update" and receiver is not None and receiver.dotted() == expr.text:
                    for given in (call.expr, *(p for p in call.expr.positional() if p.kind == "mapping")):
                        yield from self._context(body, given)
            return
        for key, value in zip(expr.keys, expr.parts, strict=False):
            held = self.follow.rows(body, value) if key else None
            if held is not None:
                yield key, held

    def _listed(self) -> Iterator[tuple[str, dict[str, Held]]]:
        """`ListView` with its queryset, and the page that it is shown on."""
        for cls in self.follow.index.classes():
            if not any(base.rpartition(".")[2] == "ListView" for base in self.follow.index.root_bases(cls)):
                continue
            held = self.follow.of_view(cls)
            if held is None or not held.many:
                continue
            lower = held.model.name.lower()
            template = self._text(cls, "template_name") or self._by_model(held, "list")
            names = {"object_list", "page_obj", f"{lower}_list", self._text(cls, "context_object_name")} - {""}
            yield template, dict.fromkeys(names, held)

    def _field(self, cls: Definition, name: str) -> tuple[str, Expr] | None:
        for owner in self.follow.inference.line(cls):
            for item in owner.symbol.fields:
                if item.name == name and item.value_expr is not None:
                    return owner.path, item.value_expr
        return None

    def _text(self, cls: Definition, name: str) -> str:
        found = self._field(cls, name)
        return found[1].text if found is not None and found[1].kind == "string" else ""

    # -- what is read ----------------------------------------------------------------------------------------------
    def _reads(self, held: Held, shown: Shown) -> Iterator[Read]:
        """The relations on the way of `{{ order.customer.name }}` that are read once for each row."""
        body = Body(shown.path, "")
        model: Model | None = held.model
        path: tuple[str, ...] = ()
        each = False  # whether the template walks over rows on the way here
        for at, name in enumerate(shown.names):
            each = each or name == ""
            if model is None:
                return
            relation = model.relations.get(name)
            if relation is None:
                if name not in _PASSING and name != "count":
                    yield from self._by_method(model, name, path, shown) if each else ()
                    return
                continue
            path = (*path, name)
            follows = shown.names[at + 1] if at + 1 < len(shown.names) else ""
            if each and not (relation.many and at + 1 == len(shown.names)):
                told = Expr("name", ".".join(n for n in (shown.root, *shown.names) if n), shown.loc)
                yield Read(
                    path, body, told, many=relation.many or follows == "all", counted=follows in {"count", "exists"}
                )
            model = self.follow.models.get(relation.target)

    def _by_method(self, model: Model, name: str, path: tuple[str, ...], shown: Shown) -> Iterator[Read]:
        """A property or method that the template runs for each row."""
        found = self.follow.inference.method(model.definition, name)
        body = self.follow.graph.body_of(found) if found is not None else None
        if body is None or body.symbol is None or not body.symbol.params:
            return
        hop = Hop(shown.path, shown.loc, f"`{name}` is shown for each row")
        for read in self.reads.of(body, Row(body.symbol.params[0].name, model, path), 1):
            yield replace(read, way=(hop, *read.way))


def _is_dict(expr: Expr) -> bool:
    """`dict(orders=…)`, or a context with the same keywords."""
    return expr.kind == "call" and expr.parts[0].dotted() in {"dict", "Context", "RequestContext"}
