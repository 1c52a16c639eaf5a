"""Where a whole project does it its own way, that is said once; where it mostly does not, each exception is found."""

from __future__ import annotations

import pytest

from backwright.core.findings import Finding
from backwright.engine.checking import new_findings
from backwright.engine.registry import Registry
from backwright.kit.cases import Build

RULES = {rule.id: rule for rule in Registry().rules}

DB = """
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite://")


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)


def get_session():
    with Session(engine) as session:
        yield session
"""
REPOSITORY = """
from sqlalchemy.orm import Session
from app.db import Item


def get_item(session: Session, key: int):
    return session.get(Item, key)
"""
SERVICE = """
from sqlalchemy.orm import Session
from app.repositories import item


def get_item(session: Session, key: int):
    return item.get_item(session, key)
"""
TREE = {
    "app/__init__.py": "",
    "app/db.py": DB,
    "app/repositories/__init__.py": "",
    "app/repositories/item.py": REPOSITORY,
    "app/services/__init__.py": "",
    "app/services/item_service.py": SERVICE,
}


def routers(direct: int, repository: int, service: int) -> dict[str, str]:
    """That many handlers that query themselves, call the repository, call the service: one file each."""
    lines = {
        "direct": "return session.get(Item, key)",
        "repository": "return item.get_item(session, key)",
        "service": "return item_service.get_item(session, key)",
    }
    out = dict(TREE)
    for kind, number in (("direct", direct), ("repository", repository), ("service", service)):
        for i in range(number):
            out[f"app/api/{kind}{i}.py"] = f"""
from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from app.db import Item, get_session
from app.repositories import item
from app.services import item_service

router = APIRouter()


@router.get("/{kind}{i}/{{key}}")
def handler(key: int, session: Session = Depends(get_session)):
    {lines[kind]}
"""
    return out


def found(build: Build, rule: str, files: dict[str, str]) -> list[Finding]:
    index, archmap = build(files)
    return sorted(RULES[rule].check(index, archmap), key=lambda f: (f.span.path, f.span.line))


@pytest.mark.parametrize(
    ("direct", "layered", "severities"),
    [
        (0, 3, []),
        (1, 3, ["error"]),
        (2, 3, ["error", "error"]),
        (3, 2, ["warning"] * 3),
        (11, 1, ["advice"] * 11),
        (4, 0, ["advice"] * 4),
        (1, 0, ["advice"]),
    ],
)
def test_queries_in_routers(build: Build, direct: int, layered: int, severities: list[str]) -> None:
    assert [f.severity for f in found(build, "BW101", routers(direct, layered, 0))] == severities


def test_queries_in_routers_of_a_project_without_layers(build: Build) -> None:
    """It is said once, with the place of each."""
    files = {
        path: text
        for path, text in routers(3, 0, 0).items()
        if "/repositories/" not in path and "/services/" not in path
    }
    [finding] = found(build, "BW101", files)
    assert finding.severity == "advice"
    assert [str(note.span) for note in finding.related] == [f"app/api/direct{i}.py:13" for i in range(3)]


@pytest.mark.parametrize(
    ("repository", "service", "severities"),
    [(0, 2, []), (1, 2, ["warning"]), (2, 2, ["warning", "warning"]), (3, 2, ["advice"]), (3, 0, [])],
)
def test_skipped_services(build: Build, repository: int, service: int, severities: list[str]) -> None:
    assert [f.severity for f in found(build, "BW102", routers(0, repository, service))] == severities


def test_help_names_where_the_house_does_it(build: Build) -> None:
    [finding] = found(build, "BW101", routers(1, 2, 0))
    assert "app/api/repository0.py:13 does it the house way" in finding.help
    [skipped] = found(build, "BW102", routers(0, 1, 2))
    assert "app/api/service0.py:13 does it the house way" in skipped.help
    assert [r.span.path for r in skipped.related] == ["app/repositories/item.py"]


def _lists(paged: int, whole: int) -> dict[str, str]:
    out = {"app/__init__.py": "", "app/db.py": DB}
    for i in range(paged + whole):
        argument = "limit: int = Query(10, le=50), " if i < paged else ""
        cut = ".limit(limit)" if i < paged else ""
        out[f"app/api/list{i}.py"] = f"""
from fastapi import APIRouter, Depends, Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from app.db import Item, get_session

router = APIRouter()


@router.get("/list{i}", response_model=list[dict])
def handler({argument}session: Session = Depends(get_session)):
    return session.scalars(select(Item){cut}).all()
"""
    return out


@pytest.mark.parametrize(
    ("paged", "whole", "severities"),
    [
        (3, 0, []),
        (3, 1, ["warning"]),
        (3, 3, ["warning"] * 3),
        (2, 3, ["advice"]),
        (0, 3, ["advice"]),
        (0, 2, ["warning"] * 2),
    ],
)
def test_lists_without_pages(build: Build, paged: int, whole: int, severities: list[str]) -> None:
    assert [f.severity for f in found(build, "BW203", _lists(paged, whole))] == severities


def _uploads(number: int) -> dict[str, str]:
    lines = ["from fastapi import APIRouter, UploadFile", "", "router = APIRouter()", ""]
    for i in range(number):
        lines += [f'@router.post("/photos{i}")', f"def upload{i}(photo: UploadFile) -> None:"]
        lines += [
            '    with open(f"media/{photo.filename}", "wb") as file:',
            "        file.write(photo.file.read())",
            "",
        ]
    return {"app/__init__.py": "", "app/api.py": "\n".join(lines)}


@pytest.mark.parametrize(("number", "severities"), [(1, ["warning"]), (3, ["warning"] * 3), (4, ["advice"])])
def test_files_of_one_process(build: Build, number: int, severities: list[str]) -> None:
    assert [f.severity for f in found(build, "BW803", _uploads(number))] == severities


def _mixed(number: int) -> dict[str, str]:
    out = {"app/__init__.py": "", "app/db.py": DB}
    for i in range(number):
        out[f"app/repositories/items{i}.py"] = """
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from app.db import Item


async def one(session: AsyncSession, key: int):
    return await session.get(Item, key)


def other(session: Session, key: int):
    return session.get(Item, key)
"""
    return out


@pytest.mark.parametrize(("number", "count"), [(1, 1), (3, 3), (4, 1)])
def test_both_kinds_of_sessions(build: Build, number: int, count: int) -> None:
    findings = found(build, "BW604", _mixed(number))
    assert len(findings) == count
    assert len(findings[0].covers) == (number if number > 3 else 0)


def test_what_was_style_is_not_new_when_the_style_tips(build: Build) -> None:
    before, after = (found(build, "BW102", routers(0, 3, layered)) for layered in (2, 4))
    assert [f.severity for f in before] == ["advice"]
    assert [f.severity for f in after] == ["warning"] * 3
    assert new_findings(after, before) == ()
    assert new_findings(before, after) == ()
    assert len(new_findings(found(build, "BW102", routers(0, 4, 4)), before)) == 1


def _reading(places: int, offloaded: int) -> dict[str, str]:
    """Coroutines that read a file, and some that let a thread do it."""
    lines = ["import asyncio", "from pathlib import Path", ""]
    for i in range(places):
        lines += [f"async def read{i}(path: Path) -> str:", "    return path.read_text()", ""]
    for i in range(offloaded):
        lines += [f"async def rest{i}(path: Path) -> str:", "    return await asyncio.to_thread(path.read_text)", ""]
    return {"app/__init__.py": "", "app/pages.py": "\n".join(lines)}


@pytest.mark.parametrize(
    ("places", "offloaded", "severities"),
    [
        (1, 0, ["warning"]),
        (11, 0, ["warning"] * 11),
        (12, 0, ["advice"]),
        (12, 2, ["warning"] * 12),
        (17, 2, ["advice"]),
    ],
)
def test_files_in_coroutines(build: Build, places: int, offloaded: int, severities: list[str]) -> None:
    assert [f.severity for f in found(build, "BW601", _reading(places, offloaded))] == severities


def test_what_is_said_once_notes_each_place(build: Build) -> None:
    [finding] = found(build, "BW601", _reading(12, 0))
    assert [note.span.line for note in finding.related] == [5 + 3 * i for i in range(12)]
    assert len(finding.covers) == 12


@pytest.mark.parametrize(("callers", "count"), [(3, 3), (4, 1)])
def test_what_many_coroutines_lead_to(build: Build, callers: int, count: int) -> None:
    """A file that several coroutines read through one function is told together, a service that they ask at each."""
    lines = [
        "import requests",
        "from pathlib import Path",
        "",
        "def terms() -> str:",
        "    return Path('terms').read_text()",
        "",
    ]
    lines += ["def rate() -> str:", "    return requests.get('https://rates.example', timeout=1).text", ""]
    for i in range(callers):
        lines += [f"async def show{i}() -> str:", "    return terms() + rate()", ""]
    findings = found(build, "BW601", {"app/__init__.py": "", "app/pages.py": "\n".join(lines)})
    assert [f.severity for f in findings].count("error") == callers
    told = [f for f in findings if f.severity == "warning"]
    assert len(told) == count
    places = {note.span.line for note in told[0].related} | {f.span.line for f in told}
    assert places >= {11 + 3 * i for i in range(callers)}


def _sessions(stuck: int, awaited: int) -> dict[str, str]:
    """Coroutines with a session that waits, and some with one that is awaited."""
    lines = [
        "from sqlalchemy.ext.asyncio import AsyncSession",
        "from sqlalchemy.orm import Session",
        "from app.db import Item",
        "",
    ]
    for i in range(stuck):
        lines += [f"async def one{i}(session: Session, key: int):", "    return session.get(Item, key)", ""]
    for i in range(awaited):
        lines += [
            f"async def other{i}(session: AsyncSession, key: int):",
            "    return await session.get(Item, key)",
            "",
        ]
    return {"app/__init__.py": "", "app/db.py": DB, "app/items.py": "\n".join(lines)}


@pytest.mark.parametrize(
    ("stuck", "awaited", "severities"),
    [(3, 0, ["error"] * 3), (4, 0, ["advice"]), (4, 1, ["warning"] * 4), (4, 4, ["error"] * 4)],
)
def test_sessions_in_coroutines(build: Build, stuck: int, awaited: int, severities: list[str]) -> None:
    assert [f.severity for f in found(build, "BW601", _sessions(stuck, awaited))] == severities
