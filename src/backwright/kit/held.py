"""Which entity a variable of TypeScript holds one row or many rows of, by the query that gave it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr, Table
from backwright.kit.bodies import Body
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import awaited, positional, receiver_of
from backwright.kit.database import DbCall, database
from backwright.kit.index import FactIndex

_ONE = re.compile(r"^(findOne|findUnique|findFirst|findById|findByPk|getOne)")
_MANY = re.compile(r"^(findMany|find|findBy|findAll|findByIds|getMany)$")
_DEPTH = 2
_LANGUAGE = "typescript"


@dataclass(frozen=True)
class Held:
    """Rows of an entity: the file that declares it, whether they are many, and the query with the function it stands in."""

    path: str
    table: Table
    many: bool
    query: Expr
    body: Body


class HeldRows:
    """The rows that the functions of one project hold."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.graph = callgraph(index)
        self.tables: dict[str, tuple[str, Table]] = {}
        for path, table in index.tables():
            if path in index.files and index.files[path].language != _LANGUAGE:
                continue  # of another backend
            self.tables.setdefault(table.entity, (path, table))
        own = {e: found for e, found in self.tables.items() if found[1].orm == "prisma"}
        self._clients = {f"{e[:1].lower()}{e[1:]}": found for e, found in own.items()}

    def of(self, body: Body, expr: Expr, depth: int = 0) -> Held | None:
        """What an expression holds: a query, what such a call of the project gives, or a variable that is given one of them."""
        if not self.tables or depth > _DEPTH or self.index.files[body.path].language != _LANGUAGE:
            return None
        expr = awaited(expr)
        if expr.kind == "call":
            return self._of_call(body, expr, depth)
        if expr.kind != "name":
            return None
        given = body.targets().get(expr.text, ())
        if len(given) != 1 or given[0].target.kind != "name":  # which of several values it has is not known
            return None
        if given[0].op == "for":
            rows = self.of(body, given[0].value, depth + 1)
            return Held(rows.path, rows.table, False, rows.query, rows.body) if rows is not None and rows.many else None
        plain = given[0].op == "=" and given[0].loc.end <= expr.loc.start
        return self.of(body, given[0].value, depth) if plain else None

    def _of_call(self, body: Body, call: Expr, depth: int) -> Held | None:
        own = next((c for c in database(self.index).of(body) if c.call.expr.loc == call.loc), None)
        if own is not None:
            return self._of_query(own)
        target = self.graph.target(body, call)
        inner = self.graph.body_of(target) if target is not None else None
        returned = [r.value for r in inner.returns if r.value is not None] if inner is not None else []
        return self.of(inner, returned[0], depth + 1) if inner is not None and len(returned) == 1 else None

    def _of_query(self, call: DbCall) -> Held | None:
        one, many = _ONE.match(call.method), _MANY.match(call.method)
        found = next((self.tables.get(n) or self._clients[n] for n in self._names(call)), None)
        if call.family != "query" or found is None or not (one or many):
            return None
        return Held(*found, bool(many), call.call.expr, call.body)

    def _names(self, call: DbCall) -> Iterator[str]:
        """The names of entities that a query may ask for, as they are known here."""
        receiver, given = receiver_of(call.link), positional(call.link)
        if given and given[0].kind == "name" and given[0].text in self.tables:
            yield given[0].text
        last = receiver.dotted().rpartition(".")[2] if receiver is not None else ""
        if last in self._clients or last in self.tables:
            yield last
        found = self.graph.inference.of(call.body.path, call.body.scope, receiver) if receiver is not None else None
        for arg in found.args if found is not None else ():
            yield from (name for name in (arg, arg.removesuffix("Document")) if name in self.tables)


def held_rows(index: FactIndex) -> HeldRows:
    """The rows of this project, read once."""
    return index.derived(HeldRows)
