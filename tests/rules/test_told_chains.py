"""A finding tells the way to its cause, and where the project does better."""

from __future__ import annotations

import pytest

from backwright.core.findings import Finding
from backwright.engine.registry import Registry
from backwright.kit.cases import Build

RULES = {rule.id: rule for rule in Registry().rules}
MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

SessionLocal = sessionmaker()


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    total: Mapped[int]


def get_session():
    with SessionLocal() as session:
        yield session
"""


def only(build: Build, rule: str, files: dict[str, str]) -> Finding:
    index, archmap = build({"app/__init__.py": "", "app/models.py": MODELS, **files})
    [finding] = RULES[rule].check(index, archmap)
    return finding


def places(finding: Finding) -> list[str]:
    return [str(step.span) for step in finding.related]


def test_a_call_within_a_transaction_is_followed_to_the_request(build: Build) -> None:
    files = {
        "app/mail.py": "import requests\n\n\ndef tell(order):\n    requests.post('https://mail.example.com', timeout=5)\n",
        "app/orders.py": """
from sqlalchemy.orm import Session

from app.mail import tell


def place(session: Session, order) -> None:
    with session.begin():
        session.add(order)
        tell(order)
""",
    }
    finding = only(build, "BW406", files)
    assert finding.span.line == 10
    assert places(finding) == ["app/orders.py:8", "app/mail.py:5"]


def test_a_lost_change_names_the_query_and_where_a_row_is_locked(build: Build) -> None:
    files = {
        "app/orders.py": """
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Order


def locked(session: Session, key: int) -> Order:
    return session.scalars(select(Order).where(Order.id == key).with_for_update()).one()


def raise_total(session: Session, key: int) -> None:
    order = session.get(Order, key)
    order.total += 1
    order.owner_id += 1
"""
    }
    finding = only(build, "BW403", files)
    assert (finding.span.line, places(finding)) == (14, ["app/orders.py:13"])
    assert "app/orders.py:9 does so" in finding.help


def test_a_forgotten_owner_names_the_sibling_that_asks(build: Build) -> None:
    files = {
        "app/api.py": """
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.orm import Session

from app.models import Order, get_session

router = APIRouter(prefix="/orders")


def get_current_user():
    return object()


@router.put("/{order_id}")
def change(order_id: int, session: Session = Depends(get_session), user=Depends(get_current_user)):
    order = session.get(Order, order_id)
    if order.owner_id != user.id:
        raise HTTPException(404)
    order.total = 1


@router.delete("/{order_id}")
def remove(order_id: int, session: Session = Depends(get_session), user=Depends(get_current_user)):
    session.delete(session.get(Order, order_id))
"""
    }
    finding = only(build, "BW508", files)
    assert finding.span.line == 24
    assert "app/api.py:17" in finding.help
    assert places(finding) == ["app/api.py:17"]


def test_a_session_names_its_factory_and_a_place_that_enters_one(build: Build) -> None:
    files = {
        "app/orders.py": """
from app.models import Order, SessionLocal


def one(key: int):
    session = SessionLocal()
    return session.get(Order, key)
"""
    }
    finding = only(build, "BW405", files)
    assert places(finding) == ["app/models.py:4"]
    assert "app/models.py:19 does so" in finding.help


@pytest.mark.parametrize(("rule", "path"), [("BW802", "app/repositories/orders.py"), ("BW506", "app/engine.py")])
def test_the_password_of_an_address_is_not_told(build: Build, rule: str, path: str) -> None:
    source = 'from sqlalchemy import create_engine\n\n\ndef made():\n    return create_engine("postgresql://shop:hunter2@db.internal/shop")\n'
    finding = only(build, rule, {path: source})
    assert "db.internal" in finding.message
    assert "hunter2" not in f"{finding}"
