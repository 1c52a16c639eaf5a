from __future__ import annotations

import pytest

from backwright.core.archmap import ArchMap
from backwright.kit.bodies import bodies
from backwright.kit.callgraph import arguments, callgraph
from backwright.kit.cases import Build
from backwright.kit.chains import links
from backwright.kit.database import access, database
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference

REPOSITORY = """
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Order


class BaseRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, key):
        return self.session.get(self.model, key)


class OrderRepository(BaseRepository):
    model = Order

    def count(self) -> int:
        return self.session.scalar(select(Order))

    def name(self) -> str:
        return "orders"


orders = OrderRepository(None)


def make(session: Session) -> OrderRepository:
    return OrderRepository(session)
"""

CALLS = [
    ("OrderRepository(session).count()", "OrderRepository.count"),
    ("OrderRepository(session).get(1)", "BaseRepository.get"),
    ("make(session).count()", "OrderRepository.count"),
    ("orders.count()", "OrderRepository.count"),
    ("repo.orders.count()", "OrderRepository.count"),
    ("(await thing(session)).count()", "OrderRepository.count"),
    ("self.repository.get(2)", "BaseRepository.get"),
    ("given.count()", "OrderRepository.count"),
    ("maybe.count()", "OrderRepository.count"),
    ("provided.count()", "OrderRepository.count"),
    ("aliased.count()", "OrderRepository.count"),
    ("local()", "Service.run.local"),
    ("abstract.load()", "Real.load"),
    ("unknown.count()", ""),
    ("session.count()", ""),
    ("OrderRepository", ""),
]


def service(call: str) -> str:
    return f"""
from abc import ABC, abstractmethod
from typing import Annotated, Optional

from fastapi import Depends
from sqlalchemy.orm import Session

from app import repo
from app.repo import OrderRepository, make, orders

Alias = Annotated[OrderRepository, Depends(make)]


class Port(ABC):
    @abstractmethod
    def load(self): ...


class Real(Port):
    def load(self):
        return 1


async def thing(session: Session) -> OrderRepository:
    return make(session)


class Service:
    def __init__(self, repository: OrderRepository) -> None:
        self.repository = repository

    async def run(self, session: Session, unknown, given: "OrderRepository", maybe: Optional[OrderRepository],
                  aliased: Alias, abstract: Port, provided=Depends(make)):
        def local():
            return 1

        return {call}
"""


@pytest.mark.parametrize(("call", "expected"), CALLS)
def test_calls_are_resolved(build: Build, call: str, expected: str) -> None:
    index, _ = build(
        {
            "app/__init__.py": "",
            "app/repo.py": REPOSITORY,
            "app/service.py": service(call),
            "app/models.py": "class Order: ...",
        }
    )
    graph = callgraph(index)
    body = bodies(index).get("app/service.py", "Service.run")
    assert body is not None
    found = [graph.target(body, link) for c in body.calls for link in links(c.expr)]
    names = [f.symbol.qualname for f in found if f is not None and f.symbol.name != "__init__"]
    assert ([n for n in names if n == expected] or [""])[0] == expected, names


SESSIONS = [
    ("session: Session", "session.execute(1)", "session"),
    ("session: AsyncSession", "await session.scalars(1)", "session"),
    ("s: Annotated[AsyncSession, Depends(get_db)]", "await s.get(Order, 1)", "session"),
    ("s: SessionDep", "s.execute(1)", "session"),
    ("db=Depends(get_db)", "db.query(Order).all()", "session"),
    ("db", "db.execute(1)", "session"),
    ("self", "self.session.execute(1)", "session"),
    ("request", "request.state.db.execute(1)", "session"),
    ("x", "maker().execute(1)", "session"),
    ("engine: Engine", "engine.connect().execute(1)", "connection"),
    ("cursor", "cursor.execute('select 1')", "cursor"),
    ("session: httpx.Client", "session.get('https://a.org')", ""),
    ("session", "session.get('https://a.org')", ""),
    ("session: ClientSession", "session.get('https://a.org')", ""),
    ("db: Redis", "db.execute(1)", ""),
    ("command", "command.execute(1)", ""),
    ("db: dict", "db.get('a', 'b')", ""),
    ("session: Session", "session.info.get('a')", ""),
]


@pytest.mark.parametrize(("params", "call", "kind"), SESSIONS)
def test_database_calls_are_known_by_type_then_by_name(build: Build, params: str, call: str, kind: str) -> None:
    source = f"""
from typing import Annotated
import httpx
from aiohttp import ClientSession
from fastapi import Depends
from redis import Redis
from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, sessionmaker

maker = sessionmaker(create_engine(""))


def get_db():
    with maker() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_db)]


class Order: ...


async def function({params}):
    return {call}
"""
    index, _ = build({"a.py": source})
    body = bodies(index).get("a.py", "function")
    assert body is not None
    assert [c.kind for c in database(index).of(body)] == ([kind] if kind else [])


def _chain(index: FactIndex, scope: str) -> list[str]:
    return [hop.text for hop in access(index).chain("a.py", scope) or ()]


def test_the_shortest_chain_to_data_is_found(build: Build) -> None:
    source = """
from sqlalchemy.orm import Session


def far(session: Session):
    return near(session)


def near(session: Session):
    return session.execute(statement)


def either(session: Session):
    far(session)
    return near(session)


def loop(session: Session):
    return loop(session)


def commits(session: Session):
    session.commit()
"""
    index, _ = build({"a.py": source})
    assert _chain(index, "far") == ["calls `near`", "`session.execute` reaches the database"]
    assert _chain(index, "either") == ["calls `near`", "`session.execute` reaches the database"]
    assert _chain(index, "loop") == []
    assert _chain(index, "commits") == []


def test_arguments_are_matched_to_parameters(build: Build) -> None:
    source = "class A:\n    def f(self, a, b=1, *, c=2):\n        return a\n\n\ndef g(x):\n    A().f(x, 5, c=7)\n"
    index, _ = build({"a.py": source})
    graph = callgraph(index)
    body = bodies(index).get("a.py", "g")
    assert body is not None
    link = next(iter(links(body.calls[0].expr)))
    target = graph.target(body, link)
    assert target is not None
    assert {name: e.text for name, e in arguments(link, target).items()} == {"a": "x", "b": "5", "c": "7"}
    assert [(b.scope, e is link) for b, e in graph.callers(target)] == [("g", True)]


def test_everything_is_worked_out_once(build: Build) -> None:
    index, archmap = build({"a.py": "x = 1\n"})
    assert isinstance(archmap, ArchMap)
    assert callgraph(index) is callgraph(index)
    assert inference(index) is inference(index)
    assert callgraph(index) is not callgraph(index.with_added({}))
