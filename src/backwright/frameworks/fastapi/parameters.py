"""Spelling handler parameters: keys, pages, filters, dependencies."""

from __future__ import annotations

from backwright.frameworks.fastapi.pages import PAGES
from backwright.kit.artifacts import FieldPlan, ResourcePlan
from backwright.kit.house import Guard, Ref
from backwright.kit.imitation import fill
from backwright.kit.spelling import INT32_MAX, KEY_TYPES, python_type

NO_NUL = 'pattern=r"^[^\\x00]*$"'


def query(name: str, kind: str, default: str, arguments: str, *, annotated: bool) -> str:
    """A query parameter with its bounds, by Annotated or as a default."""
    if not arguments:
        return f"{name}: {kind} = {default}"
    if annotated:
        return f"{name}: Annotated[{kind}, Query({arguments})] = {default}"
    return f"{name}: {kind} = Query(default={default}, {arguments})"


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


def page_parameters(plan: ResourcePlan) -> list[str]:
    """How many and from where, always with a maximum."""
    pages, annotated = plan.house.pages, plan.house.router.annotated
    if not plan.listing.paginate:
        return []
    size = query(
        pages.size, "int", str(plan.listing.page_default), f"ge=1, le={plan.listing.page_max}", annotated=annotated
    )
    first = pages.first if pages.kind == "page" else 0
    at = query(pages.at, "int", str(first), f"ge={first}, le={INT32_MAX}", annotated=annotated)
    return [at, size]


def page_variables(plan: ResourcePlan) -> tuple[str, str]:
    """(limit, offset) as expressions over the page parameters."""
    pages = plan.house.pages
    if pages.kind == "page" or pages.at in PAGES:
        start = f"({pages.at} - {pages.first})" if pages.first else pages.at
        return pages.size, f"{start} * {pages.size}"
    return pages.size, pages.at


def filter_parameter(field: FieldPlan, plan: ResourcePlan) -> str:
    """One filter, bounded as its column is."""
    kind = python_type(field)
    bounds = ""
    if field.target is not None and field.target.key_python == "int":
        bounds = f"ge=1, le={INT32_MAX}"
    elif field.type == "integer":
        bounds = f"ge=-(2**31), le={INT32_MAX}"
    elif kind == "str":
        bounds = f"max_length=255, {NO_NUL}"
    elif field.type == "datetime":
        kind = "AwareDatetime"
    return query(field.attr, f"{kind} | None", "None", bounds, annotated=plan.house.router.annotated)


def sort_parameter(plan: ResourcePlan) -> str:
    """The allow-list of orders; a minus turns one round."""
    names = [
        plan.field(n).attr if any(n in {f.spec.name, f.attr} for f in plan.fields) else n for n in plan.listing.sorts
    ]
    values = ", ".join(f'"{n}", "-{n}"' for n in names)
    return f'sort: Literal[{values}] = "{names[0]}"'


def search_parameter(plan: ResourcePlan) -> str:
    return query(
        "search", "str | None", "None", f"min_length=1, max_length=255, {NO_NUL}", annotated=plan.house.router.annotated
    )


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
