"""Pagination: how lists are cut and wrapped."""

from __future__ import annotations

import pytest

from backwright.core.archmap import RouteInfo
from backwright.frameworks.fastapi.pages import page_style
from backwright.kit.cases import Build
from backwright.kit.house import PageStyle
from backwright.kit.naming import forms


def pages(build: Build, files: dict[str, str]) -> PageStyle | None:
    index, _ = build({"app/__init__.py": "", **files})
    lists = [(RouteInfo(p, r), forms("item")) for p, r in index.routes() if r.method == "GET"]
    return page_style(index, lists)[0]


def handler(parameters: str, answer: str = "list[Item]", imports: str = "") -> str:
    return f"""
from typing import Annotated
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
{imports}

router = APIRouter()


class Item(BaseModel):
    id: int


@router.get("/items")
def list_items({parameters}) -> {answer}: ...
"""


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("skip: int = 0, limit: int = 100", ("offset", "skip", "limit", 0)),
        ("offset: int = 0, limit: int = Query(20, le=100)", ("offset", "offset", "limit", 0)),
        ("page: int = Query(1, ge=1), size: int = 20", ("page", "page", "size", 1)),
        (
            "page: Annotated[int, Query(ge=1)] = 1, per_page: Annotated[int, Query(le=100)] = 20",
            ("page", "page", "per_page", 1),
        ),
        ("page: int = 0, size: int = 20", ("page", "page", "size", 0)),
        ("page: int = Query(default=0, ge=0), size: int = 20", ("page", "page", "size", 0)),
    ],
)
def test_what_a_page_is_asked_with(build: Build, parameters: str, expected: tuple[str, str, str, int]) -> None:
    found = pages(build, {"app/items.py": handler(parameters)})

    assert found is not None
    assert (found.kind, found.at, found.size, found.first) == expected
    assert found.envelope == "list"


def test_no_pagination(build: Build) -> None:
    assert pages(build, {"app/items.py": handler("name: str | None = None")}) is None


def test_parameters_that_a_dependency_carries(build: Build) -> None:
    deps = "class Paging:\n    def __init__(self, skip: int = 0, limit: int = 10):\n        self.skip = skip\n"

    found = pages(
        build,
        {
            "app/deps.py": deps,
            "app/items.py": handler("paging: Paging = Depends()", imports="from app.deps import Paging"),
        },
    )

    assert found is not None
    assert (found.at, found.size) == ("skip", "limit")


def test_a_generic_envelope(build: Build) -> None:
    page = """
from typing import Generic, TypeVar
from pydantic import BaseModel

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    rows: list[T]
    total: int
    limit: int
"""
    items = handler("skip: int = 0, limit: int = 10", "Page[Item]", "from app.page import Page")

    found = pages(build, {"app/page.py": page, "app/items.py": items})

    assert found is not None
    assert (found.envelope, found.items, found.total) == ("generic", "rows", "total")
    assert found.generic is not None
    assert found.generic.line == "from app.page import Page"
    assert found.extra == (("limit", "size"),)


def test_an_envelope_of_its_own(build: Build) -> None:
    items = handler("skip: int = 0, limit: int = 10", "ItemsPublic").replace(
        "@router", "class ItemsPublic(BaseModel):\n    data: list[Item]\n    count: int\n\n\n@router"
    )

    found = pages(build, {"app/items.py": items})

    assert found is not None
    assert (found.envelope, found.own, found.items, found.total) == ("own", "{Pascals}Public", "data", "count")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Page[Item]", ("page", "size")),
        ("Item | Page[Item]", ("page", "size")),
        ("LimitOffsetPage[Item]", ("offset", "limit")),
    ],
)
def test_pages_of_fastapi_pagination(build: Build, answer: str, expected: tuple[str, str]) -> None:
    head = "from fastapi_pagination import LimitOffsetPage, Page"
    found = pages(build, {"app/items.py": handler("item_id: int | None = None", answer, head)})

    assert found is not None
    assert (found.at, found.size, found.envelope) == (*expected, "generic")
    assert found.generic is not None
