"""Answers that an endpoint documents beside its own, where the house documents such."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.frameworks.fastapi.statuses import STATUS_NAMES
from backwright.kit.artifacts import ResourcePlan


def responses(plan: ResourcePlan, operation: str) -> str:
    """The argument `responses={…}` of an endpoint's decorator, `""` where there is nothing to document."""
    if not plan.house.router.documents:
        return ""
    named = plan.house.errors.status_names
    shown = {f"status.{STATUS_NAMES[code]}" if named else str(code): why for code, why in _answers(plan, operation)}
    entries = ", ".join(f'{code}: {{"description": "{why}"}}' for code, why in shown.items())
    return f"responses={{{entries}}}" if entries else ""


def _answers(plan: ResourcePlan, operation: str) -> Iterator[tuple[int, str]]:
    title = plan.name.human.capitalize()
    if plan.owner is not None and operation in plan.owner.ops:
        yield 403, "Not enough permissions"
    if operation in {"get", "update", "delete"}:
        yield 404, f"{title} not found"
    elif operation == "create" and plan.refs:
        yield (
            404,
            " or ".join(dict.fromkeys(f.target.name.human for f in plan.refs if f.target)).capitalize() + " not found",
        )
    if operation in {"create", "update"} and (plan.unique or plan.unique_together or plan.refs):
        yield 409, f"{title} conflicts with an existing row"
