"""Values that are quoted by hand inside of SQL: `f"… = '{status}'"`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body
from backwright.kit.constants import runs
from backwright.kit.values import reaching

# After these a value stands, and no name of a table or column.
VALUE = re.compile(r"([=<>]|\b(like|ilike|limit|offset))\s*$", re.I)

# … perhaps quoted by hand, or the first of a list.
_BEFORE_VALUE = re.compile(r"([=<>]|\b(like|ilike|limit|offset|values|in|between|and|set))\s*\(?\s*['\"`]?%?$", re.I)


def stands_for_value(made: Expr, at: Loc) -> bool:
    """Whether what stands at a place within a text that is put together stands where SQL has a value."""
    before = ""
    for piece in _pieces(made):
        if piece.kind == "string":
            before = piece.text
        elif piece.loc.start <= at.start and at.end <= piece.loc.end and _BEFORE_VALUE.search(before):
            return True
        else:
            before = ""
    return False


def _pieces(expr: Expr) -> Iterator[Expr]:
    """The pieces of a text in their order, those of a concatenation or a format included."""
    if expr.kind in {"concatenation", "interpolation"}:
        for part in expr.parts:
            yield from _pieces(part)
    elif expr.kind == "call" and len(expr.parts) > 2 and expr.parts[1].kind == "string":
        texts = re.split(r"%[sdvq]|\{\w*\}", expr.parts[1].text)
        for text, argument in zip(texts, expr.parts[2:], strict=False):
            yield from (Expr("string", text, expr.loc), argument)
    else:
        yield expr


def holes(expr: Expr) -> Iterator[tuple[Expr, str]]:
    """The holes of an f-string that stand where a value may, each with the quote around it."""
    for before, hole, after in zip(("", *expr.parts[:-1]), expr.parts, (*expr.parts[1:], ""), strict=True):
        if hole.kind == "string":
            if "{" in hole.text or "}" in hole.text:
                return  # escaped braces would have to be taken apart
            continue
        left = before.text if isinstance(before, Expr) and before.kind == "string" else ""
        right = after.text if isinstance(after, Expr) and after.kind == "string" else ""
        quote = next((q for q in ("'", "\\'") if left.endswith(q) and right.startswith(q)), "")
        if hole.kind not in {"name", "attribute"} or not hole.dotted() or "(" in hole.dotted():
            continue
        if VALUE.search(left[: len(left) - len(quote)]):
            yield hole, quote


def interpolated(body: Body, expr: Expr) -> Expr | None:
    """The f-string that an expression is, or that the one assignment of its name gives it."""
    if expr.kind == "interpolation":
        return expr
    given = body.targets().get(expr.text, ()) if expr.kind == "name" else ()
    value = given[0].value if len(given) == 1 and given[0].op == "=" else None
    return value if value is not None and value.kind == "interpolation" else None


def chosen(body: Body, expr: Expr) -> Expr | None:
    """The first variable that is quoted by hand in an f-string of SQL and is one of several texts when it runs."""
    made = interpolated(body, expr)
    for hole, quote in holes(made) if made is not None else ():
        if not quote or hole.kind != "name":
            continue
        texts = [a for a in reaching(body, hole.text, hole.loc.start)[0] if runs(body, a)]
        if len({a.value.text for a in texts}) > 1 and all(a.op == "=" and a.value.kind == "string" for a in texts):
            return hole
    return None
