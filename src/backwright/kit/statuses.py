"""Statuses of HTTP as code spells them."""

from __future__ import annotations

import re
from http import HTTPStatus

from backwright.core.facts import Expr

_OWNER = re.compile(r"http_?status|status_?codes?", re.IGNORECASE)
_NAMED = re.compile(r"HTTP_(\d{3})(_|$)")


def status_named(name: str) -> int | None:
    """The number of a status by its name in `HTTPStatus`: `NOT_FOUND`."""
    known = HTTPStatus.__members__.get(name)
    return known.value if known is not None else None


def status_of(expr: Expr | None) -> int | None:
    """The status that an expression is: `404`, `status.HTTP_404_NOT_FOUND`, `HttpStatus.NOT_FOUND`; None for another."""
    if expr is None:
        return None
    if expr.kind == "constant" and expr.text.isdigit():
        return int(expr.text)
    if expr.kind not in {"name", "attribute"}:
        return None
    named = _NAMED.match(expr.text)
    if named is not None:
        return int(named[1])
    if expr.text == "value" and expr.parts:
        return status_of(expr.parts[0])
    return status_named(expr.text) if _OWNER.search(expr.dotted()) else None
