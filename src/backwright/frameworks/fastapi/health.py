"""Health checks: on a router of their own, on the application, or beside one that is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from backwright.core.errors import Unsupported
from backwright.frameworks.fastapi.mounting import emit_registration
from backwright.frameworks.fastapi.parameters import session_parameter
from backwright.frameworks.fastapi.statuses import STATUS_NAMES
from backwright.kit.artifacts import Emission, Piece, ResourcePlan
from backwright.kit.imitation import fill, mentions
from backwright.kit.naming import forms
from backwright.kit.templates import render

_UNAVAILABLE = 503
_KEPT = frozenset({"tags", "include_in_schema"})


def probe_imports(plan: ResourcePlan) -> tuple[str, ...]:
    """What the handlers may need; what is not used is left out."""
    session = plan.house.session
    refs = (session.type, session.dependency, session.alias)
    return (
        "import logging",
        "from typing import Annotated",
        "from fastapi import APIRouter, Depends, Response, status",
        "from sqlalchemy import text",
        "from sqlalchemy.exc import SQLAlchemyError",
        "from sqlmodel import select",
        *(r.line for r in refs if r is not None and r.line),
    )


def probe_code(plan: ResourcePlan, kind: str, function: str, decorator: str) -> str:
    """One handler. Raises Unsupported where no session could be had."""
    session, ready = plan.house.session, kind == "ready"
    if ready and not session.dependency.module:
        raise Unsupported(
            "how a database session arrives in this project could not be found (no dependency gives a Session)",
            where=plan.house.application.path if plan.house.application is not None else "",
            hints=("a liveness check needs none: backwright plan health live",),
        )
    names = plan.house.router.status_names
    waits = session.is_async
    parameters = [session_parameter(plan), "response: Response"] if ready else []
    return render(
        "fastapi/probe.jinja",
        kind=kind,
        function=function,
        decorator=decorator,
        d="async def" if waits or not ready else "def",
        a="await " if waits else "",
        parameters=", ".join(sorted(parameters, key=lambda p: " = " in p)),
        session=session.param,
        asked="exec(select(1))" if session.sqlmodel else 'execute(text("SELECT 1"))',
        unavailable=f"status.{STATUS_NAMES[_UNAVAILABLE]}" if names else _UNAVAILABLE,
    ).strip()


def decorator_like(like: ast.expr | None, router: str, path: str) -> str:
    """The route of a health check: with what the one beside it says about its place in the documentation."""
    said = [f'"{path}"']
    if isinstance(like, ast.Call):
        said += [f"{w.arg}={ast.unparse(w.value)}" for w in like.keywords if w.arg in _KEPT]
    return f"@{router}.get({', '.join(said)})"


def home(plan: ResourcePlan) -> tuple[str, str, bool]:
    """(file, variable, whether the router is new) of health checks where there are none. Raises Unsupported."""
    house = plan.house
    mount, sibling, application = house.router.registration, house.sibling, house.application
    if sibling is not None and not house.router.own_router:
        return sibling.router_path, house.router.variable, False
    own = mount is not None and sibling is not None and mentions(mount.path, forms(sibling.mounted or sibling.snake))
    if mount is not None and not own and "router" in plan.paths:
        if plan.paths["router"] in plan.index.paths:
            raise Unsupported("a file of that name is there, and holds no health check", where=plan.paths["router"])
        return plan.paths["router"], fill(house.router.variable, plan.name), True
    if application is not None and application.module_level:
        return application.path, application.variable, False
    raise Unsupported(
        "no statement was found that mounts a router, and no application that a module makes",
        where=sibling.router_path if sibling is not None else "",
    )


def router_piece(plan: ResourcePlan, body: list[str], *, is_new: bool, path: str, variable: str) -> Iterator[Emission]:
    """The handlers in their file, with the router and where it is mounted if it is new."""
    router = plan.house.router
    declared = []
    if is_new:
        arguments = [f'prefix="{router.outer}/{plan.segment}"'] if router.prefix_in_router else []
        arguments += [f'tags=["{fill(router.tag, plan.name)}"]'] if router.tag else []
        declared = [f"{variable} = APIRouter({', '.join(arguments)})"]
    like = plan.house.sibling.router_path if plan.house.sibling is not None else ""
    text = "\n\n\n".join([*declared, *body])
    yield Piece("router", path, probe_imports(plan), text, "the health checks", like, f"{len(body)} routes")
    for insertion in emit_registration(plan) if is_new else ():
        yield replace(insertion, text=_open(insertion.text)) if insertion.anchor == "line" else insertion


def _open(statement: str) -> str:
    """A mounting statement without the guards of the exemplar's."""
    tree = ast.parse(statement)
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        if any(w.arg == "dependencies" for w in call.keywords):
            call.keywords = [w for w in call.keywords if w.arg != "dependencies"]
            statement = ast.unparse(tree)
    return statement
