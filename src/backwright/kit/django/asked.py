"""Queries of Django that start at rows and querysets instead of managers: `order.lines.get(…)`, `orders.filter(…).count()`."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Call, Expr
from backwright.kit.bodies import Body
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.database import DbCall, database
from backwright.kit.django.querysets import QuerySets, querysets
from backwright.kit.index import FactIndex

_PICKING = frozenset({"filter", "exclude", "get", "aget", "get_or_create", "update_or_create"})
_EVALUATED = frozenset(
    {"get", "aget", "count", "exists", "first", "last", "aggregate", "update", "delete", "get_or_create", "update_or_create",
     "earliest", "latest", "acount", "aexists", "afirst"}
)  # fmt: skip


def asked_in_loops(index: FactIndex, body: Body) -> Iterator[DbCall]:
    """Such calls in the loops of a body that are sent there, whatever was loaded before: they pick rows by a condition."""
    db = database(index)
    if not db.django or not body.loops:
        return
    known = {call.call.loc.start for call in db.of(body)}
    for call in body.calls:
        if call.loop < 0 or call.loc.start in known:
            continue
        chain = list(links(call.expr))
        if not any(_picks(link) for link in chain) or not (
            name_of(chain[0]) in _EVALUATED or db.is_taken(body, call.expr)
        ):
            continue
        if _starts_at_rows(querysets(index), body, call, chain[-1]):
            yield DbCall(body, call, chain[0], name_of(chain[0]), "query", "manager")


def _picks(link: Expr) -> bool:
    """Whether rows are picked by a condition; `get(key)` asks a dictionary."""
    name = name_of(link)
    return name in _PICKING and (name != "get" or any(key not in {"", "*"} for key in link.keys[1:]))


def _starts_at_rows(follow: QuerySets, body: Body, call: Call, first: Expr) -> bool:
    receiver = receiver_of(first)
    if receiver is None or receiver.kind not in {"name", "attribute"}:
        return False
    if receiver.kind == "attribute":
        return follow.manager(body, receiver) is not None
    held = follow.rows(body, receiver)
    return held is not None and held.many
