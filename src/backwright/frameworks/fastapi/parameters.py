"""Spelling handler parameters: keys and dependencies."""

from __future__ import annotations

from backwright.kit.artifacts import ResourcePlan
from backwright.kit.house import Guard, Ref
from backwright.kit.imitation import fill
from backwright.kit.spelling import INT32_MAX, KEY_TYPES

NO_NUL = 'pattern=r"^[^\\x00]*$"'


def key_parameter(plan: ResourcePlan) -> str:
    """The key in the path. Integers are bounded: what the column cannot hold must not reach the database."""
    name, kind = id_name(plan), KEY_TYPES[plan.key_python]
    bounds = {"int": f"ge=1, le={int_limit(plan)}", "str": f"max_length=255, {NO_NUL}"}.get(plan.key_python, "")
    if not bounds:
        return f"{name}: {kind}"
    if plan.house.router.annotated:
        return f"{name}: Annotated[{kind}, Path({bounds})]"
    return f"{name}: {kind} = Path({bounds})"


def int_limit(plan: ResourcePlan) -> str:
    key = plan.house.model.key
    return "2**63 - 1" if key is not None and "Big" in key.type else INT32_MAX


def id_name(plan: ResourcePlan) -> str:
    return fill(plan.house.router.id_param, plan.name)


def dependency(name: str, kind: str, provider: str, *, annotated: bool, alias: str = "") -> str:
    """A parameter that arrives through Depends."""
    if alias:
        return f"{name}: {alias}"
    if annotated:
        return f"{name}: Annotated[{kind}, Depends({provider})]"
    return f"{name}: {kind} = Depends({provider})"


def session_parameter(plan: ResourcePlan) -> str:
    style = plan.house.session
    return dependency(
        style.param,
        style.type.name,
        style.dependency.name,
        annotated=plan.house.router.annotated,
        alias=style.alias.name if style.alias else "",
    )


def user_parameter(plan: ResourcePlan, guard: Guard) -> str:
    kind = plan.house.auth.user.name if plan.house.auth.user is not None else "Any"
    return dependency(
        "current_user",
        kind,
        guard.expr,
        annotated=plan.house.router.annotated,
        alias=guard.alias.name if guard.alias else "",
    )


def guard_lines(guards: list[Guard]) -> list[str]:
    """The imports that guards need."""
    refs: list[Ref] = [r for g in guards for r in (*g.imports, *((g.alias,) if g.alias else ()))]
    return [r.line for r in refs]
