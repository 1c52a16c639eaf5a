"""Values that are quoted by hand inside of SQL: `f"… = '{status}'"`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body
from backwright.kit.chains import name_of
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


# Where only a value stands, never a name or a clause; a single quote right before it says so by itself.
_ONLY_VALUE = re.compile(r"([=<>]\s*|\bi?like\s+|\bin\s*\(\s*|\bvalues\s*\(\s*|\bbetween\s+)$|'%?$", re.I)
_PASSING = frozenset({"text", "dedent", "str", "join", "strip", "SQL"})


def values_by_hand(body: Body, expr: Expr, seen: set[int] | None = None) -> Iterator[tuple[Expr, Expr]]:
    """What is put where only a value stands in the SQL that an expression holds, each with the text it is put into.

    Names are followed to what this function gives them, with what is added to a text or a list, each of it once.
    """
    seen = set() if seen is None else seen
    if expr.kind == "name":
        for value in _given_to(body, expr):
            if value.loc.start not in seen:
                seen.add(value.loc.start)
                yield from values_by_hand(body, value, seen)
        return
    if expr.kind in {"sequence", "conditional"} or (expr.kind == "call" and name_of(expr) in _PASSING):
        for part in expr.parts[1:] if expr.kind == "call" else expr.parts:
            yield from values_by_hand(body, part, seen)
        return
    before = ""
    pieces = list(_made_of(expr))
    for piece, after in zip_longest(pieces, pieces[1:]):
        if piece.kind == "string":
            before = piece.text
        elif _ONLY_VALUE.search(before) and not (
            after is not None and after.kind == "string" and after.text[:1] == "."
        ):
            yield piece, expr
            before = ""
        elif piece is not expr:  # what is no text put together has nothing in it
            before = ""
            yield from values_by_hand(body, piece, seen)


def _given_to(body: Body, expr: Expr) -> Iterator[Expr]:
    """What a name may hold where it stands: by assignment, and by what is added to it."""
    yield from (a.value for a in reaching(body, expr.text, expr.loc.start)[0] if a.op in {"=", "+="} and runs(body, a))
    for call in body.calls:
        callee = call.expr.parts[0]
        if callee.kind == "attribute" and callee.text in {"append", "extend"} and callee.parts[0].dotted() == expr.text:
            yield from call.expr.parts[1:]


def _made_of(expr: Expr) -> Iterator[Expr]:
    """The pieces of a text in their order: of `f"…{x}"`, `"…" + x`, `"…{}".format(x)` and `"… %s" % x`."""
    if expr.kind in {"concatenation", "interpolation"}:
        for part in expr.parts:
            yield from _made_of(part)
    elif expr.kind == "percent" and len(expr.parts) == 2 and expr.parts[0].kind == "string":
        given = expr.parts[1]
        holes_in_order = given.parts if given.kind == "sequence" and given.parts else (given,)
        yield from _filled(re.split(r"%[sdr]", expr.parts[0].text), holes_in_order)
    elif expr.kind == "call" and expr.parts[0].kind == "attribute" and name_of(expr) == "format":
        text = expr.parts[0].parts[0]
        texts, filled = _slots(text.text, expr) if text.kind == "string" else ([], [])
        if filled:
            yield from _filled(texts, filled)
    else:
        yield expr


def _filled(texts: list[str], given: Sequence[Expr]) -> Iterator[Expr]:
    """The texts between the holes and what fills them, by turns, with what follows the last hole."""
    for text, argument in zip_longest(texts, given):
        if text is not None:
            yield Expr("string", text, (argument or given[-1]).loc)
            if argument is not None:
                yield argument


def _slots(text: str, call: Expr) -> tuple[list[str], list[Expr]]:
    """The texts before the holes of `"…{}…{name}"`, and what fills each."""
    positional, texts, given = iter(call.positional()), [], []
    at = 0
    for hole in re.finditer(r"\{(\w*)\}", text):
        known = hole[1]
        filled = call.keyword(known) if known and not known.isdigit() else next(positional, None)
        if filled is not None:
            texts.append(text[at : hole.start()])
            given.append(filled)
        at = hole.end()
    return [*texts, text[at:]], given
