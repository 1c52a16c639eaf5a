"""Error classes of a project and the status each becomes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backwright.frameworks.fastapi.errors import error_style
from backwright.kit.cases import Build
from backwright.kit.house import ErrorStyle


def style(build: Build, files: Mapping[str, str]) -> ErrorStyle:
    files = {"app/__init__.py": "", **files}
    index, _ = build(files)
    return error_style(index, frozenset(), lambda path: files[path])[0]


ITEMS = "from app.errors import NotFound\n\n\ndef get(key):\n    raise NotFound('no')\n"


@pytest.mark.parametrize(
    "errors",
    [
        "class NotFound(Exception):\n    status_code = 404\n",
        (
            "from fastapi import HTTPException\n\n\n"
            "class NotFound(HTTPException):\n"
            "    def __init__(self, detail):\n"
            "        super().__init__(status_code=404, detail=detail)\n"
        ),
        (
            "from fastapi import HTTPException, status\n\n\n"
            "class NotFound(HTTPException):\n"
            "    def __init__(self, detail):\n"
            "        super().__init__(status.HTTP_404_NOT_FOUND, detail)\n"
        ),
        (
            "from http import HTTPStatus\n\n\n"
            "class Problem(Exception):\n"
            "    status = HTTPStatus.INTERNAL_SERVER_ERROR\n\n\n"
            "class NotFound(Problem):\n"
            "    status = HTTPStatus.NOT_FOUND\n"
        ),
        "class NotFound(Exception):\n    def __init__(self, message, status_code=404):\n        self.status_code = status_code\n",
    ],
)
def test_the_class_says_its_status(build: Build, errors: str) -> None:
    found = style(build, {"app/errors.py": errors, "app/items.py": ITEMS})

    assert found.kind == "domain"
    not_found = found.of(404)
    assert not_found is not None
    assert not_found.ref.line == "from app.errors import NotFound"


PLAIN = "class NotFound(Exception):\n    pass\n\n\nclass Conflict(Exception):\n    pass\n"


@pytest.mark.parametrize(
    "main",
    [
        "@app.exception_handler(NotFound)\ndef handle(request, error):\n    return JSONResponse(status_code=404, content={})\n",
        "def handle(request, error):\n    return JSONResponse({}, status_code=404)\n\n\napp.add_exception_handler(NotFound, handle)\n",
        "STATUS = {NotFound: 404, Conflict: 409}\n",
    ],
)
def test_a_handler_says_the_status(build: Build, main: str) -> None:
    head = (
        "from fastapi import FastAPI\n"
        "from fastapi.responses import JSONResponse\n"
        "from app.errors import Conflict, NotFound\n\n"
        "app = FastAPI()\n\n\n"
    )

    found = style(build, {"app/errors.py": PLAIN, "app/items.py": ITEMS, "app/main.py": head + main})

    assert found.kind == "domain"
    assert found.of(404) is not None
    assert (found.of(409) is not None) or any(a.status == 409 for a in found.additions) or "STATUS" not in main


@pytest.mark.parametrize(
    ("init", "call"),
    [
        ("", "NotFound({message})"),
        ("    def __init__(self, message: str):\n        self.message = message\n", "NotFound({message})"),
        (
            "    def __init__(self, entity: str, key: object):\n        self.key = key\n",
            "NotFound(entity={entity}, key={key})",
        ),
        (
            "    def __init__(self, *, detail: str = 'no'):\n        self.detail = detail\n",
            "NotFound(detail={message})",
        ),
        ("    def __init__(self):\n        super().__init__('no')\n", "NotFound()"),
    ],
)
def test_how_an_error_is_built(build: Build, init: str, call: str) -> None:
    found = style(
        build, {"app/errors.py": f"class NotFound(Exception):\n    status_code = 404\n\n{init}", "app/items.py": ITEMS}
    )

    not_found = found.of(404)
    assert not_found is not None
    assert not_found.call == call


def test_a_missing_class_is_made_like_its_sibling(build: Build) -> None:
    errors = "class NotFoundError(Exception):\n    status_code = 404\n    code = 'not_found'\n"
    items = ITEMS.replace("NotFound", "NotFoundError")

    found = style(build, {"app/errors.py": errors, "app/items.py": items})

    conflict = next(a for a in found.additions if a.status == 409)
    assert conflict.path == "app/errors.py"
    assert conflict.source == "class ConflictError(Exception):\n    status_code = 409\n    code = 'conflict'"
    assert found.of(409) == conflict.error


def test_http_exceptions_where_they_happen(build: Build) -> None:
    items = "from fastapi import HTTPException, status\n\n\ndef get(key):\n    raise HTTPException(status.HTTP_404_NOT_FOUND)\n"

    found = style(build, {"app/items.py": items})

    assert (found.kind, found.classes, found.status_names) == ("http", (), True)


def test_classes_that_nobody_raises_are_not_the_style(build: Build) -> None:
    items = "from fastapi import HTTPException\n\n\ndef get(key):\n    raise HTTPException(404)\n"

    found = style(
        build, {"app/errors.py": "class NotFound(Exception):\n    status_code = 404\n", "app/items.py": items}
    )

    assert found.kind == "http"
