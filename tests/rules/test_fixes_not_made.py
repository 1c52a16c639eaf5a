"""Odd code that a fix would break: it stays as it is, and what reads almost the same is mended."""

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
    notes: Mapped[list["Note"]] = relationship()


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
"""
HEAD = """\
import sqlite3

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Order

router = APIRouter()
connection = sqlite3.connect("shop.db")


"""
READ = '@router.get("/a")\ndef a(name: str, names: str):\n'
SQL = "f\"select 1 from o where n = '{name}'\""
LOGIN = '@router.post("/login")\ndef login(response: Response, token: str):\n'
LIST = '@router.get("/orders")\ndef orders(s: Session = Depends()):\n    return s.scalars(select(Order).options('


def after_fixes(build: Build, rule: str, files: dict[str, str]) -> dict[str, str]:
    index, archmap = build(files)
    found = list(RULES[rule].check(index, archmap))
    assert found, "what is not found cannot be fixed wrong"
    return {**files, **mend(found, files.get, grade="unsafe").texts}


def python(body: str) -> dict[str, str]:
    return {"app/__init__.py": "", "app/models.py": MODELS, "app/api.py": HEAD + body}


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        pytest.param(
            "BW301",
            f"{READ}    sql = {SQL}\n    name = name.upper()\n    return connection.execute(sql).fetchall()\n",
            id="a value that is another when the text is run",
        ),
        pytest.param(
            "BW301",
            f"{READ}    sql = {SQL}\n    for name in names.split():\n        connection.execute(sql)\n",
            id="a value that a loop gives anew",
        ),
        pytest.param(
            "BW301", f"{READ}    return connection.execute(({SQL})).fetchall()\n", id="a text in parentheses of its own"
        ),
        pytest.param(
            "BW509", f'{LOGIN}    response.set_cookie("session", (token))\n', id="a value in parentheses of its own"
        ),
        pytest.param(
            "BW509",
            f'{LOGIN}    response.set_cookie("session", token, 1, 2, "/", None, True, httponly=False)\n',
            id="a flag that is passed by its position",
        ),
        pytest.param(
            "BW305",
            f"{LIST}joinedload(Order.items, innerjoin=True), joinedload(Order.notes, innerjoin=True))).unique().all()\n",
            id="what only a join takes",
        ),
    ],
)
def test_it_stays_as_it_is(build: Build, rule: str, body: str) -> None:
    files = python(body)
    assert after_fixes(build, rule, files) == files


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        pytest.param(
            "BW301",
            f"{READ}    return connection.execute(\n        {SQL},\n    ).fetchall()\n",
            f'{READ}    return connection.execute(\n        "select 1 from o where n = ?", (name,),\n    ).fetchall()\n',
            id="a call on several lines, with a comma at its end",
        ),
        pytest.param(
            "BW301",
            f"{READ}    for name in names.split():\n        sql = {SQL}\n        connection.execute(sql)\n",
            f"{READ}    for name in names.split():\n"
            '        sql = "select 1 from o where n = ?"\n        connection.execute(sql, (name,))\n',
            id="a value and its text in the same round of a loop",
        ),
        pytest.param(
            "BW509",
            f'{LOGIN}    response.set_cookie("session", token,)\n',
            f'{LOGIN}    response.set_cookie("session", token, httponly=True, secure=True,)\n',
            id="flags before the comma at the end",
        ),
        pytest.param(
            "BW203",
            '@router.get("/l")\ndef some(s: Session = Depends(), limit: int = Query(\n    20\n)):\n'
            "    return s.scalars(select(Order).limit(limit)).all()\n",
            '@router.get("/l")\ndef some(s: Session = Depends(), limit: int = Query(\n    20, le=100\n)):\n'
            "    return s.scalars(select(Order).limit(limit)).all()\n",
            id="a maximum in a call on several lines",
        ),
    ],
)
def test_what_reads_almost_the_same(build: Build, rule: str, before: str, after: str) -> None:
    assert after_fixes(build, rule, python(before)) == python(after)


def test_the_line_before_is_not_called_with_an_awaited_answer(build: Build) -> None:
    """Without semicolons, parentheses at the begin of a line go on with the line before."""
    before = """\
const express = require('express')
const fs = require('fs')

const app = express()

app.get('/files', async (req, res) => {
  const seen = new Set()
  fs.readdirSync(req.query.dir).forEach((name) => seen.add(name))
  const first = fs.readdirSync('.').length
  res.json([...seen, first])
})
"""
    files = {"package.json": '{"dependencies": {"express": "4"}}', "src/app.js": before}
    made = after_fixes(build, "BW601", files)["src/app.js"]
    assert made == before.replace("fs.readdirSync('.').length", "(await fs.promises.readdir('.')).length")
