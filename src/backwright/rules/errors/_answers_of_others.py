"""What clients are told of caught errors in languages whose handlers send the answer themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Catch, Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.chains import links, name_of
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Errors, libraries, pattern

_EXPECTED = re.compile(r"4\d\d|BAD_REQUEST|NOT_FOUND|UNAUTHORIZED|FORBIDDEN|CONFLICT|UNPROCESSABLE", re.IGNORECASE)
_TEXTS = frozenset({"message", "stack", "sqlMessage", "detail"})


def told(index: FactIndex, serving: Serving) -> Iterator[tuple[Body, Expr, Catch]]:
    """Answers that hold the text of an error that was caught without a look at what it is."""
    for body in serving.functions():
        known = libraries(index.files[body.path].language).errors
        for catch in body.catches if known.answers else ():
            if not catch.name or any(inside(b.condition.loc, catch.body) for b in body.branches):
                continue
            found = _told(body, catch, known)
            if found is not None:
                yield body, found, catch


def _told(body: Body, catch: Catch, known: Errors) -> Expr | None:
    for call in body.calls:
        dotted = call.expr.parts[0].dotted()
        if not inside(call.loc, catch.body) or not pattern(known.answers).search(dotted) or _is_expected(call.expr):
            continue
        for part in call.expr.parts[1:]:
            held = _text_of(part, catch.name)
            if held is not None:
                return held
    return None


def _is_expected(call: Expr) -> bool:
    """An answer with a status that blames the client tells what the client did."""
    statuses = [p for link in links(call) if name_of(link) in {"status", "code", "sendStatus"} for p in link.parts[1:]]
    given = [p for p in call.positional()[1:] if p.kind in {"constant", "attribute"}]
    return any(_EXPECTED.search(p.text) for p in (*statuses, *given))


def _text_of(part: Expr, name: str) -> Expr | None:
    for expr in walk(part):
        if expr.kind == "attribute" and expr.text in _TEXTS and expr.parts[0].dotted() == name:
            return expr
        if expr.kind == "call" and name_of(expr) in {"toString", "String"} and name in expr.parts[0].dotted():
            return expr
    values = part.parts if part.kind == "mapping" else (part,)
    return next((v for v in values if v.kind == "name" and v.text == name), None)
