"""The errors that the functions of a new resource throw, made as this project makes them."""

from __future__ import annotations

from collections.abc import Iterable

from backwright.core.errors import Unsupported
from backwright.stacks.express.decide import ExpressPlan
from backwright.stacks.express.imports import Bound, exported


def invalid_status(plan: ExpressPlan) -> int:
    """What a request is answered that refers to what is not there."""
    return 422 if plan.house.failures.get(422) and plan.house.failures.get(422) != plan.house.failures.get(400) else 400


def statuses(plan: ExpressPlan) -> set[int]:
    """The errors that the functions of this resource throw."""
    found = {404} if {"get", "update", "delete"} & set(plan.operations) else set()
    if plan.owner is not None and set(plan.owner.ops) & set(plan.operations):
        found.add(403)
    if any(f.target is not None for f in plan.fields) and {"create", "update"} & set(plan.operations):
        found.add(invalid_status(plan))
    if has_unique(plan) or "delete" in plan.operations:
        found.add(409)
    return found


def has_unique(plan: ExpressPlan) -> bool:
    """Whether two rows may not be alike."""
    return any(f.spec.unique for f in plan.fields) or bool(plan.unique_together)


def refuse_errors(plan: ExpressPlan) -> None:
    """Raises Unsupported for an error that this project has no way to say."""
    for status in sorted(statuses(plan)):
        if status not in plan.house.failures:
            raise Unsupported(
                f"no error of this project becomes status {status}: none is thrown and no class of its own has it",
                where=plan.sibling.service,
                hints=("an error class whose constructor takes a status or stands for this one would do",),
            )


def failure(plan: ExpressPlan, status: int, message: str) -> str:
    """The error of a status, made."""
    quoted = "'" + message.replace("'", "\\'") + "'"
    return plan.house.failures[status].call.replace("{message}", quoted)


def failure_imports(plan: ExpressPlan, path: str, wanted: Iterable[int]) -> list[Bound]:
    """The imports of the errors of these statuses."""
    found: list[Bound] = []
    for status in wanted:
        for name, target in plan.house.failures[status].imports:
            if target in plan.index.files:
                found.append(exported(plan, path, name, target))
            elif target:
                found.append(Bound(target, "default", name))
    return found
