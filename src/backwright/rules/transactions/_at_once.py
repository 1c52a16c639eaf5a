"""Writes of one transaction that run at once, in languages whose promises are gathered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.archmap import ArchMap
from backwright.core.facts import Call, Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside
from backwright.kit.callgraph import Hop
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.database import DbCall, database
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Transactions, libraries, pattern

_TELLING = re.compile(r"^(this\.)?(trx|tx|transaction|queryRunner(\.manager)?|transactionalEntityManager)$")
_OPTIONS = frozenset({"transaction", "session", "trx"})


class AtOnce(NamedTuple):
    """Promises that are gathered, the transaction that they share, and the writes on it."""

    body: Body
    at: Expr
    handle: str
    writes: tuple[Hop, ...]


def at_once(index: FactIndex, archmap: ArchMap) -> Iterator[AtOnce]:
    """One for each gathering of at least two writes, or of one for each element of something."""
    for body in Serving(index, archmap).functions():
        known = libraries(index.files[body.path].language).transactions
        for call in body.calls if known.gathering else ():
            if not pattern(known.gathering).search(call.expr.parts[0].dotted()):
                continue
            found: dict[str, list[DbCall]] = {}
            for own in database(index).of(body):
                handle = (
                    _handle(body, call, own, known) if own.family == "write" and inside(own.link.loc, call.loc) else ""
                )
                if handle:
                    found.setdefault(handle, []).append(own)
            for handle, writes in found.items():
                apart = [w for w in writes if not _is_after_another(w, writes)]
                if len(apart) > 1 or any(_is_mapped(body, call, w) for w in writes):
                    yield AtOnce(body, call.expr, handle, tuple(w.hop() for w in writes))


def _is_after_another(one: DbCall, writes: list[DbCall]) -> bool:
    """Awaited one after the other within one element."""
    return one.call.awaited and any(
        w is not one and w.call.awaited and w.link.loc.start < one.link.loc.start for w in writes
    )


def _is_mapped(body: Body, gathered: Call, own: DbCall) -> bool:
    """Whether a write runs in a function that is called for each element of what is gathered."""
    return any(
        loop.kind == "comprehension" and inside(loop.loc, gathered.loc) and inside(own.link.loc, loop.loc)
        for loop in body.loops
    )


def _handle(body: Body, gathered: Call, own: DbCall, known: Transactions) -> str:
    """The transaction that a write runs in, where it was begun outside of what is gathered."""
    for link in links(own.call.expr):
        for part in link.parts[1:]:
            for key, value in zip(part.keys, part.parts, strict=False) if part.kind == "mapping" else ():
                if key in _OPTIONS and value.kind in {"name", "attribute"}:
                    return value.dotted()
            if part.kind == "name" and name_of(link) == "transacting":
                return part.text
    receiver = receiver_of(own.link)
    named = receiver.dotted() if receiver is not None else own.link.parts[0].dotted()
    if _TELLING.search(named):
        return named
    begun = any(
        pattern(known.calls).search(name_of(link)) and inside(gathered.loc, link.loc) and not named.startswith("this.")
        for call in body.calls
        for link in links(call.expr)
    )
    return named if begun and "." not in named and pattern(known.handles).search(named) else ""
