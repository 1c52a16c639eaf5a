"""How tests write the status of an answer: as a number or by name, as the house does and its linter allows."""

from __future__ import annotations

from backwright.kit.artifacts import ResourcePlan

STATUS_IMPORTS = ("from fastapi import status", "from http import HTTPStatus")
_NAMES = {
    200: "OK",
    201: "CREATED",
    202: "ACCEPTED",
    204: "NO_CONTENT",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
    429: "TOO_MANY_REQUESTS",
    503: "SERVICE_UNAVAILABLE",
}
_RENAMED = {422}  # by FastAPI: neither name is there in all versions


def status(plan: ResourcePlan, code: int) -> str:
    """The source of a status that an answer is compared with."""
    style, path = plan.house.tests, plan.paths.get("test", "")
    spelled = style.statuses if style is not None else "number"
    named = spelled != "number" or plan.house.linting.selects("PLR2004", path)
    if not named or code not in _NAMES:
        return str(code)
    by_fastapi = spelled == "status" and code not in _RENAMED and plan.name.snake != "status"  # a row is called so
    return f"status.HTTP_{code}_{_NAMES[code]}" if by_fastapi else f"HTTPStatus.{_NAMES[code]}"


def status_like(source: str, code: int) -> str:
    """The source of a status, spelled as another one in the same test is."""
    if "HTTPStatus" in source:
        return f"HTTPStatus.{_NAMES[code]}"
    return f"status.HTTP_{code}_{_NAMES[code]}" if "HTTP_" in source else str(code)
