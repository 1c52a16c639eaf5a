"""Conditions that are decided by the numbers written in the source: what they rule out never runs."""

from __future__ import annotations

import operator
from collections.abc import Callable

from backwright.core.facts import Assign, Expr
from backwright.kit.bodies import Body, inside

_MAX_DEPTH = 8
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def number(body: Body, expr: Expr, depth: int = 0) -> float | None:
    """The number an expression is, where nothing but literals makes it."""
    if depth > _MAX_DEPTH:
        return None
    match expr.kind:
        case "constant":
            text = expr.text.replace("_", "")
            return float(text) if text.replace(".", "", 1).isdigit() else None
        case "name":
            given = body.targets().get(expr.text, ())
            param = body.symbol is not None and any(p.name == expr.text for p in body.symbol.params)
            if param or len(given) != 1 or given[0].op != "=" or given[0].branch >= 0:
                return None
            return number(body, given[0].value, depth + 1) if given[0].loc.end <= expr.loc.start else None
        case "binary" | "concatenation" if len(expr.parts) == 2:
            apply = _ARITHMETIC.get(expr.text or "+")
            left, right = (number(body, part, depth + 1) for part in expr.parts)
            return apply(left, right) if apply is not None and left is not None and right is not None else None
        case "other" if expr.text == "parenthesized_expression" and len(expr.parts) == 1:
            return number(body, expr.parts[0], depth + 1)
        case _:
            return None


def decided(body: Body, condition: Expr) -> bool | None:
    """Whether a condition always holds (True) or never does (False); None where that depends on the run."""
    compare = _COMPARISONS.get(condition.text) if condition.kind == "binary" and len(condition.parts) == 2 else None
    if compare is None:
        return None
    left, right = (number(body, part) for part in condition.parts)
    return compare(left, right) if left is not None and right is not None else None


def runs(body: Body, assign: Assign) -> bool:
    """Whether an assignment can run: no arm around it hangs on a condition that decides otherwise."""
    if assign.branch < 0:
        return True
    for branch in body.branches:
        dead = branch.otherwise if inside(assign.loc, branch.otherwise) else None
        wanted = False if dead is not None else True if inside(assign.loc, branch.body) else None
        if wanted is not None and decided(body, branch.condition) is (not wanted):
            return False
    return True
