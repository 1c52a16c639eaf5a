"""A test that an endpoint answers 429 after so many requests, and no more once the window is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backwright.frameworks.pytest.credentials import Credentials, credentials_of
from backwright.frameworks.pytest.statuses import STATUS_IMPORTS, status
from backwright.frameworks.pytest.tests import IMPORTS
from backwright.kit.artifacts import Emission, Piece, ResourcePlan
from backwright.kit.templates import render

_MOST = 200  # requests of one test


def untested(plan: ResourcePlan, by: str, limit: int) -> str:
    """Why there is no test; `""` where there is one."""
    style = plan.house.tests
    if style is None or "test" not in plan.paths:
        return "this project has no tests to imitate"
    if not style.client:
        return "its tests have no fixture that gives a client"
    if limit > _MOST:
        return f"it would take {limit} requests"
    if by == "user" and _credentials(plan) is None:
        return "its tests have no fixture to act as a user"
    return ""


def emit_limit_test(plan: ResourcePlan, asked: Mapping[str, object]) -> Iterator[Emission]:
    """`asked`: name, method, url, limit, seconds, by and the module of the limit."""
    style, by, limit = plan.house.tests, str(asked["by"]), int(str(asked["limit"]))
    if style is None or untested(plan, by, limit):
        return
    credentials = _credentials(plan) if by == "user" else None
    known = plan.index.symbols(plan.paths["test"]) if plan.paths["test"] in plan.index.files else {}
    fixtures = [
        f for f in (credentials.fixtures if credentials is not None else ()) if not any(f"def {n}(" in f for n in known)
    ]
    kind = style.client_type.name if style.client_type is not None else "Any"
    waits = style.kind == "async"
    url = str(asked["url"])
    head = credentials.head("user") if credentials is not None else ""
    shown = f'f"{url}"' if "{" in url else f'"{url}"'
    text = render(
        "pytest/rate_limit.py.jinja",
        **{**asked, "limit": limit},
        fixtures=fixtures,
        marker=style.marker,
        d="async def" if waits else "def",
        parameters=", ".join(
            [
                f"{style.client}: {kind}",
                *(credentials.parameters(["user"]) if credentials is not None else []),
                "monkeypatch: pytest.MonkeyPatch",
            ]
        ),
        call=f"{'await ' if waits else ''}{style.client}.{asked['method']}({shown}{head})",
        status=status(plan, 429),
    )
    imports = (
        *IMPORTS,
        *STATUS_IMPORTS,
        *(credentials.imports if credentials is not None else ()),
        *(r.line for r in style.url_imports),
        *((style.client_type.line,) if style.client_type is not None else ()),
    )
    yield Piece(
        "test",
        plan.paths["test"],
        tuple(dict.fromkeys(i for i in imports if i)),
        text,
        "a test of the limit",
        "",
        "1 test",
    )


def _credentials(plan: ResourcePlan) -> Credentials | None:
    assert plan.house.tests is not None, "asked of a project with tests only"
    return credentials_of(plan, plan.house.tests)
