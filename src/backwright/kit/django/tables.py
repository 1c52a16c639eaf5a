"""Tables of django-tables2: which rows they show, and what their columns read of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from backwright.core.facts import Expr, Field
from backwright.kit.bodies import bodies
from backwright.kit.callgraph import Hop
from backwright.kit.django.held import Held
from backwright.kit.django.models import Model
from backwright.kit.django.querysets import QuerySets
from backwright.kit.django.reads import Read, Reads, Row
from backwright.kit.index import Definition

_STEP = re.compile(r"__|\.")


class Tables:
    """The tables of one project."""

    def __init__(self, follow: QuerySets, reads: Reads) -> None:
        self.follow = follow
        self.reads = reads
        self.inference = follow.inference

    def lazy(self) -> Iterator[tuple[Held, Read, str]]:
        """Rows of a table with a relation that a column reads of each, and the name of the table."""
        for held, table in (*self._of_views(), *self._made()):
            if held.many:
                yield from ((held, read, table.symbol.name) for read in self._read(table, held.model))

    # -- which rows ------------------------------------------------------------------------------------------------
    def _of_views(self) -> Iterator[tuple[Held, Definition]]:
        """`table_class = OrderTable` of a view that lists its `queryset`."""
        for cls in self.follow.index.classes():
            value = self._field(cls, "table_class") if cls.symbol.bases else None
            table = self._table(value[0].path, value[1]) if value is not None else None
            held = self.follow.of_view(cls) if table is not None else None
            if table is not None and held is not None:
                yield held, table

    def _made(self) -> Iterator[tuple[Held, Definition]]:
        """`OrderTable(orders)`."""
        for name, links in bodies(self.follow.index).by_name.items():
            for link in links if name.endswith("Table") else ():
                given = link.expr.keyword("data") or next(iter(link.expr.positional()), None)
                held = self.follow.rows(link.body, given) if given is not None else None
                table = self._table(link.body.path, link.expr.parts[0]) if held is not None else None
                if held is not None and table is not None:
                    yield held, table

    def _table(self, path: str, expr: Expr) -> Definition | None:
        found = self.inference.resolve(path, expr.dotted()) if expr.dotted() else None
        if found is None or found.symbol.kind != "class":
            return None
        named = {base.rpartition(".")[2] for base in self.follow.index.root_bases(found)}
        return found if any(name.endswith("Table") for name in named) else None

    # -- what is read ----------------------------------------------------------------------------------------------
    def _read(self, table: Definition, model: Model) -> Iterator[Read]:
        columns = {
            item.name: (owner, item) for owner in reversed(self.inference.line(table)) for item in owner.symbol.fields
        }
        for name in dict.fromkeys((*self._shown(table), *columns)):
            owner, item = columns.get(name, (table, None))
            rendered = self.inference.method(table, f"render_{name}") or self.inference.method(table, f"value_{name}")
            body = self.follow.graph.body_of(rendered) if rendered is not None else None
            if body is not None and body.symbol is not None and any(p.name == "record" for p in body.symbol.params):
                hop = Hop(body.path, body.symbol.loc, f"`{table.symbol.name}` shows `{name}`")
                yield from (replace(r, way=(hop, *r.way)) for r in self.reads.of(body, Row("record", model), 1))
            if item is None or (item.value_expr is not None and item.value_expr.kind == "call"):
                yield from self._column(owner, item, name, model)

    def _column(self, owner: Definition, item: Field | None, name: str, model: Model) -> Iterator[Read]:
        """A column by the path that it shows: `accessor="customer.name"`."""
        home = self.follow.graph.bodies.get(owner.path, "")
        call = item.value_expr if item is not None else None
        given = call.keyword("accessor") if call is not None else None
        if given is not None and given.kind == "call":
            given = next(iter(given.positional()), None)
        if home is None or (given is not None and given.kind != "string"):
            return
        at = item.loc if item is not None else owner.symbol.loc
        way = (Hop(owner.path, at, f"`{owner.symbol.name}` shows `{name}`"),)
        path: tuple[str, ...] = ()
        current: Model | None = model
        for step in _STEP.split(given.text if given is not None else name):
            relation = current.relations.get(step) if current is not None else None
            if current is not None and relation is None:
                yield from self._method(current, step, path, way)
            if relation is None or relation.many:
                return
            path = (*path, step)
            yield Read(path, home, Expr("name", name, at), way)
            current = self.follow.models.get(relation.target)
        if current is not None:
            yield from self._method(current, "__str__", path, way)

    def _method(self, model: Model, name: str, path: tuple[str, ...], way: tuple[Hop, ...]) -> Iterator[Read]:
        found = self.inference.method(model.definition, name)
        body = self.follow.graph.body_of(found) if found is not None else None
        for param in found.symbol.params[:1] if found is not None and body is not None else ():
            for read in self.reads.of(body, Row(param.name, model, path), 1) if body is not None else ():
                yield replace(read, way=(*way, *read.way))

    def _shown(self, table: Definition) -> list[str]:
        for owner in self.inference.line(table):
            meta = self.follow.index.symbols(owner.path).get(f"{owner.symbol.qualname}.Meta")
            for item in meta.fields if meta is not None else ():
                if item.name == "fields" and item.value_expr is not None and item.value_expr.kind == "sequence":
                    return [part.text for part in item.value_expr.parts if part.kind == "string"]
        return []

    def _field(self, cls: Definition, name: str) -> tuple[Definition, Expr] | None:
        for owner in self.inference.line(cls):
            for item in owner.symbol.fields:
                if item.name == name and item.value_expr is not None:
                    return owner, item.value_expr
        return None
