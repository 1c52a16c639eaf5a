"""What a condition proves about a value: that it is on an allow-list, has a harmless form, or was checked by name."""

from __future__ import annotations

import re
from collections.abc import Callable

from backwright.core.facts import Branch, Expr
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.chains import links

# A call named so is trusted to leave (raise) when its argument is not fit.
_CHECKING = re.compile(
    r"valid|check|ensure|assert|sanit|allow|verify|(?<!un)quote|(?<!un)escape|whitelist", re.IGNORECASE
)
_FORMS = frozenset({"isidentifier", "isalnum", "isdigit", "isdecimal", "isnumeric", "isalpha"})
_MATCHES = frozenset({"match", "fullmatch"})

Fixed = Callable[[Expr], bool]


def is_guarded(body: Body, name: str, at: int, fixed: Fixed) -> bool:
    """Whether the value called `name` was proved harmless on every way to the byte `at`. `fixed` knows allow-lists."""
    for branch in body.branches:
        holds, fails = _proved(branch.condition, name, fixed)
        if holds and _is_in(at, branch, branch.body):
            return True
        if fails and (_is_in(at, branch, branch.otherwise) or (_leaves(body, branch, name) and at > _end(branch))):
            return True
    return any(_checks(link, name) for call in body.calls if call.loc.end <= at for link in links(call.expr))


def proves(condition: Expr, name: str, fixed: Fixed) -> tuple[bool, bool]:
    """Whether a condition proves `name` harmless where it holds, and where it fails."""
    return _proved(condition, name, fixed)


def _is_in(at: int, branch: Branch, arm: object) -> bool:
    loc = branch.body if arm is branch.body else branch.otherwise
    return loc is not None and loc.start <= at <= loc.end


def _end(branch: Branch) -> int:
    return branch.body.end if branch.body is not None else branch.condition.loc.end


def _leaves(body: Body, branch: Branch, name: str) -> bool:
    """The arm leaves, or gives the name a value of its own."""
    if branch.exits:
        return True
    return any(a.op == "=" and inside(a.loc, branch.body) for a in body.targets().get(name, ()))


def _proved(condition: Expr, name: str, fixed: Fixed) -> tuple[bool, bool]:
    if condition.kind == "binary":
        if condition.text == "not" and len(condition.parts) == 1:
            holds, fails = _proved(condition.parts[0], name, fixed)
            return fails, holds
        if condition.text in {"and", "or"} and len(condition.parts) == 2:
            left, right = (_proved(p, name, fixed) for p in condition.parts)
            if condition.text == "and":
                return left[0] or right[0], left[1] and right[1]
            return left[0] and right[0], left[1] or right[1]
        if len(condition.parts) == 2:
            return _compared(condition, name, fixed)
    if condition.kind == "call":
        return _asked(condition, name), False
    return False, False


def _compared(condition: Expr, name: str, fixed: Fixed) -> tuple[bool, bool]:
    left, right = condition.parts
    if not any(e.kind == "name" and e.text == name for e in walk(left)):
        return False, False
    match condition.text:
        case "in":
            return fixed(right), False
        case "not in":
            return False, fixed(right)
        case "==" | "is":
            return right.kind in {"string", "constant"}, False
        case "!=" | "is not":
            # `is None` says nothing about the text
            return False, right.kind == "string"
        case _:
            return False, False


def _asked(call: Expr, name: str) -> bool:
    """`x.isidentifier()`, `re.fullmatch(p, x)`, `isinstance(x, int)`, `is_valid(x)`."""
    callee = call.parts[0]
    last = callee.text
    arguments = {e.text for part in call.parts[1:] for e in walk(part) if e.kind == "name"}
    if callee.kind == "attribute" and last in _FORMS:
        return callee.parts[0].dotted() == name
    if last in _MATCHES:
        return name in arguments
    if callee.dotted() == "isinstance":
        kinds = {e.text for part in call.parts[2:] for e in walk(part) if e.kind in {"name", "attribute"}}
        return (
            name in arguments
            and bool(kinds)
            and kinds <= {"int", "float", "bool", "UUID", "uuid", "Decimal", "date", "datetime"}
        )
    return name in arguments and bool(_CHECKING.search(last))


def _checks(link: Expr, name: str) -> bool:
    return bool(_CHECKING.search(link.parts[0].text)) and any(part.dotted() == name for part in link.parts[1:])
