"""Limits that clients of services in other languages than Python choose, and that nothing bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backwright.core.facts import Expr, Field, Param
from backwright.kit.bodies import Body, bodies, names_in, walk
from backwright.kit.callgraph import Hop
from backwright.kit.chains import links, mark_of, name_of
from backwright.kit.handlers import Handler
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import Requests, libraries, pattern
from backwright.kit.pages import LIMIT
from backwright.rules.input._bodies_of_others import is_checked
from backwright.rules.input._sizes_of_others import Endless

_CUTTING = frozenset({"limit", "take", "first", "pageSize", "page_size", "perPage"})


def endless(index: FactIndex, handler: Handler, reached: Iterable[Body]) -> Endless | None:
    """The limit of a list that a client chooses freely; None where something bounds it, or a schema may."""
    known = libraries(index.files[handler.body.path].language).request
    if not known.query:
        return None
    every = [*bodies(index).with_inner(handler.body), *reached]
    source = next((s for body in every if (s := _source(index, body, known)) is not None), None)
    if source is None or any(_is_bounded(body, known) for body in every):
        return None
    cut = next((hop for body in every if (hop := _cut(body)) is not None), None)
    is_schemed = (
        bool(known.schemas) and not isinstance(source[3], Field) and is_checked(index, handler, known, known.schemas)
    )
    if cut is None or is_schemed:
        return None
    path, scope, name, found = source
    return Endless(path, scope, name, found.loc, cut)


Source = tuple[str, str, str, Expr | Param | Field]


def _source(index: FactIndex, body: Body, known: Requests) -> Source | None:
    """`req.query.limit`, `const { limit } = req.query`, `@Query("limit") limit`, a field of a class for the query."""
    query = pattern(known.query)
    for param in body.symbol.params if body.symbol is not None else ():
        found = _param(index, body, param, known)
        if found is not None:
            return found
    for assign in body.assigns:
        if assign.target.kind == "mapping" and query.search(assign.value.dotted() or "-"):
            named = next((k for k in assign.target.keys if LIMIT.match(k)), "")
            if named:
                return body.path, body.scope, named, assign.value
    for top in body.expressions():
        for node in walk(top):
            if node.kind == "attribute" and LIMIT.match(node.text) and query.search(node.parts[0].dotted() or "-"):
                return body.path, body.scope, node.text, node
            given = node.parts[1] if node.kind == "call" and len(node.parts) == 2 else None
            if given is not None and given.kind == "string" and LIMIT.match(given.text) and query.search(node.dotted()):
                return body.path, body.scope, given.text, node
    return None


def _param(index: FactIndex, body: Body, param: Param, known: Requests) -> Source | None:
    for decorator in param.decorators:
        if mark_of(decorator) not in known.asked_in:
            continue
        given = decorator.parts[1:] if decorator.kind == "call" else ()
        if given and given[0].kind == "string":
            return (body.path, body.scope, given[0].text, param) if LIMIT.match(given[0].text) else None
        found = inference(index).resolve(body.path, param.annotation)
        if found is None or found.symbol.kind != "class" or found.symbol.is_shape or given:
            return None
        for owner in (found, *index.bases(found)):
            for field in owner.symbol.fields:
                if LIMIT.match(field.name):
                    bounded = any(_names(d, known) for d in field.decorators) or not field.decorators
                    return None if bounded else (owner.path, owner.symbol.qualname, field.name, field)
    return None


def _names(expr: Expr, known: Requests) -> bool:
    return any(e.kind in {"name", "attribute"} and pattern(known.maxima).search(e.text) for e in walk(expr))


def _is_limit(expr: Expr) -> bool:
    return any(e.kind in {"name", "attribute", "string"} and LIMIT.match(e.text) for e in walk(expr))


def _is_bounded(body: Body, known: Requests) -> bool:
    """`Math.min(limit, 100)`, `if (limit > 100)`, `limit > 100 ? 100 : limit`."""
    if any(_compares(branch.condition) for branch in body.branches):
        return True
    for top in body.expressions():
        for node in walk(top):
            given = node.parts[1:] if node.kind == "call" and pattern(known.maxima).search(name_of(node)) else ()
            if any(map(_is_limit, given)) or (node.kind == "conditional" and _compares(node.parts[1])):
                return True
    return False


def _compares(condition: Expr) -> bool:
    """Whether a limit is compared with something that may be its maximum: `limit > 0` only asks for one."""
    for node in walk(condition):
        if node.kind == "binary" and node.text in {"<", ">", "<=", ">="} and len(node.parts) == 2:
            left, right = node.parts
            if any(_is_limit(a) and b.text not in {"0", "1", "-1"} for a, b in ((left, right), (right, left))):
                return True
    return False


def _cut(body: Body) -> Hop | None:
    """Where rows are limited by a value that is no constant: `take: limit`, `.limit(limit)`."""
    for call in body.calls:
        for link in links(call.expr):
            for key, part in _options(link):
                if key in _CUTTING and any(_is_limit(n) for n in _read(part)):
                    return Hop(body.path, link.loc, f"`{key}` is what the client asked for")
    return None


def _options(link: Expr) -> Iterator[tuple[str, Expr]]:
    if name_of(link) in _CUTTING and len(link.parts) == 2:
        yield name_of(link), link.parts[1]
    for given in link.parts[1:]:
        for node in walk(given):
            if node.kind == "mapping":
                yield from zip(node.keys, node.parts, strict=False)


def _read(part: Expr) -> Iterator[Expr]:
    yield from names_in(part)
    yield from (e for e in walk(part) if e.kind == "attribute")
