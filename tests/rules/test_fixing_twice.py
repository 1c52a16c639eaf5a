"""Fixing twice is fixing once, and what was fixed parses and is found no more, whatever stands around it."""

from __future__ import annotations

import ast
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backwright.core.findings import Finding
from backwright.engine.mending import mend_proven
from backwright.engine.registry import Registry
from backwright.kit.cases import Build

HEAD = """from sqlalchemy import ForeignKey, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship
from fastapi import APIRouter, Query, Response

router = APIRouter()


class Base(DeclarativeBase):
    pass


class Line(Base):
    __tablename__ = "lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list["Line"]] = relationship()
    notes: Mapped[list["Note"]] = relationship()
"""
IMPORTS = ("import time", "import requests", "from time import sleep", "import asyncio", "import subprocess")
STATEMENTS = (
    "time.sleep({n})",
    "sleep({n})",
    "time.sleep(\n        {n},\n    )",
    "answer = requests.get('https://example.org/ü', timeout={n}).json()",
    "subprocess.run(['ls', name])",
    "rows = await session.execute(text(f\"SELECT id FROM orders WHERE name = '{{name}}'\"))",
    "rows = await session.execute(text(f\"SELECT id FROM orders WHERE name LIKE '%{{name}}%' AND city = '{{city}}'\"),)",
    "query = text(f\"SELECT id FROM orders WHERE name = '{{name}}' -- ü\")\n    await session.execute(query)",
    "rows = await session.execute(text(f\"SELECT id FROM orders WHERE name = '{{name}}' ORDER BY {{city}}\"))",
    "found = (await session.scalars(select(Order).limit({n}))).all()\n    sizes = [len(order.lines) for order in found]",
    "found = (await session.scalars(select(Order))).all()\n    sizes = [(len(o.lines), len(o.notes)) for o in found]",
    "found = (await session.scalars(select(Order))).all()\n    print([len(order.lines) for order in found])",
    "joined = select(Order).options(joinedload(Order.lines), joinedload(Order.notes))",
    "response.set_cookie('session', name)",
    "response.set_cookie(\n        key='access_token',\n        value=name,\n        secure=False,\n    )",
    "helper(name)",
    "print('é', name)",
)
PARAMETERS = (
    "limit: int = 20",
    "limit: int = Query(20)",
    "limit: int = Query(20, ge=1,)",
    "limit: int = Query(20, le=50)",
)


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A module of handlers that do several things wrong, some of them twice."""
    imports = draw(st.lists(st.sampled_from(IMPORTS), unique=True))
    parts = [*imports, HEAD, "\nasync def helper(name: str) -> None:\n    print(name)\n"]
    for number in range(draw(st.integers(1, 2))):
        lines = draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4))
        body = "".join(f"    {line.format(n=draw(st.integers(1, 9)))}\n" for line in lines)
        limit = draw(st.sampled_from(PARAMETERS))
        parts.append(
            f'\n\n@router.get("/orders{number}")\n'
            f"async def handler_{number}(session: AsyncSession, response: Response, name: str, city: str, {limit}) -> list[Order]:\n"
            f"{body}    return list((await session.scalars(select(Order).limit(limit))).all())\n"
        )
    return "\n".join(parts)


def fixed(text: str, build: Build) -> tuple[str, tuple[Finding, ...], list[Finding]]:
    """The text with all its fixes, what they fixed, and what is found before."""
    rules = [rule for rule in Registry().rules if rule.id in FIXING]

    def look(texts: dict[str, str]) -> list[Finding]:
        index, archmap = build({"app/api/orders.py": texts.get("app/api/orders.py", text)})
        return [finding for rule in rules for finding in rule.check(index, archmap)]

    found = look({})
    made = mend_proven(found, {"app/api/orders.py": text}.get, lambda texts: look(dict(texts)), grade="unsafe")
    return made.texts.get("app/api/orders.py", text), made.fixed, found


FIXING = {"BW203", "BW301", "BW303", "BW305", "BW509", "BW601", "BW603"}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(modules())
def test_twice_is_once(build: Build, text: str) -> None:
    once, done, before = fixed(text, build)
    ast.parse(once)
    twice, again, after = fixed(once, build)
    assert twice == once, [f.message for f in again]
    had, gone, has = (Counter(f.fingerprint for f in found) for found in (before, done, after))
    assert all(has[print_] <= had[print_] - times for print_, times in gone.items())


def test_the_property_sees_every_rule_that_fixes(build: Build) -> None:
    """Each statement in a handler of its own: each of the rules has something to fix."""
    handlers = (
        f'\n\n@router.get("/orders{number}")\n'
        f"async def handler_{number}(session: AsyncSession, response: Response, name: str, city: str, {PARAMETERS[0]}) -> object:\n"
        f"    {line.format(n=1)}\n    rows = await session.scalars(select(Order).limit(limit))\n"
        for number, line in enumerate(STATEMENTS)
    )
    head = "\n".join((*IMPORTS, HEAD, "\nasync def helper(name: str) -> None:\n    print(name)\n"))
    _, done, _ = fixed(head + "".join(handlers), build)
    assert {f.rule for f in done} == FIXING
