"""Statuses of HTTP as Python's code spells them."""

from __future__ import annotations

import re

from backwright.core.facts import Expr

_OF_HTTPSTATUS = {
    "BAD_REQUEST": 400, "UNAUTHORIZED": 401, "PAYMENT_REQUIRED": 402, "FORBIDDEN": 403, "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405, "NOT_ACCEPTABLE": 406, "REQUEST_TIMEOUT": 408, "CONFLICT": 409, "GONE": 410,
    "PRECONDITION_FAILED": 412, "REQUEST_ENTITY_TOO_LARGE": 413, "UNSUPPORTED_MEDIA_TYPE": 415,
    "UNPROCESSABLE_ENTITY": 422, "LOCKED": 423, "FAILED_DEPENDENCY": 424, "TOO_MANY_REQUESTS": 429,
    "INTERNAL_SERVER_ERROR": 500, "NOT_IMPLEMENTED": 501, "BAD_GATEWAY": 502, "SERVICE_UNAVAILABLE": 503,
    "GATEWAY_TIMEOUT": 504,
}  # fmt: skip
_NAMED = re.compile(r"HTTP_(\d{3})(_|$)")


def status_of(expr: Expr | None) -> int | None:
    """The status that an expression is: `404`, `status.HTTP_404_NOT_FOUND`, `HTTPStatus.NOT_FOUND`.

    None for another expression, and for names of `HTTPStatus` that are no errors.
    """
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
    return _OF_HTTPSTATUS.get(expr.text) if "HTTPStatus" in expr.dotted() else None
