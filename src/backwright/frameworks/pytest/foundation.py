"""The fixtures that tests of a resource stand on, for a project that has none yet."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from backwright.kit.artifacts import Emission, Piece, ResourcePlan
from backwright.kit.house import Ref
from backwright.kit.templates import render

_IMPORTS = (
    "from collections.abc import AsyncIterator, Iterator",
    "import pytest",
    "from fastapi.testclient import TestClient",
    "from httpx import ASGITransport, AsyncClient",
    "from sqlalchemy import Engine, StaticPool, create_engine",
    "from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine",
)


def emit_fixtures(plan: ResourcePlan) -> Iterator[Emission]:
    """`engine`, `session` and `client` on a database in memory, as far as they are missing."""
    ground, style, session = plan.house.foundation, plan.house.tests, plan.house.session
    if ground is None or not ground.conftest or style is None or style.app is None:
        return
    plain = Ref("create_async_engine" if session.is_async else "create_engine")
    maker = ground.engine_maker or plain
    body = render(
        "pytest/conftest.py.jinja",
        parts=ground.conftest_parts,
        is_async=session.is_async,
        anyio="anyio" in style.marker,
        maker=maker.name,
        metadata=ground.metadata.name,
        session=style.session,
        session_type=session.type.name,
        client_type=style.client_type.name if style.client_type is not None else "Any",
        app=style.app.name,
        dependency=session.dependency.name,
    )
    imports = (*_IMPORTS, maker.line, ground.metadata.line, session.type.line, session.dependency.line, style.app.line)
    if ground.test_package:
        yield Piece(
            "test",
            f"{dirname(ground.conftest)}/__init__.py",
            (),
            "",
            "tests are a package, so that they can import the application",
        )
    yield Piece(
        "test", ground.conftest, imports, body, "fixtures for tests of the API", "", ", ".join(ground.conftest_parts)
    )
