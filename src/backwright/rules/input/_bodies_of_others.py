"""Raw bodies of requests that become entities in other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Param, Symbol
from backwright.kit.annotations import take_apart
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import arguments, callgraph
from backwright.kit.chains import awaited, links, mark_of, name_of
from backwright.kit.database import database
from backwright.kit.handlers import Handler, handlers
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Requests, libraries, pattern

Taken = tuple[Body, Expr | Param, str]

_KEEPING = frozenset({"Create", "Save", "save", "persist", "merge", "saveAndFlush", "insert", "Updates", "values"})
_OWN = frozenset(
    {
        "id",
        "createdat",
        "updatedat",
        "password",
        "passwordhash",
        "isadmin",
        "admin",
        "role",
        "roles",
        "ownerid",
        "balance",
    }
)


def taken(index: FactIndex, archmap: ArchMap) -> Iterator[Taken]:
    """Where what a client sent is written as it came."""
    index = index.only(index.spoken - {"python"})
    serving = Serving(index, archmap)
    entities = {table.entity.rpartition(".")[2]: {c.name for c in table.columns} for _, table in index.tables()}
    entities |= {d.symbol.name: {f.name for f in d.symbol.fields} for d in index.classes() if _is_row(d.symbol)}
    for handler in handlers(index, archmap):
        if handler.body.path not in serving:
            continue
        known = libraries(index.files[handler.body.path].language).request
        if not known.body:
            yield from _bound(index, handler.body, entities, known)
        elif not is_checked(index, handler, known):
            yield from _spread(index, handler.body, known)


def is_checked(index: FactIndex, handler: Handler, known: Requests, names: str = "") -> bool:
    """Whether a validator stands before the handler, is among its options or decorators, or is called in it.

    `names` is a regular expression for names of validators, in the place of all that are known.
    """
    validators = pattern(names or known.validators)
    routed = next((p for p, route in index.routes() if route is handler.route), handler.path)
    for body in bodies(index).by_path.get(routed, {}).values():
        for call in body.calls:
            if inside(handler.route.loc, call.loc) and _names(call.expr, validators):
                return True
    symbol = handler.body.symbol
    for decorator in (
        (*symbol.decorators, *(d for p in symbol.params for d in p.decorators)) if symbol is not None else ()
    ):
        parts = decorator.parts[1:] if mark_of(decorator) in known.sent_in else (decorator,)
        if any(_names(part, validators) for part in parts):
            return True
    return any(validators.search(name_of(link)) for call in handler.body.calls for link in links(call.expr))


def _names(expr: Expr, validators: re.Pattern[str]) -> bool:
    """Whether something in an expression is called like a validator."""
    for node in walk(expr):
        words = node.keys if node.kind == "mapping" else (node.text,) if node.kind in {"name", "attribute"} else ()
        if any(word and validators.search(word) for word in words):
            return True
    return False


def _spread(index: FactIndex, body: Body, known: Requests) -> Iterator[Taken]:
    """`prisma.user.create({ data: req.body })`, `new User(req.body)` that is saved, `User.update(req.body)`."""
    raw = pattern(known.body)
    names = {a.target.text for a in body.assigns if a.target.kind == "name" and raw.search(awaited(a.value).dotted())}
    written = [c.link for c in database(index).of(body) if c.family == "write"]
    saved = {link.parts[0].dotted().partition(".")[0] for link in written}
    for assign in body.assigns:
        value = awaited(assign.value)
        if assign.target.text in saved and value.kind == "call" and value.text == "new":
            written.append(value)
    for link in written:
        for part in link.parts[1:]:
            found = _whole(part, raw, names)
            if found is not None:
                yield body, found, link.parts[0].dotted()
                break


def _whole(part: Expr, raw: re.Pattern[str], names: set[str]) -> Expr | None:
    """The body itself: an argument, spread into one, or under the keys that hold the new values."""
    bare = awaited(part)
    if (bare.kind == "name" and bare.text in names) or (bare.dotted() and raw.search(bare.dotted())):
        return part
    if part.kind != "mapping":
        return None
    for key, value in zip(part.keys, part.parts, strict=False):
        if key in {"**", "data", "$set", "create", "update", "set", "values"}:
            found = _whole(value, raw, names)
            if found is not None:
                return found
    return None


def _bound(index: FactIndex, body: Body, entities: dict[str, set[str]], known: Requests) -> Iterator[Taken]:
    """An entity as the body: a variable that it is bound to in Go, a parameter of its type in Rust, Java and Kotlin."""
    sent: list[tuple[Expr | Param, str, str]] = list(bound_variables(body, known))
    sent += [(param, name, take_apart(kind.replace("::", ".")).name) for param, name, kind in sent_params(body, known)]
    risky = [
        (where, name, last) for where, name, kind in sent if _own(entities.get(last := kind.rpartition(".")[2], set()))
    ]
    if not risky:
        return
    kept = _kept(index, body)
    kept -= {a.target.dotted().partition(".")[0] for a in body.assigns if a.target.kind == "attribute"}
    yield from ((body, where, entity) for where, name, entity in risky if name in kept)


def _kept(index: FactIndex, body: Body) -> set[str]:
    """The names of what a function writes as it is, itself or by a function that it calls with it."""
    kept = _written(body)
    graph = callgraph(index)
    for call in body.calls:
        for link in links(call.expr):
            target = graph.target(body, link)
            inner = graph.body_of(target) if target is not None else None
            if target is None or inner is None:
                continue
            changed = {a.target.dotted().partition(".")[0] for a in inner.assigns if a.target.kind == "attribute"}
            wanted = _written(inner) - changed
            kept |= {a.text for p, a in arguments(link, target).items() if a.kind == "name" and p in wanted}
    return kept


def _written(body: Body) -> set[str]:
    """The names that are passed whole to what writes them."""
    return {
        part.text
        for call in body.calls
        for link in links(call.expr)
        if name_of(link) in _KEEPING and link.parts[0].kind == "attribute"
        for part in link.parts[1:]
        if part.kind == "name"
    }


def sent_params(body: Body, known: Requests) -> Iterator[tuple[Param, str, str]]:
    """Parameters that are the body, by their decorator or by the type that takes it out of the request: name and type."""
    for param in body.symbol.params if body.symbol is not None else ():
        by_type = pattern(known.extractors).match(param.annotation)
        if any(mark_of(d) in known.sent_in for d in param.decorators):
            yield param, param.name, param.annotation
        elif by_type is not None:
            yield param, param.names[-1] if param.names else param.name, by_type["inner"]


def bound_variables(body: Body, known: Requests) -> Iterator[tuple[Expr, str, str]]:
    """`var order Order`, filled by `c.Bind(&order)`: the call, the variable, its type."""
    for call in body.calls if known.binders else ():
        for link in links(call.expr):
            if not pattern(known.binders).search(link.parts[0].dotted()):
                continue
            for part in link.parts[1:]:
                for assign in body.targets().get(part.text, ()) if part.kind == "name" else ():
                    made = assign.value
                    if made.kind == "call" and made.text == "new":
                        yield link, part.text, made.parts[0].dotted()
                    elif made.kind == "call" and name_of(made) == "new" and len(made.parts) == 2:
                        yield link, part.text, made.parts[1].dotted()


def _is_row(symbol: Symbol) -> bool:
    """A struct that is written as a row: `#[diesel(table_name = users)]`."""
    return any(d.keyword("table_name") is not None for d in symbol.decorators)


def _own(columns: set[str]) -> bool:
    return not _OWN.isdisjoint(c.replace("_", "").lower() for c in columns)
