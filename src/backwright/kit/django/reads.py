"""Which relations code reads of one row: by itself, by properties and methods of the model, by functions it hands the row to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body, inside, names_in, walk
from backwright.kit.callgraph import Hop, arguments, shown
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.django.models import Model
from backwright.kit.django.querysets import QuerySets

_MAX_DEPTH = 6
_PICKING = frozenset({"get", "filter", "exclude", "aget"})
_BUILT = _PICKING | {"values", "values_list", "order_by", "annotate", "distinct", "only"}
_STORED = frozenset({"create", "update", "delete", "get_or_create", "update_or_create", "bulk_create", "bulk_update",
                     "aupdate", "adelete", "acreate", "select_for_update", "in_bulk"})  # fmt: skip
_ASKING = frozenset({"filter", "exclude", "order_by", "values", "values_list", "get", "aggregate", "annotate", "select_related",
                     "prefetch_related", "distinct", "latest", "earliest", "in_bulk", "only", "defer"})  # fmt: skip
_COUNTING = frozenset({"count", "exists", "acount", "aexists"})
_WRITING = frozenset({"add", "remove", "set", "clear", "create", "get_or_create", "update_or_create", "bulk_create", "delete",
                      "update"})  # fmt: skip
# One statement for each row is what these are for: what they read on the way is not what makes a loop slow.
_STORING = frozenset({"save", "delete", "asave", "adelete", "full_clean", "clean", "refresh_from_db"})
# What decides between a value that came with the row and a query for it.
_CHOOSING = frozenset({"hasattr", "getattr", "_prefetched_objects_cache", "context", "cache", "caches"})
_LOADED = re.compile(r"^_|prefetch|cache|annotat")  # names under which something came along with a row
_TEXT = frozenset({"str", "print", "repr", "format", "force_str", "smart_str", "escape"})


@dataclass(frozen=True)
class Read:
    """A relation that is read of a row, as the path to it. `asks`: each read is a query, whatever was loaded before.

    `statement` is a query of another model that is asked with the row, the last step of the path.
    """

    path: tuple[str, ...]
    body: Body
    expr: Expr
    way: tuple[Hop, ...] = ()
    asks: bool = False
    many: bool = False
    statement: str = ""
    counted: bool = False  # only how many rows there are: all of them would be loaded to count them

    @property
    def hop(self) -> Hop:
        what = self.statement or self.expr.dotted() or "__".join(self.path)
        return Hop(self.body.path, self.expr.loc, f"`{what}` is {'asked' if self.statement else 'read'}")


@dataclass(frozen=True)
class Row:
    """A variable that holds a row, or one that relations lead to from it."""

    name: str
    model: Model
    path: tuple[str, ...] = ()
    within: Loc | None = None


class Reads:
    """The reads of one project."""

    def __init__(self, follow: QuerySets) -> None:
        self.follow = follow
        self.models = follow.models
        self._known: dict[tuple[tuple[str, str], str, tuple[str, str], int], tuple[Read, ...]] = {}

    def of(self, body: Body, row: Row, depth: int = 0) -> Iterator[Read]:
        """What a body reads of the row that a variable holds there, each relation once."""
        if row.within is None:
            key = body.key, row.name, row.model.key, depth
            if key not in self._known:
                self._known[key] = ()  # what runs itself reads nothing new
                self._known[key] = tuple(self._once(body, replace(row, path=()), depth))
            for read in self._known[key]:
                yield replace(read, path=(*row.path, *read.path)) if row.path else read
            return
        yield from self._once(body, row, depth)

    def _once(self, body: Body, row: Row, depth: int) -> Iterator[Read]:
        seen: set[tuple[tuple[str, ...], bool]] = set()
        for read in self._all(body, row, depth):
            if (read.path, read.asks) not in seen:
                seen.add((read.path, read.asks))
                yield read

    def _all(self, body: Body, row: Row, depth: int) -> Iterator[Read]:
        if depth and _falls_back(body, row):
            return
        rows = [row, *self._derived(body, row)]
        named = {r.name: r for r in reversed(rows)}
        for top in body.expressions():
            if row.within is not None and (top.loc.end < row.within.start or top.loc.start > row.within.end):
                continue
            yield from self._in(body, top, named, depth)
        if depth and not _chooses(body):
            yield from self._statements(body, row)

    def _statements(self, body: Body, row: Row) -> Iterator[Read]:
        """Queries of other models that are asked with the row: `Invoice.objects.filter(order=order).count()`."""
        held = {row.name}
        for assign in sorted(body.assigns, key=lambda a: a.loc.start):
            if assign.target.kind == "name" and any(e.text in held for e in names_in(assign.value)):
                held.add(assign.target.text)
        for call in body.calls:
            names = [name_of(link) for link in links(call.expr)]
            root = receiver_of(list(links(call.expr))[-1])
            if root is None or _STORED.intersection(names) or not _PICKING.intersection(names):
                continue
            if any(inside(call.loc, other.loc) and other is not call for other in body.calls) and names[0] in _BUILT:
                continue  # a part of another query
            model = self._asked(body, root)
            given = (p for link in links(call.expr) if name_of(link) in _PICKING for p in link.parts[1:])
            if model is not None and any(e.text in held for part in given for e in names_in(part)):
                yield Read((*row.path, model.name), body, call.expr, asks=True, many=True, statement=shown(call.expr))

    def _asked(self, body: Body, root: Expr) -> Model | None:
        """The model of `Invoice.objects`."""
        if root.kind != "attribute":
            return None
        model = self.models.of_class(body.path, root.parts[0].dotted())
        if model is None or root.text in {"objects", "_default_manager"}:
            return model
        return model if any(True for _ in self.models.managers(model, root.text)) else None

    def _in(self, body: Body, expr: Expr, named: dict[str, Row], depth: int) -> Iterator[Read]:
        """The chains of an expression, outermost first; what is inside of their arguments too."""
        chain = _chain(expr)
        root = chain[-1] if chain else expr
        row = named.get(root.text) if root.kind == "name" else None
        if row is not None and (row.within is None or inside(root.loc, row.within)):
            yield from self._along(body, row, chain, depth)
        if expr.kind == "call":
            yield from self._handed(body, expr, named, depth)
        if expr.kind == "interpolation":
            for part in expr.parts:
                if part.kind == "name" and (held := named.get(part.text)) is not None:
                    yield from self._method(held, "__str__", body, part, depth)
        for link in chain or (expr,):
            parts = link.parts[1:] if link.kind in {"call", "subscript"} else () if link in chain else link.parts
            if link.kind == "call" and link.parts[0].dotted() == "getattr":
                parts = parts[:2]  # the default is made, but nobody asks it for rows where there is something better
            for part in parts:
                yield from self._in(body, part, named, depth)

    def _along(self, body: Body, row: Row, chain: list[Expr], depth: int) -> Iterator[Read]:
        """`order.customer.address.city`, from the row on, until something is no relation."""
        model: Model | None = row.model
        path = row.path
        steps = list(reversed(chain[:-1]))
        for at, step in enumerate(steps):
            if step.kind != "attribute" or model is None:
                continue
            relation = model.relations.get(step.text)
            following = steps[at + 1] if at + 1 < len(steps) else None
            if relation is None:
                if step.text in {"all", "first", "last", "iterator"}:
                    continue
                yield from self._method(replace(row, model=model, path=path), step.text, body, step, depth)
                return
            path = (*path, step.text)
            method = following.text if following is not None and following.kind == "attribute" else ""
            if relation.many and method in _WRITING:
                return
            if relation.many and following is None:
                return  # the manager itself: nothing is asked yet
            asks = relation.many and method in _ASKING
            yield Read(path, body, step, asks=asks, many=relation.many, counted=method in _COUNTING)
            if asks:
                return
            model = self.models.get(relation.target)

    def _method(self, row: Row, name: str, body: Body, at: Expr, depth: int) -> Iterator[Read]:
        """What a property or method of the model reads of its row."""
        if depth >= _MAX_DEPTH or name in _STORING:
            return
        found = self.follow.inference.method(row.model.definition, name)
        inner = self.follow.graph.body_of(found) if found is not None else None
        if inner is None or inner.symbol is None or not inner.symbol.params:
            return
        hop = Hop(body.path, at.loc, f"`{at.dotted() or name}` runs `{row.model.name}.{name}`")
        for read in self.of(inner, Row(inner.symbol.params[0].name, row.model, row.path), depth + 1):
            yield replace(read, way=(hop, *read.way))

    def _handed(self, body: Body, call: Expr, named: dict[str, Row], depth: int) -> Iterator[Read]:
        """What a function of this project reads of a row that it is given; `str(row)`."""
        given = [p for p in call.parts[1:] if p.kind == "name" and p.text in named]
        if not given or depth >= _MAX_DEPTH:
            return
        if name_of(call) in _TEXT:
            yield from self._method(named[given[0].text], "__str__", body, given[0], depth)
            return
        target = self.follow.graph.target(body, call)
        inner = self.follow.graph.body_of(target) if target is not None else None
        if target is None or inner is None:
            return
        hop = Hop(body.path, call.loc, f"hands it to `{target.symbol.name}`")
        for name, argument in arguments(call, target).items():
            row = named.get(argument.text) if argument.kind == "name" else None
            if row is not None and (row.within is None or inside(argument.loc, row.within)):
                for read in self.of(inner, Row(name, row.model, row.path), depth + 1):
                    if depth or not read.statement:  # the query in a loop is another rule's
                        yield replace(read, way=(hop, *read.way))

    def _derived(self, body: Body, row: Row) -> Iterator[Row]:
        """Variables that hold what a relation of the row leads to: `customer = order.customer`, `for line in order.lines.all()`."""
        known = {row.name: row}
        for _ in range(2):
            for assign in body.assigns:
                if assign.op in {"=", "for"} and assign.target.kind == "name" and assign.target.text not in known:
                    self._follow(known, assign.target.text, assign.value, row.within, within=None)
            for loop in body.loops:
                if loop.iterable is not None and loop.target.isidentifier() and loop.target not in known:
                    self._follow(known, loop.target, loop.iterable, row.within, within=loop.loc)
        yield from list(known.values())[1:]

    def _follow(self, known: dict[str, Row], name: str, value: Expr, around: Loc | None, within: Loc | None) -> None:
        if around is not None and not inside(value.loc, around):
            return
        chain = _chain(value)
        source = known.get(chain[-1].text) if chain and chain[-1].kind == "name" else None
        if source is None or len(chain) < 2:
            return
        model: Model | None = source.model
        path = source.path
        for step in reversed(chain[:-1]):
            if step.kind != "attribute" or model is None:
                continue
            relation = model.relations.get(step.text)
            if relation is None:
                if step.text not in {"all", "first", "last", "iterator"}:
                    return  # filtered or computed: not what was loaded with the row
                continue
            model, path = self.models.get(relation.target), (*path, step.text)
        if model is not None and path != source.path:
            known[name] = Row(name, model, path, within or around)


def _falls_back(body: Body, row: Row) -> bool:
    """Whether a body reads its row only where nothing came along: `if hasattr(self, "_lines"): return self._lines`."""
    for call in body.calls:
        given = call.expr.positional() if name_of(call.expr) == "hasattr" else ()
        of_row = len(given) == 2 and given[0].dotted() == row.name and given[1].kind == "string"
        if of_row and _LOADED.search(given[1].text):
            return True
    named = (n for top in body.expressions() for n in walk(top) if n.kind in {"name", "attribute", "string"})
    return any(n.text == "_prefetched_objects_cache" for n in named)


def _chooses(body: Body) -> bool:
    """Whether a body looks for what came with the row before it asks, keeps what it asked, or changes something."""
    named = (n for top in body.expressions() for n in walk(top) if n.kind in {"name", "attribute"})
    return any(n.text in _CHOOSING for n in named) or any(name_of(c.expr) in _STORED | _STORING for c in body.calls)


def _chain(expr: Expr) -> list[Expr]:
    """The nodes of `a.b(x).c`, outermost first, ending with what it begins with; nothing for other expressions."""
    out: list[Expr] = []
    node = expr
    while node.kind in {"attribute", "call", "subscript", "await"} and node.parts:
        out.append(node)
        node = node.parts[0]
    out.append(node)
    return out if node.kind == "name" else []
