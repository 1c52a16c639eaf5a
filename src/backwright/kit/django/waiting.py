"""Statements of Django's ORM that make a thread wait and are not asked of `Model.objects`: on rows, relations, kept querysets."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, Link, bodies
from backwright.kit.chains import name_of, receiver_of
from backwright.kit.django.models import models
from backwright.kit.django.querysets import QuerySets, querysets
from backwright.kit.index import FactIndex

_OF_MANY = frozenset(
    {"get", "create", "get_or_create", "update_or_create", "count", "exists", "first", "last", "aggregate", "update", "delete",
     "bulk_create", "bulk_update", "in_bulk", "earliest", "latest", "add", "set", "remove", "clear", "contains"}
)  # fmt: skip
_OF_ONE = frozenset({"save", "delete", "refresh_from_db", "full_clean", "validate_unique"})


def waiting_rows(index: FactIndex) -> Iterator[Link]:
    """The calls that send a statement for a row, a relation of one, or a queryset under a name."""
    if not models(index).by_key or not any(
        b.symbol is not None and b.symbol.is_async for b in bodies(index).functions()
    ):
        return
    follow = querysets(index)
    for link in bodies(index).called(_OF_MANY | _OF_ONE):
        receiver = receiver_of(link.expr)
        if receiver is None or link.call.awaited or ".objects." in f"{receiver.dotted()}.":
            continue
        held = follow.rows(link.body, receiver)
        many = held.many if held is not None else _is_relation(follow, link.body, receiver)
        if (held is not None or many) and name_of(link.expr) in (_OF_MANY if many else _OF_ONE):
            yield link


def _is_relation(follow: QuerySets, body: Body, receiver: Expr) -> bool:
    """`order.lines`, the manager of what belongs to a row."""
    held = follow.rows(body, receiver.parts[0]) if receiver.kind == "attribute" else None
    relation = held.model.relations.get(receiver.text) if held is not None and not held.many else None
    return relation is not None and relation.many
