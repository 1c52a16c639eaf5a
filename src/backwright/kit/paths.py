"""Which place of a function comes after another, wherever the first is reached or at least on some way."""

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


def may_follow(body: Body, first: Expr, second: Expr) -> bool:
    """Whether the second write may come after the first: not in another arm of one branch, and nothing leaves in between."""
    if any(inside(e.loc, c.body) for e in (first, second) for c in body.catches):
        return False
    for branch in body.branches:
        if inside(first.loc, branch.body) and inside(second.loc, branch.otherwise):
            return False
    for start, (end, leaves) in body.arms().items():
        if leaves and start <= first.loc.start and first.loc.end <= end and not (start <= second.loc.start <= end):
            return False
    leaving = [
        r
        for r in body.returns
        if not r.is_yield and first.loc.end < r.loc.start < second.loc.start and not inside(second.loc, r.loc)
    ]
    return all(is_other_case(body, r.loc.start, second) for r in leaving) and not any(
        inside(first.loc, r.loc) for r in body.returns
    )


def is_other_case(body: Body, at: int, second: Expr) -> bool:
    """Whether a place, a return for instance, stands in an arm that the second place is not part of."""
    return any(start <= at <= end and not (start <= second.loc.start <= end) for start, (end, _) in body.arms().items())


def is_repeated(body: Body, link: Expr) -> bool:
    """Whether a call is done for each element of something, where no element's error is handled by itself."""
    for loop in body.loops:
        among = loop.iterable is not None and inside(link.loc, loop.iterable.loc)
        if loop.kind != "for" or among or not inside(link.loc, loop.loc):
            continue
        alone = any(inside(catch.body, loop.loc) for catch in body.catches)
        if not alone and not any(inside(r.loc, loop.loc) for r in body.returns):
            return True
    return False
