"""Bodies whose type says what they must be, in handlers that never let it be checked: Go, Rust, Java and Kotlin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.facts import Expr, Field, Loc, Param
from backwright.kit.bodies import Body, bodies, names_in, walk
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import links, mark_of, name_of
from backwright.kit.handlers import Handler
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import Requests, libraries, pattern
from backwright.rules.input._bodies_of_others import bound_variables, sent_params

_DEPTH = 2
_WORD = re.compile(r"\w+")


class Unchecked(NamedTuple):
    """A body of this type at this place, and the first field with a constraint."""

    loc: Loc
    name: str
    schema: Definition
    field: Field


def unchecked(index: FactIndex, handler: Handler) -> Unchecked | None:
    """The body of a handler that has constraints nobody checks; None where somebody may."""
    known = libraries(index.files[handler.body.path].language).request
    if not known.constraints or handler.body.symbol is None:
        return None
    if any(name in bodies(index).by_name for name in known.checks_all):
        return None
    bound = [(link.loc, name, kind) for link, name, kind in bound_variables(handler.body, known)]
    for loc, name, annotation in (*_sent(handler, known), *bound):
        found = _schema(index, handler.body.path, annotation)
        if found is not None and found.symbol.name in {t.entity for p, t in index.tables() if p == found.path}:
            continue  # entities are checked when they are written
        field = _constrained(index, found, known) if found is not None else None
        if found is not None and field is not None and not _is_validated(index, handler.body, known):
            return Unchecked(loc, name, found, field)
    return None


def checks(index: FactIndex, handler: Handler) -> bool:
    """Whether a handler takes such a body, and lets it be checked."""
    known = libraries(index.files[handler.body.path].language).request
    params = handler.body.symbol.params if handler.body.symbol is not None else ()
    return any(_lets_check(param, known) for param in params) or _is_validated(index, handler.body, known)


def _sent(handler: Handler, known: Requests) -> Iterator[tuple[Loc, str, str]]:
    """Parameters that are the body: by their annotation, or by the type that takes it out of the request."""
    symbol = handler.body.symbol
    if symbol is None or any(d.dotted().removesuffix("()") == "Override" for d in symbol.decorators):
        return  # what the overridden method says counts
    for param, name, annotation in sent_params(handler.body, known):
        if not _lets_check(param, known):
            yield param.loc, name, annotation


def _lets_check(param: Param, known: Requests) -> bool:
    """`@Valid`, `ValidatedJson<Order>`."""
    return any(pattern(known.checkers).search(n) for n in (*map(mark_of, param.decorators), param.annotation))


def _schema(index: FactIndex, path: str, annotation: str) -> Definition | None:
    found = inference(index).annotation(path, annotation.replace("::", ".").lstrip("&*"))
    made = found.definition if found is not None and not found.many else None
    return made if made is not None and made.symbol.kind == "class" else None


def _constrained(index: FactIndex, schema: Definition, known: Requests) -> Field | None:
    """The first field that says what it must be, of a type that can be checked."""
    if known.checkable:
        derived = [e.text for d in schema.symbol.decorators for e in walk(d) if e.kind in {"name", "attribute"}]
        if known.checkable not in derived:
            return None
    for owner in (schema, *index.bases(schema)):
        for field in owner.symbol.fields:
            for mark in field.decorators:
                name = mark.dotted().removesuffix("()")
                origin = inference(index).origin(owner.path, name) or name
                if pattern(known.constraints).search(origin.replace("::", ".")) and _says(mark):
                    return field
    return None


def _says(mark: Expr) -> bool:
    """A tag that only says `omitempty` or `-` demands nothing."""
    texts = [p.text for p in mark.parts[1:] if p.kind == "string"]
    return not texts or any(set(_WORD.findall(t)) - {"omitempty", "dive"} for t in texts)


def _is_validated(index: FactIndex, start: Body, known: Requests) -> bool:
    """Whether a validator is called by a handler, or by a function that it calls."""
    graph, checker = callgraph(index), pattern(known.validators)
    queue, seen = [(b, 0) for b in bodies(index).with_inner(start)], {start.key}
    while queue:
        body, depth = queue.pop(0)
        for call in body.calls:
            for link in links(call.expr):
                called = f"{name_of(link)} {' '.join(e.text for e in names_in(link.parts[0]))}"
                if checker.search(called):
                    return True
                target = graph.target(body, link) if depth < _DEPTH else None
                inner = graph.body_of(target) if target is not None else None
                if inner is not None and inner.key not in seen:
                    seen.add(inner.key)
                    queue.append((inner, depth + 1))
    return False
