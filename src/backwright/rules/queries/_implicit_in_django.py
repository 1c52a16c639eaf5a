"""Foreign keys that async code of Django reads of a row whose query did not bring them along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.chains import links
from backwright.kit.django.held import EVERYTHING, Held
from backwright.kit.django.models import Relation
from backwright.kit.django.querysets import QuerySets, querysets
from backwright.kit.index import FactIndex


@dataclass(frozen=True)
class Unloaded:
    """A foreign key that is read in async code."""

    held: Held
    relation: Relation
    body: Body
    at: Expr


def unloaded(index: FactIndex) -> Iterator[Unloaded]:
    """Every such read of one project, once for each function and key."""
    follow = querysets(index)
    names = {name for model in follow.models.by_key.values() for name, r in model.relations.items() if not r.many}
    for body in bodies(index).functions() if names else ():
        if body.symbol is None or not body.symbol.is_async:
            continue
        told: set[tuple[str, str]] = set()
        for node in _attributes(body, names):
            found = _read(follow, body, node)
            if found is not None and (found.held.model.name, node.text) not in told:
                told.add((found.held.model.name, node.text))
                yield found


def _attributes(body: Body, names: set[str]) -> Iterator[Expr]:
    """`order.customer` of plain names; what a lambda or a comprehension holds is left alone."""
    for top in body.expressions():
        lambdas = [n.loc for n in walk(top) if n.kind in {"lambda", "comprehension"}]
        found = (n for n in walk(top) if n.kind == "attribute" and n.text in names and n.parts[0].kind == "name")
        yield from (n for n in found if not any(inside(n.loc, loc) for loc in lambdas))


def _read(follow: QuerySets, body: Body, node: Expr) -> Unloaded | None:
    name = node.parts[0]
    assigns = [a for a in body.targets().get(name.text, ()) if a.loc.start < node.loc.start]
    if not assigns or any(a.op != "=" or a.value.kind != "await" for a in assigns):
        return None
    if any(link.keyword(node.text) is not None for a in assigns for link in links(a.value.parts[0])):
        return None  # `await Order.objects.acreate(customer=customer)`
    if any(a.loc.start < node.loc.start for a in body.targets().get(node.dotted(), ())):
        return None
    held = follow.rows(body, name)
    relation = held.model.relations.get(node.text) if held is not None and not held.many else None
    if held is None or relation is None or relation.many or held.loaded is None or EVERYTHING in held.loaded:
        return None
    return Unloaded(held, relation, body, node) if held.has((node.text,)) is False else None
