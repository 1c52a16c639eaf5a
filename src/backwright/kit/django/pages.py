"""Views that answer with a page: which rows they give to which template, and what it reads of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import Hop
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
        for template, names in (*self._rendered(), *self._listed()):
            for shown in self.templates.reads(template):
                held = names.get(shown.root)
                if held is not None:
                    yield from ((held, read, template) for read in self._reads(held, shown))

    # -- which rows ------------------------------------------------------------------------------------------------
    def _rendered(self) -> Iterator[tuple[str, dict[str, Held]]]:
        """`render(request, "orders.html", {"orders": orders})`."""
        for link in bodies(self.follow.index).called(_RENDERING):
            given = link.expr.positional()
            template = next((e.text for e in given if e.kind == "string" and "." in e.text), "")
            context = next(
                (e for e in (*given, link.expr.keyword("context")) if e is not None and self._is_context(e)), None
            )
            if template and context is not None:
                yield template, dict(self._context(link.body, context))

    def _is_context(self, expr: Expr) -> bool:
        return expr.kind == "mapping" or (expr.kind == "name" and expr.text in {"context", "ctx", "data", "c"})

    def _context(self, body: Body, expr: Expr) -> Iterator[tuple[str, Held]]:
        if expr.kind == "name":
            for assign in body.assigns:
                if assign.target.kind == "name" and assign.target.text == expr.text and assign.value.kind == "mapping":
                    yield from self._context(body, assign.value)
                elif assign.target.kind == "subscript" and assign.target.parts[0].dotted() == expr.text:
                    held = self.follow.rows(body, assign.value)
                    if held is not None:
                        yield assign.target.parts[1].text, held
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
            held = self._queryset(cls)
            if held is None or not held.many:
                continue
            app = held.model.definition.path.rsplit("/", 2)[-2] if "/" in held.model.definition.path else ""
            lower = held.model.name.lower()
            template = self._text(cls, "template_name") or f"{app}/{lower}_list.html"
            names = {"object_list", "page_obj", f"{lower}_list", self._text(cls, "context_object_name")} - {""}
            yield template, dict.fromkeys(names, held)

    def _queryset(self, cls: Definition) -> Held | None:
        method = self.follow.inference.method(cls, "get_queryset")
        body = self.follow.graph.body_of(method) if method is not None else None
        if body is not None:
            return self.follow.returned(body)
        for name in ("queryset", "model"):
            value = self._field(cls, name)
            module = self.follow.graph.bodies.get(value[0], "") if value is not None else None
            if value is not None and module is not None:
                return (
                    self.follow.rows(module, value[1])
                    if name == "queryset"
                    else self.follow.everything(module, value[1])
                )
        return None

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
                yield Read(path, body, told, many=relation.many or follows == "all")
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
