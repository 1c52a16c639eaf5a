"""Which place of a function comes after another wherever the first is reached."""

from __future__ import annotations

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, inside


def follows(body: Body, first: Expr, second: Expr) -> bool:
    """Whether the arm that holds the first place also holds the second, without a way out in between."""
    arms = [
        (start, end) for start, (end, _) in body.arms().items() if start <= first.loc.start and first.loc.end <= end
    ]
    if any(not (start <= second.loc.start and second.loc.end <= end) for start, end in arms):
        return False
    return not any(
        first.loc.start < r.loc.end and r.loc.end < second.loc.start and not is_other_case(body, r.loc.start, second)
        for r in body.returns
        if not r.is_yield and not inside(first.loc, r.loc)
    ) and not any(inside(first.loc, r.loc) and not inside(second.loc, r.loc) for r in body.returns)


def is_other_case(body: Body, at: int, second: Expr) -> bool:
    """Whether a place, a return for instance, stands in an arm that the second place is not part of."""
    return any(start <= at <= end and not (start <= second.loc.start <= end) for start, (end, _) in body.arms().items())
