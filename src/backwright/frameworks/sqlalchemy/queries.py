"""Data access for a new resource as statements on a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backwright.kit.artifacts import FieldPlan, Fragments, ResourcePlan
from backwright.kit.spelling import KEY_TYPES, python_type
from backwright.kit.templates import render

IMPORTS = (
    "from sqlalchemy import ColumnElement, func, or_, select",
    "from sqlalchemy.exc import IntegrityError",
    "from sqlalchemy.orm import InstrumentedAttribute",
)
SQLMODEL_IMPORTS = (
    "from sqlalchemy import ColumnElement, or_",
    "from sqlalchemy.exc import IntegrityError",
    "from sqlmodel import col, func, select",
)


def query_fragments(plan: ResourcePlan, session: str) -> Fragments:
    """Statements on the session that is reached as `session` (`self.session`, `db`)."""
    style = plan.house.session
    a = "await " if style.is_async else ""
    entity_imports = [f"from {plan.module('model')} import {plan.class_name}"]
    entity_imports += [f.target.ref.line for f in plan.columns if f.target is not None]
    entity_imports += [f"from {plan.module('model')} import {f.enum}" for f in plan.fields if f.enum]
    return Fragments(
        get=lambda key: f"{a}{session}.get({plan.class_name}, {key})",
        find={f.attr: _finder(plan, f, session, a) for f in plan.unique},
        missing={f.attr: _missing(f, session, a) for f in plan.refs},
        listing=_listing(plan, session, a),
        add=lambda conflict: _persist(plan, session, conflict, add=True),
        save=lambda conflict: _persist(plan, session, conflict, add=False),
        remove=f"{a}{session}.delete({plan.name.snake})\n{a}{session}.{commit_of(plan)}()",
        imports=(
            *(SQLMODEL_IMPORTS if style.sqlmodel else IMPORTS),
            *dict.fromkeys(entity_imports),
            plan.list_query_import,
        ),
    )


def bracket(a: str, call: str) -> str:
    """An awaited call needs brackets before its result can be used further."""
    return f"({a}{call})" if a else call


def commit_of(plan: ResourcePlan) -> str:
    """`flush` where the dependency that gives the session commits, else `commit`."""
    return "commit" if plan.house.session.commits == "explicit" else "flush"


def _finder(plan: ResourcePlan, field: FieldPlan, session: str, a: str) -> Callable[[str], str]:
    column = f"{plan.class_name}.{field.attr}"
    if plan.house.session.sqlmodel:
        return lambda value: (
            f"{bracket(a, f'{session}.exec(select({plan.class_name}).where({column} == {value}))')}.first()"
        )
    # `scalar` would give Any to a type checker
    return lambda value: (
        f"{bracket(a, f'{session}.scalars(select({plan.class_name}).where({column} == {value}))')}.first()"
    )


def _missing(field: FieldPlan, session: str, a: str) -> Callable[[str], str]:
    assert field.target is not None
    entity = field.target.entity
    return lambda value: f"{a}{session}.get({entity}, {value}) is None"


def _listing(plan: ResourcePlan, session: str, a: str) -> str:
    listing, sqlmodel = plan.listing, plan.house.session.sqlmodel

    def column(name: str) -> str:
        return f"col({plan.class_name}.{name})" if sqlmodel else f"{plan.class_name}.{name}"

    filters = [plan.field(n) for n in listing.filters]
    own = plan.owner_field if plan.owner is not None and plan.owner.list_own else None
    return render(
        "sqlalchemy/listing.jinja",
        session=session,
        a=a,
        name=plan.class_name,
        asked=plan.list_prefix,
        filters=[{"param": f"{plan.list_prefix}{f.attr}", "column": column(f.attr)} for f in filters],
        search=[column(plan.field(n).attr) for n in listing.search],
        own=column(own.attr) if own is not None else "",
        sorts=listing.sorts,
        sort_table=sort_table_name(plan),
        tie=", ".join(column(n) for n in tie_breakers(plan)),
        paginate=listing.paginate,
        sqlmodel=sqlmodel,
    ).strip()


def tie_breakers(plan: ResourcePlan) -> list[str]:
    """What makes the order total: creation first where keys are random, the key last."""
    created = [c.name for c in plan.house.model.timestamps if c.name.startswith("creat") or "_creat" in c.name]
    return [*(created[:1] if plan.key_python != "int" and not plan.listing.sorts else []), plan.key]


def sort_table_name(plan: ResourcePlan) -> str:
    return f"{plan.name.snake.upper()}_SORT_COLUMNS"


def sort_table(plan: ResourcePlan) -> str:
    """The allow-list of sort columns, `""` when nothing is sorted by."""
    if not plan.listing.sorts:
        return ""
    sqlmodel = plan.house.session.sqlmodel
    rows = []
    for name in plan.listing.sorts:
        attr = plan.field(name).attr if any(name in {f.spec.name, f.attr} for f in plan.fields) else name
        column = f"col({plan.class_name}.{attr})" if sqlmodel else f"{plan.class_name}.{attr}"
        rows.append(f'    "{attr}": {column},')
    kind = "Any" if sqlmodel or plan.house.model.declarative == "column" else "InstrumentedAttribute[Any]"
    return f"{sort_table_name(plan)}: dict[str, {kind}] = {{\n" + "\n".join(rows) + "\n}"


def _persist(plan: ResourcePlan, session: str, conflict: str, *, add: bool) -> str:
    style = plan.house.session
    return render(
        "sqlalchemy/persist.jinja",
        session=session,
        var=plan.name.snake,
        a="await " if style.is_async else "",
        add=add,
        conflict=conflict,
        commit=commit_of(plan),
        rollback=style.commits == "explicit",
    ).strip()


def list_params(plan: ResourcePlan) -> list[tuple[str, str, str]]:
    """(name, annotation, default) of what a list is asked for, page first."""
    out = []
    if plan.listing.paginate:
        out += [("limit", "int", ""), ("offset", "int", "")]
    if plan.list_query:
        out.append(("query", plan.list_query, ""))
    else:
        out += _asked_one_by_one(plan)
    if plan.owner is not None and plan.owner.list_own:
        kind = plan.owner_field.target.key_python if plan.owner_field and plan.owner_field.target else "int"
        out.append(("owner_id", f"{KEY_TYPES[kind]} | None", "None"))
    return out


def _asked_one_by_one(plan: ResourcePlan) -> Iterator[tuple[str, str, str]]:
    if plan.listing.sorts:
        yield "sort", "str", ""
    for field in map(plan.field, plan.listing.filters):
        yield field.attr, f"{python_type(field)} | None", "None"
    if plan.listing.search:
        yield "search", "str | None", "None"
