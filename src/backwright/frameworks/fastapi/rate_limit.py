"""A rate limit: the dependency that counts in the database, and the endpoint that asks for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backwright.core.errors import Unsupported
from backwright.frameworks.fastapi.action import is_route
from backwright.frameworks.fastapi.parameters import guard_lines, session_parameter, user_parameter
from backwright.frameworks.fastapi.statuses import STATUS_NAMES
from backwright.kit.artifacts import Piece, ResourcePlan
from backwright.kit.house import Guard
from backwright.kit.templates import render

FUNCTIONS = {"ip": "rate_limit", "user": "user_rate_limit"}
_TOO_MANY = 429


def emit_limiter(plan: ResourcePlan, path: str, by: str, *, is_new: bool) -> Iterator[Piece]:
    """The dependency, with what counts where the file is new."""
    house, guard = plan.house, plan.house.auth.guard("user")
    session, waits = house.session, house.session.is_async
    sqlmodel = session.sqlmodel
    counting = "orm.Session" if sqlmodel and not waits else session.type.name
    parameters = [session_parameter(plan)]
    parameters += ["request: Request"] if by == "ip" else [user_parameter(plan, guard)] if guard is not None else []
    values = {
        "function": FUNCTIONS[by],
        "by": by,
        "waits": waits,
        "d": "async def" if waits else "def",
        "a": "await " if waits else "",
        "with": "async with" if waits else "with",
        "counting": counting,
        "bind": f"{session.param}.bind" if waits else f"{session.param}.get_bind()",
        "parameters": ", ".join(sorted(parameters, key=lambda p: " = " in p)),
        "user": f"current_user.{house.auth.user_key}",
        "status": f"status.{STATUS_NAMES[_TOO_MANY]}" if house.router.status_names else _TOO_MANY,
        "session": session.param,
        "sync": f"{session.param}.sync_session" if waits else session.param,
        "releases": session.commits == "explicit",
        "entity": plan.class_name,
        **{f"c_{n}": _column(plan, f) for n, f in (("hits", "hits"), ("expires", "expires_minute"))},
    }
    pieces = [render("fastapi/rate_limit.py.jinja", **values).strip()]
    if is_new:
        pieces.append(render("fastapi/rate_limit_hit.py.jinja", **values).strip())
    text = "\n\n\n".join(pieces)
    yield Piece(
        "dependency",
        path,
        _imports(plan, guard if by == "user" else None),
        text,
        "what counts requests",
        "",
        "the limit",
    )


def _column(plan: ResourcePlan, name: str) -> str:
    own = f"{plan.class_name}.{name}"
    return f"col({own})" if plan.house.model.orm == "sqlmodel" else own


def _imports(plan: ResourcePlan, guard: Guard | None) -> tuple[str, ...]:
    session, auth = plan.house.session, plan.house.auth
    refs = (session.type, session.dependency, session.alias, auth.user)
    return (
        "from collections.abc import Callable, Coroutine",
        "from time import time",
        "from typing import Annotated, Any",
        "from fastapi import Depends, HTTPException, Request, status",
        "from sqlalchemy import delete, orm",
        "from sqlalchemy.dialects import postgresql, sqlite",
        "from sqlmodel import col",
        f"from {plan.module('model')} import {plan.class_name}",
        *(r.line for r in refs if r is not None and r.line),
        *(guard_lines([guard]) if guard is not None else ()),
    )


def limited(
    node: ast.FunctionDef | ast.AsyncFunctionDef, router: str, said: str, where: str
) -> tuple[ast.expr, str, bool]:
    """(what is added to, the text, whether it stands inside) of the route of a handler. Raises Unsupported, where limited already too."""
    for decorator in node.decorator_list:
        if not is_route(decorator, router) or not isinstance(decorator, ast.Call):
            continue
        given = next((w.value for w in decorator.keywords if w.arg == "dependencies"), None)
        if any(f"{name}(" in ast.unparse(decorator) for name in FUNCTIONS.values()):
            raise Unsupported("the endpoint has a rate limit already", where=where)
        if given is None:
            return decorator, f"dependencies=[{said}]", False
        if isinstance(given, ast.List) and given.elts:
            return given.elts[-1], f", {said}", True
        raise Unsupported("the dependencies of the endpoint are put together in a way that is not known", where=where)
    raise Unsupported("how the endpoint is written is not known", where=where)
