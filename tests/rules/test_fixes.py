"""The fixes that rules offer: what they make of the text, and where they offer none."""

from __future__ import annotations

import pytest

from backwright.engine.mending import mend
from backwright.engine.registry import Registry
from backwright.kit.cases import Build

RULES = {rule.id: rule for rule in Registry().rules}
MODELS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    items: Mapped[list["Item"]] = relationship()


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
"""
HEAD = """\
import time

import requests
from fastapi import APIRouter, Depends
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.models import Order

router = APIRouter()


"""


def mended(build: Build, rule: str, body: str, grade: str = "unsafe") -> str:
    """The text of one module below its imports, after all fixes of one rule."""
    files = {"app/__init__.py": "", "app/models.py": MODELS, "app/api.py": HEAD + body}
    index, archmap = build(files)
    made = mend(list(RULES[rule].check(index, archmap)), files.get, grade=grade)
    assert not made.refused
    text = made.texts.get("app/api.py", files["app/api.py"])
    return text[text.index("router = APIRouter()\n") + len("router = APIRouter()\n\n\n") :]


CASES = [
    pytest.param(
        "BW601",
        "async def ping() -> None:\n    time.sleep(1)\n",
        "async def ping() -> None:\n    await asyncio.sleep(1)\n",
        id="sleep",
    ),
    pytest.param(
        "BW601",
        "async def ping(url: str) -> dict:\n    return requests.get(url, timeout=5).json()\n",
        "async def ping(url: str) -> dict:\n    return (await asyncio.to_thread(requests.get, url, timeout=5)).json()\n",
        id="a thread, and parentheses where the answer is used at once",
    ),
    pytest.param(
        "BW601",
        "async def ping(url: str) -> None:\n    requests.get(  # a ping\n        url,\n    )\n",
        "async def ping(url: str) -> None:\n    await asyncio.to_thread(requests.get,  # a ping\n        url,\n    )\n",
        id="a call on several lines",
    ),
    pytest.param(
        "BW601",
        "async def ping(urls: list[str]) -> list:\n    return [requests.get(u) for u in urls]\n",
        "async def ping(urls: list[str]) -> list:\n    return [requests.get(u) for u in urls]\n",
        id="none in a comprehension",
    ),
    pytest.param(
        "BW603",
        "async def ping() -> None: ...\n\n\nasync def go() -> None:\n    if not ping():\n        ping()\n",
        "async def ping() -> None: ...\n\n\nasync def go() -> None:\n    if not await ping():\n        await ping()\n",
        id="await",
    ),
    pytest.param(
        "BW301",
        '@router.get("/a")\ndef a(name: str, s: Session = Depends()):\n'
        "    return s.execute(text(f\"select 1 from o where n = '{name}' and m = {name}\"))\n",
        '@router.get("/a")\ndef a(name: str, s: Session = Depends()):\n'
        '    return s.execute(text("select 1 from o where n = :name and m = :name"), {"name": name})\n',
        id="bind parameters, and their quotes go",
    ),
    pytest.param(
        "BW301",
        '@router.get("/a")\ndef a(name: str, s: Session = Depends()):\n'
        '    return s.execute(text(f"select 1 from {name}"))\n',
        '@router.get("/a")\ndef a(name: str, s: Session = Depends()):\n'
        '    return s.execute(text(f"select 1 from {name}"))\n',
        id="the name of a table cannot be bound",
    ),
    pytest.param(
        "BW301",
        '@router.get("/a")\ndef a(name: str, s: Session = Depends()):\n'
        '    q = text(\n        "select 1 from o "\n'
        "        f\"where n like '%{name}' and k = 'x%'\"\n        f\" and m = '{name}'\"\n    )\n    return s.execute(q)\n",
        '@router.get("/a")\ndef a(name: str, s: Session = Depends()):\n'
        '    q = text(\n        "select 1 from o "\n'
        "        f\"where n like '%{name}' and k = 'x%'\"\n        f\" and m = '{name}'\"\n    )\n    return s.execute(q)\n",
        id="two values of one name are two parameters, which is for a person",
    ),
    pytest.param(
        "BW301",
        '@router.get("/a")\ndef a(name: str, city: str, s: Session = Depends()):\n'
        '    q = text(\n        "select 1 from o "\n'
        "        f\"where n like '%{name}' and k = 'x%'\"\n        f\" and m = '{city}'\"\n    )\n    return s.execute(q)\n",
        '@router.get("/a")\ndef a(name: str, city: str, s: Session = Depends()):\n'
        '    q = text(\n        "select 1 from o "\n'
        '        "where n like :name and k = \'x%\'"\n        " and m = :city"\n    )\n'
        '    return s.execute(q, {"name": f"%{name}", "city": city})\n',
        id="literals beside each other, a pattern, a text with a name",
    ),
    pytest.param(
        "BW301",
        '@router.get("/a")\ndef a(name: str, s: Session = Depends()):\n'
        "    return s.execute(text(f\"select 1 from o where n = '{name}'::uuid\"))\n",
        '@router.get("/a")\ndef a(name: str, s: Session = Depends()):\n'
        "    return s.execute(text(f\"select 1 from o where n = '{name}'::uuid\"))\n",
        id="a cast would be read as a part of the name",
    ),
    pytest.param(
        "BW303",
        "def counts(s: Session) -> list[int]:\n    found = s.scalars(select(Order).limit(5)).all()\n"
        "    return [len(o.items) for o in found]\n",
        "def counts(s: Session) -> list[int]:\n"
        "    found = s.scalars(select(Order).options(selectinload(Order.items)).limit(5)).all()\n"
        "    return [len(o.items) for o in found]\n",
        id="load with the query",
    ),
    pytest.param(
        "BW203",
        '@router.get("/a")\ndef a(s: Session = Depends(), limit: int = 500) -> list:\n'
        "    return s.scalars(select(Order).limit(limit)).all()\n",
        '@router.get("/a")\ndef a(s: Session = Depends(), limit: int = Query(500, le=500)) -> list:\n'
        "    return s.scalars(select(Order).limit(limit)).all()\n",
        id="a maximum, not below the default",
    ),
]


@pytest.mark.parametrize(("rule", "before", "after"), CASES)
def test_fix(build: Build, rule: str, before: str, after: str) -> None:
    assert mended(build, rule, before) == after


def test_only_safe_fixes_are_made_without_asking(build: Build) -> None:
    body = "async def ping(url: str) -> None:\n    time.sleep(1)\n\n\nasync def pong(url: str) -> None:\n    requests.get(url)\n"
    made = mended(build, "BW601", body, grade="safe")
    assert "await asyncio.sleep(1)" in made
    assert "    requests.get(url)\n" in made


def test_a_fix_is_gone_once_it_is_made(build: Build) -> None:
    for case in CASES:
        rule, before, after = (str(v) for v in case.values)
        if before == after:
            continue
        files = {"app/__init__.py": "", "app/models.py": MODELS, "app/api.py": HEAD + before}
        index, archmap = build(files)
        made = mend(list(RULES[rule].check(index, archmap)), files.get, grade="unsafe")
        index, archmap = build({**files, **made.texts})
        assert not [f for f in RULES[rule].check(index, archmap) if f.fix is not None], case.id
