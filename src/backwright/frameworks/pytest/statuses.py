"""How tests write the status of an answer: as a number or by name, as the house does and its linter allows."""

from __future__ import annotations

from http import HTTPStatus

from backwright.kit.artifacts import ResourcePlan

STATUS_IMPORTS = ("from fastapi import status", "from http import HTTPStatus")
# FastAPI has renamed this one: neither name is there in all versions.
_RENAMED = {422: "UNPROCESSABLE_ENTITY"}


def status(plan: ResourcePlan, code: int) -> str:
    """The source of a status that an answer is compared with."""
    style, path = plan.house.tests, plan.paths.get("test", "")
    spelled = style.statuses if style is not None else "number"
    if spelled == "number" and not plan.house.linting.selects("PLR2004", path):
        return str(code)
    name = _RENAMED.get(code, HTTPStatus(code).name)
    return f"status.HTTP_{code}_{name}" if spelled == "status" and code not in _RENAMED else f"HTTPStatus.{name}"
