"""Fixtures of generated tests: rows that the new resource refers to, recorded SQL statements."""

from __future__ import annotations

from dataclasses import dataclass

from backwright.core.facts import Table
from backwright.frameworks.pytest.samples import column_value, required_columns
from backwright.kit.artifacts import ResourcePlan
from backwright.kit.house import Ref, TestStyle
from backwright.kit.templates import render

_MAX_DEPTH = 4


@dataclass(frozen=True)
class Making:
    """How to make one row: the variable, its class, the source that builds it."""

    variable: str
    entity: Ref
    build: str
    key: str


def makings(plan: ResourcePlan) -> list[Making] | None:
    """The rows that the references need, their own references first; None when one of them cannot be made up."""
    return makings_of(plan, [(f.target.facts, f.target.path) for f in plan.refs if f.target is not None])


def makings_of(plan: ResourcePlan, wanted: list[tuple[Table, str]]) -> list[Making] | None:
    """The rows of these tables and of what they refer to; None when one of them cannot be made up."""
    made: dict[str, Making] = {}
    entities = {t.table: (p, t) for p, t in plan.index.tables()}
    for table, path in wanted:
        if not _make(plan, table, path, made, entities, 0):
            return None
    return list(made.values())


def _make(
    plan: ResourcePlan,
    table: Table,
    path: str,
    made: dict[str, Making],
    entities: dict[str, tuple[str, Table]],
    depth: int,
) -> bool:
    if table.entity in made:
        return True
    if depth > _MAX_DEPTH:
        return False
    arguments = []
    for column in required_columns(table):
        if column.foreign_key:
            owner = entities.get(column.foreign_key.rpartition(".")[0])
            if owner is None or owner[1].entity == table.entity:
                return False
            if not _make(plan, owner[1], owner[0], made, entities, depth + 1):
                return False
            parent = made[owner[1].entity]
            arguments.append(f"{column.name}={parent.variable}.{column.foreign_key.rpartition('.')[2]}")
            continue
        value = column_value(column)
        if value is None:
            enum = plan.index.resolve(path, column.python)
            if enum is None or enum.symbol.kind != "class" or not enum.symbol.fields:
                return False
            value = f"{column.python}.{enum.symbol.fields[0].name}"
        arguments.append(f"{column.name}={value}")
    key = next((c.name for c in table.columns if c.primary_key), "id")
    variable = "".join("_" + c.lower() if c.isupper() else c for c in table.entity).lstrip("_")
    made[table.entity] = Making(
        variable, Ref(table.entity, plan.index.module(path)), f"{table.entity}({', '.join(arguments)})", key
    )
    return True


def enum_imports(plan: ResourcePlan, made: list[Making]) -> list[str]:
    """Enum classes that made-up rows mention."""
    out = []
    for path, table in plan.index.tables():
        for column in table.columns:
            if any(f"{column.python}." in m.build for m in made) and column.python.isidentifier():
                found = plan.index.resolve(path, column.python)
                if found is not None:
                    out.append(f"from {plan.index.module(found.path)} import {column.python}")
    return out


def session_type(plan: ResourcePlan, style: TestStyle) -> Ref:
    """The type of the tests' session: that of the service, unless only one of the two waits."""
    if style.session_async == plan.house.session.is_async:
        return plan.house.session.type
    return Ref("AsyncSession", "sqlalchemy.ext.asyncio") if style.session_async else Ref("Session", "sqlalchemy.orm")


def session_fixture(plan: ResourcePlan, style: TestStyle, made: list[Making]) -> str:
    """`references`: makes the rows, gives their keys, and takes away what the test left behind."""
    a = "await " if style.session_async else ""
    refs = [
        (f.attr, next(m for m in made if f.target is not None and m.entity.name == f.target.entity)) for f in plan.refs
    ]
    return render(
        "pytest/references.py.jinja",
        name="references" if refs else "clean",
        meaning=f"The rows that a {plan.class_name} refers to." if refs else "Nothing stays behind for other tests.",
        session=style.session,
        session_type=session_type(plan, style).name,
        a=a,
        is_async=style.session_async,
        fixture=declared(style, autouse=not refs),
        made=made,
        refs=[(attr, _key_source(m, as_text=_is_uuid(plan, attr))) for attr, m in refs],
        entity=plan.class_name,
    )


def owner_makings(plan: ResourcePlan) -> list[Making]:
    """The row of a user, the rows it refers to first; nothing where one cannot be made up."""
    owner = plan.owner_field
    if owner is None or owner.target is None:
        return []
    return makings_of(plan, [(owner.target.facts, owner.target.path)]) or []


def stranger_fixture(plan: ResourcePlan, style: TestStyle) -> str:
    """`stranger`: makes a user who is not the one that acts, and gives the key that rows of his carry."""
    assert plan.owner_field is not None, "asked for where rows have owners"
    made = owner_makings(plan)
    return render(
        "pytest/references.py.jinja",
        name="stranger",
        meaning="Somebody else than the user who acts.",
        session=style.session,
        session_type=session_type(plan, style).name,
        a="await " if style.session_async else "",
        is_async=style.session_async,
        fixture=declared(style),
        made=made,
        refs=[(plan.owner_field.attr, f"{made[-1].variable}.{made[-1].key}")],
        entity=plan.class_name,
    )


def declared(style: TestStyle, *, autouse: bool = False) -> str:
    """The decorator of a fixture that uses the session, as the house declares such."""
    name = style.fixture if style.session_async else "pytest.fixture"
    if not autouse:
        return name
    return f"{name[:-1]}, autouse=True)" if name.endswith(")") else f"{name}(autouse=True)"


def _key_source(making: Making, *, as_text: bool) -> str:
    """The key as JSON carries it."""
    key = f"{making.variable}.{making.key}"
    return f"str({key})" if as_text else key


def _is_uuid(plan: ResourcePlan, attr: str) -> bool:
    target = plan.field(attr).target
    return target is not None and target.key_python == "uuid"
