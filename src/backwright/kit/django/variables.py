"""Which rows a variable of Django code holds."""

from __future__ import annotations

from dataclasses import replace

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.callgraph import CallGraph, Hop, callgraph
from backwright.kit.chains import awaited, name_of, receiver_of
from backwright.kit.django.held import Held
from backwright.kit.django.models import Model, Models, models
from backwright.kit.following import Following
from backwright.kit.index import FactIndex


class Variables(Following[Held]):
    """Follows rows through the names that functions give them; where they are asked for, `QuerySets` knows."""

    def __init__(self, index: FactIndex) -> None:
        super().__init__()
        self.index = index
        self.models: Models = models(index)
        self.graph: CallGraph = callgraph(index)
        self.inference = self.graph.inference

    def _some(self, rows: Held, *, many: bool) -> Held:
        return replace(rows, many=many)

    def _named(self, body: Body, expr: Expr, depth: int) -> Held | None:
        found: Held | None = None
        loaded: frozenset[str] | None = frozenset()
        for assign in body.targets().get(expr.text, ()):
            if assign.target.kind == "sequence" or assign.loc.start >= expr.loc.start or assign.op not in {"=", "for"}:
                continue
            rows = self.rows(body, assign.value, depth + 1)
            if rows is None:
                continue
            if assign.op == "for":
                rows = replace(rows, many=False)
            # several queries into one name: what any of them loads counts as loaded
            loaded = None if loaded is None or rows.loaded is None else loaded | rows.loaded
            found = rows if found is None or found.model is rows.model else found
        if found is None:
            return (
                self._of_comprehension(body, expr, depth)
                or self._unpacked(body, expr, depth)
                or self._collected(body, expr, depth)
                or self._in_condition(body, expr, depth)
                or self._of_module(body, expr, depth)
                or self._typed(body, expr)
            )
        return replace(found, loaded=loaded)

    def _in_condition(self, body: Body, expr: Expr, depth: int) -> Held | None:
        """`if orders := Order.objects.filter(paid=False):`."""
        for branch in body.branches:
            for node in walk(branch.condition):
                if (
                    node.text == "named_expression"
                    and node.parts[0].text == expr.text
                    and node.loc.start < expr.loc.start
                ):
                    return self.rows(body, node.parts[1], depth + 1)
        return None

    def _of_module(self, body: Body, expr: Expr, depth: int) -> Held | None:
        """A variable of a module: `base = Order.objects.select_related("customer")`."""
        if body.symbol is not None and any(p.name == expr.text for p in body.symbol.params):
            return None
        found = self.inference.resolve(body.path, expr.text)
        module = self.graph.bodies.get(found.path, "") if found is not None and not found.symbol.scope else None
        if found is None or module is None or found.symbol.kind != "variable" or found.symbol.value is None:
            return None
        return self.rows(module, found.symbol.value, depth + 1)

    def _unpacked(self, body: Body, expr: Expr, depth: int) -> Held | None:
        """`orders, total = find_orders()`: what the function returns at this place."""
        for assign in body.assigns:
            names = [p.dotted() for p in assign.target.parts] if assign.target.kind == "sequence" else []
            if expr.text not in names or assign.op != "=" or assign.loc.start >= expr.loc.start:
                continue
            at, value = names.index(expr.text), awaited(assign.value)
            target = self.graph.target(body, value) if value.kind == "call" else None
            inner = self.graph.body_of(target) if target is not None else None
            given = [(inner, r.value) for r in inner.returns] if inner is not None else [(body, value)]
            for owner, one in given:
                if one is not None and one.kind == "sequence" and len(one.parts) == len(names):
                    return self.rows(owner, one.parts[at], depth + 1)
        return None

    def _collected(self, body: Body, expr: Expr, depth: int) -> Held | None:
        """A list that was made empty and then filled: `found.append(order)`, `found.extend(orders)`."""
        if not any(a.value.kind == "sequence" and not a.value.parts for a in body.targets().get(expr.text, ())):
            return None
        found: Held | None = None
        for call in body.calls:
            receiver, given = receiver_of(call.expr), call.expr.positional()
            if receiver is None or receiver.dotted() != expr.text or len(given) != 1 or call.loc.start > expr.loc.start:
                continue
            name = name_of(call.expr)
            held = self.rows(body, given[0], depth + 1) if name in {"append", "extend"} else None
            if held is None or held.many != (name == "extend") or (found is not None and held.model is not found.model):
                return None
            known = held.loaded is not None and (found is None or found.loaded is not None)
            before = found.loaded or frozenset() if found is not None else frozenset()
            found = replace(held, many=True, loaded=before | (held.loaded or frozenset()) if known else None)
        return found

    def _of_comprehension(self, body: Body, expr: Expr, depth: int) -> Held | None:
        """`order` in `[line for order in orders for line in order.lines.all()]`."""
        for loop in body.loops:
            if loop.target == expr.text and loop.iterable is not None and inside(expr.loc, loop.loc):
                held = self.rows(body, loop.iterable, depth + 1)
                return replace(held, many=False) if held is not None else None
        return None

    def _typed(self, body: Body, expr: Expr) -> Held | None:
        """A parameter or `self` that is one row: what came with it is not known."""
        found = self.inference.of(body.path, body.scope, expr)
        if found is not None and (found.definition is None or found.itself or found.many):
            return None
        known = found.definition if found is not None else None
        model = (
            self.models.get((known.path, known.symbol.qualname))
            if known is not None
            else self._written(body, expr) or self._called_like(body, expr)
        )
        return (
            Held(model, None, Hop(body.path, expr.loc, "it arrives here"), body, many=False)
            if model is not None
            else None
        )

    def _called_like(self, body: Body, expr: Expr) -> Model | None:
        """A parameter without a type that is called like the one model of this name: `def totals(order)`."""
        params = body.symbol.params if body.symbol is not None else ()
        if not any(p.name == expr.text and not p.annotation for p in params):
            return None
        named = self.models.by_name.get("".join(word.capitalize() for word in expr.text.split("_")), [])
        return named[0] if len(named) == 1 else None

    def _written(self, body: Body, expr: Expr) -> Model | None:
        """The `obj` of a serializer's method is a row of its `Meta.model`."""
        if body.symbol is None or [p.name for p in body.symbol.params[1:2]] != [expr.text]:
            return None
        if {d.dotted() for d in body.symbol.decorators} & {"classmethod", "staticmethod"}:
            return None
        meta = self.index.symbols(body.path).get(f"{body.scope.rpartition('.')[0]}.Meta")
        for item in meta.fields if meta is not None else ():
            if item.name == "model":
                return self.models.of_class(body.path, item.value)
        return None

    def _picked(self, body: Body, expr: Expr, depth: int) -> Held | None:
        """`[o for o in orders if …]`, `{o.id: o for o in orders}`."""
        clause = next((p for p in expr.parts if p.text == "for_in_clause" and len(p.parts) > 1), None)
        picked = expr.parts[0].parts[1] if expr.parts[0].text == "pair" else expr.parts[0]
        if clause is None or picked.kind != "name" or picked.text != clause.parts[0].dotted():
            return None
        return self.rows(body, clause.parts[-1], depth + 1)
