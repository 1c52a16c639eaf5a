"""Tests of health checks: with the database, and without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backwright.frameworks.pytest.statuses import STATUS_IMPORTS, status
from backwright.kit.artifacts import Emission, Piece, ResourcePlan
from backwright.kit.house import TestStyle
from backwright.kit.templates import render


def untested(plan: ResourcePlan) -> str:
    """Why health checks get no tests, or not all; `""` where they do."""
    style = plan.house.tests
    if style is None or "test" not in plan.paths:
        return "this project has no tests to imitate"
    if not style.client:
        return "its tests have no fixture that gives a client"
    if not _application(style):
        return "its tests do not show the application, so none takes the database away"
    return ""


def emit_health_tests(plan: ResourcePlan, probes: Sequence[tuple[str, str]]) -> Iterator[Emission]:
    """One for each of the `probes` (what it tells, address) with the database, and one without where that can be had."""
    style, session = plan.house.tests, plan.house.session
    if style is None or not style.client or "test" not in plan.paths:
        return
    waits = style.kind == "async"
    text = render(
        "pytest/health.py.jinja",
        d="async def" if waits else "def",
        a="await " if waits else "",
        marker=style.marker,
        client=f"{style.client}: {style.client_type.name}" if style.client_type is not None else style.client,
        fixture=style.client,
        probes=[(kind, f'f"{url}"' if "{" in url else f'"{url}"') for kind, url in probes],
        ok=status(plan, 200),
        unavailable=status(plan, 503),
        fails=bool(_application(style) and session.dependency.module),
        app=_application(style),
        dependency=session.dependency.name,
        session_def="async def" if session.is_async else "def",
        asked="exec" if session.sqlmodel else "execute",
    )
    imports = [
        "import pytest",
        "from sqlalchemy.exc import OperationalError",
        *STATUS_IMPORTS,
        *(r.line for r in style.url_imports),
        *(r.line for r in (style.client_type, style.app, session.dependency) if r is not None),
    ]
    like = style.place.exemplar.path if style.place is not None and style.place.exemplar is not None else ""
    count = text.count("def test_")
    used = tuple(i for i in imports if i)
    yield Piece("test", plan.paths["test"], used, text, "tests of the health checks", like, f"{count} tests")


def _application(style: TestStyle) -> str:
    """The application that tests ask, as its source."""
    if style.app is not None:
        return style.app.name
    return f"{style.client}.app" if style.kind == "sync" else ""
