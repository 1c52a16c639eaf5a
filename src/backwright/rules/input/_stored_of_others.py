"""Entities with secrets that handlers of other languages than Python answer with as they are stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Table
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop, callgraph
from backwright.kit.chains import awaited, links, name_of, receiver_of
from backwright.kit.database import DbCall, database
from backwright.kit.handlers import Handler, handlers
from backwright.kit.index import FactIndex
from backwright.kit.libraries import libraries, pattern

_SECRET = re.compile(
    r"^((hashed|encrypted|user)_?)?(password|passwd|pwd)(_?(hash|hashed|digest|salt))?$|"
    r"^(otp|totp|mfa|tfa|two_?factor|api|client|webhook)_?secret(_?key)?$|^(refresh|reset)_?token$|^password_?reset_?token$",
    re.IGNORECASE,
)
_HIDING = frozenset({"select", "private", "hidden", "exclude"})  # options of a column
_CHOOSING = frozenset(
    {"select", "attributes", "omit", "columns", "projection", "returning", "pick", "exclude", "fields"}
)
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_ROWS = re.compile(r"^(find|create|update|upsert|save|get(One|Many)|all$|first|query$|paginate)")
_COUNTS = re.compile(r"Many$|^(updateOne|deleteOne|update|findAndCount)$")
_DEPTH = 4  # steps through names and calls


class Told(NamedTuple):
    """An answer with an entity: where, the entity, its secret column, and the way to the query."""

    handler: Handler
    at: Expr
    table: Table
    home: str
    column: str
    way: tuple[Hop, ...]


def told(index: FactIndex, archmap: ArchMap) -> Iterator[Told]:
    """One for each handler."""
    index = index.only(index.spoken - {"python"})
    secrets = dict(_secrets(index))
    serving = Serving(index, archmap)
    seek = _Seek(index, secrets)
    for handler in handlers(index, archmap) if secrets else ():
        if handler.path in serving and handler.route.method in _METHODS:
            found = next(_answers(index, seek, handler), None)
            if found is not None:
                yield found


def _secrets(index: FactIndex) -> Iterator[tuple[str, tuple[str, Table, str]]]:
    """Entities by name with the file and a column that nobody outside should see, where the entity does not hide it itself."""
    for path, table in index.tables():
        column = next((c.name for c in table.columns if _SECRET.search(c.name)), "")
        if column and not (path in index.files and _hides(index, path, column)):
            yield table.entity.rpartition(".")[2].lower(), (path, table, column)


def _hides(index: FactIndex, path: str, column: str) -> bool:
    """`select: false`, `@Exclude()`, a `toJSON` in the file of the entity."""
    symbols = index.symbols(path).values()
    if any(s.name in {"toJSON", "toObject", "toResponseObject"} for s in symbols):
        return True
    for symbol in symbols:
        for field in symbol.fields if symbol.kind == "class" else ():
            marks = [
                d
                for d in field.decorators
                for e in walk(d)
                if e.text in {"Exclude", "Private"} or _HIDING & set(e.keys)
            ]
            if field.name == column and marks:
                return True
    for body in bodies(index).by_path.get(path, {}).values():
        for top in body.expressions():
            for node in walk(top):
                if node.kind != "mapping":
                    continue
                if {"toJSON", "toObject", "defaultScope"} & set(node.keys):
                    return True
                held = node.keyword(column)
                if held is not None and any(_HIDING & set(e.keys) for e in walk(held)):
                    return True
        if any("toJSON" in a.target.dotted() for a in body.assigns):
            return True
    return False


class _Seek:
    """Finds the entity that an expression is a row of, as it is stored."""

    def __init__(self, index: FactIndex, secrets: dict[str, tuple[str, Table, str]]) -> None:
        self.index = index
        self.secrets = secrets
        self.graph = callgraph(index)

    def rows(self, body: Body, value: Expr, depth: int = 0) -> tuple[str, tuple[Hop, ...]] | None:
        """The entity, in lower case, and the way to the query; None where a part was chosen or the secret is taken away."""
        value = awaited(value)
        if value.kind == "name":
            given = [a for a in body.targets().get(value.text, ()) if a.op == "=" and a.target.kind == "name"]
            return self.rows(body, given[0].value, depth + 1) if len(given) == 1 and depth <= _DEPTH else None
        if value.kind != "call":
            return None
        for own in database(self.index).of(body):
            if any(own.link is link for link in links(value)):
                return self._asked(body, own, value)
        target = self.graph.target(body, value) if depth < _DEPTH else None
        inner = self.graph.body_of(target) if target is not None else None
        answers = [r.value for r in inner.returns if r.value is not None] if inner is not None else []
        found = [self.rows(inner, answer, depth + 1) for answer in answers] if inner is not None else []
        if not found or any(f is None for f in found) or inner is None or self.drops(inner):
            return None
        entity, way = next(f for f in found if f is not None)
        return entity, (Hop(body.path, value.loc, f"calls `{value.parts[0].dotted()}`"), *way)

    def _asked(self, body: Body, own: DbCall, chain: Expr) -> tuple[str, tuple[Hop, ...]] | None:
        if not _ROWS.search(own.method) or (_COUNTS.search(own.method) and own.method != "findMany"):
            return None
        for link in links(chain):
            if name_of(link) in _CHOOSING:
                return None
            for part in link.parts[1:]:
                if part.kind in {"sequence", "string"} and own.kind == "documents" and part is not link.parts[1]:
                    return None  # the fields that Mongoose takes behind the condition
                if any(not _CHOOSING.isdisjoint(node.keys) for node in walk(part) if node.kind == "mapping"):
                    return None
        receiver = receiver_of(own.link)
        entity = self._entity(body, receiver) if receiver is not None else ""
        return (entity, (own.hop(),)) if entity else None

    def _entity(self, body: Body, receiver: Expr) -> str:
        last = receiver.dotted().rpartition(".")[2].lower().removesuffix("repository").removesuffix("model")
        if last in self.secrets or last.removesuffix("s") in self.secrets:
            return last if last in self.secrets else last.removesuffix("s")
        found = self.graph.inference.of(body.path, body.scope, receiver)
        named = (arg.rpartition(".")[2].lower() for arg in found.args) if found is not None else iter(())
        return next((name for name in named if name in self.secrets), "")

    def drops(self, body: Body) -> bool:
        """Whether a function takes the secret away: `delete user.password`, `const { password, ...user } = row`."""
        columns = {column for _, _, column in self.secrets.values()}
        return any(
            (a.target.kind == "attribute" and a.target.text in columns and a.value.kind == "constant")
            or (a.target.kind == "mapping" and not columns.isdisjoint(a.target.keys))
            for a in body.assigns
        )


def _answers(index: FactIndex, seek: _Seek, handler: Handler) -> Iterator[Told]:
    """What a handler sends, and what it returns."""
    sends = pattern(libraries(index.files[handler.body.path].language).errors.answers)
    for body in bodies(index).with_inner(handler.body):
        if seek.drops(body):
            return
        given = [p for c in body.calls if sends.search(c.expr.parts[0].dotted()) for p in c.expr.parts[1:]]
        given += [a.value for a in body.assigns if a.target.dotted() in {"ctx.body", "ctx.response.body"}]
        given += [r.value for r in body.returns if r.value is not None]
        for value in given:
            for held in value.parts if value.kind == "mapping" else (value,):
                found = seek.rows(body, held)
                if found is not None:
                    home, table, column = seek.secrets[found[0]]
                    yield Told(handler, value, table, home, column, found[1])
