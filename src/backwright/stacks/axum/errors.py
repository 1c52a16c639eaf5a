"""The errors that the functions of a new resource give back, made as this project makes them."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.kit.templates import render
from backwright.stacks.axum.decide import AxumPlan


def refusal_text(plan: AxumPlan) -> str:
    """The functions that say what a refusal of the database means."""
    failures, name = plan.house.failures, plan.name
    refs = [f for f in plan.fields if f.target is not None]
    unique = [f.spec.name.replace("_", " ") for f in plan.fields if f.spec.unique]
    taken = f"a {name.human} with this {unique[0]} exists already" if unique else f"this {name.human} exists already"
    missing = (
        f"there is no such {refs[0].target.name.human}"
        if len(refs) == 1 and refs[0].target
        else "what it refers to does not exist"
    )
    writes = {"create", "update"} & set(plan.operations)
    return render(
        "axum/refusals.jinja",
        error=failures.name,
        conflict=failure(plan, 409, taken) if writes and has_unique(plan) else "",
        invalid=failure(plan, invalid_status(plan), missing) if writes and refs else "",
        in_use=failure(plan, 409, f"the {name.human} is in use")
        if 409 in failures.made and "delete" in plan.operations
        else "",
        other=other_error(plan),
        writes=bool(writes) or other_error(plan) != "error.into()",
    )


def other_error(plan: AxumPlan) -> str:
    """What any other error of the database becomes. Raises Unsupported where nothing can be made of it."""
    failures = plan.house.failures
    text = plan.sources.read(failures.path) if failures.path else ""
    converts = re.search(r"From<(?:sqlx::)?(?:error::)?Error>\s+for|#\[from\]\s*sqlx::Error|From<sqlx::Error>", text)
    if converts is not None or _general(text):
        return "error.into()"
    if 500 in failures.made:
        return failures.made[500].format(message="error.to_string()", literal='"something went wrong"')
    raise Unsupported(f"{failures.name} cannot be made of an error of the database", where=failures.path)


def _general(text: str) -> bool:
    """Whether any error becomes one of this type: `impl<E: Into<anyhow::Error>> From<E>`."""
    return re.search(r"impl<E>\s*From<E>\s+for", text) is not None or "#[from] anyhow::Error" in " ".join(text.split())


def invalid_status(plan: AxumPlan) -> int:
    """What a request is answered that refers to what is not there."""
    made = plan.house.failures.made
    refers = re.compile(
        r"(?:is_foreign_key_violation\(\)|ForeignKeyViolation|\"23503\")[^;]{0,200}?(?:Self|\w+)::(\w+)"
    )
    for path in plan.index.files:
        for variant in refers.findall(plan.sources.read(path)):
            found = next((s for s, m in made.items() if s in {400, 404, 422} and f"::{variant}" in m), 0)
            if found:
                return found
    return 422 if 422 in made and made.get(422) != made.get(400) else 400


def validation_status(plan: AxumPlan) -> int:
    """What a request is answered whose values break a rule."""
    return 422 if 422 in plan.house.failures.made else 400


def has_unique(plan: AxumPlan) -> bool:
    """Whether two rows may not be alike."""
    return any(f.spec.unique for f in plan.fields) or bool(plan.unique_together)


def failure(plan: AxumPlan, status: int, message: str) -> str:
    """The error of a status, made. Raises Unsupported where the house has none."""
    failures = plan.house.failures
    if status not in failures.made:
        raise Unsupported(
            f"no error of this project becomes status {status}: {failures.name} has no variant with it that a text makes",
            where=failures.path or plan.sibling.handlers,
            hints=("a variant of the error with a text, and its status where it becomes a response, would do",),
        )
    quoted = '"' + message.replace('"', '\\"') + '"'
    return failures.made[status].format(message=f"{quoted}.to_string()", literal=quoted)


def absent(plan: AxumPlan) -> str:
    """What turns an empty answer into the error that there is no such row."""
    made = failure(plan, 404, f"{plan.name.human} not found")
    return f"ok_or({made})" if "(" not in made and "{" not in made else f"ok_or_else(|| {made})"
