"""What a project without resources lacks of an application: errors with their translation, wiring, mounted routers."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import Emission, Insertion, Piece, ResourcePlan
from backwright.kit.foundation import Foundation
from backwright.kit.modules import module_of
from backwright.kit.templates import render


def emit_errors(plan: ResourcePlan) -> Iterator[Emission]:
    """The central module of errors, and the handlers that translate them."""
    ground = plan.house.foundation
    if ground is None or not ground.errors:
        return
    names = [c.ref for c in plan.house.errors.classes]
    module = names[0].module
    yield Piece(
        "error",
        ground.errors,
        (),
        render("fastapi/errors.py.jinja"),
        "the errors of the domain",
        "",
        ", ".join(n.name for n in names),
    )
    imports = (
        "from fastapi import FastAPI, Request",
        "from fastapi.exceptions import RequestValidationError",
        "from fastapi.responses import JSONResponse",
        "from sqlalchemy.exc import IntegrityError",
        f"from {module} import DomainError, {', '.join(n.name for n in names)}",
    )
    statuses = ", ".join([*(str(c.status) for c in plan.house.errors.classes), "422"])
    yield Piece(
        "error", ground.handlers, imports, render("fastapi/error_handlers.py.jinja"), "their translation", "", statuses
    )


def emit_session_alias(plan: ResourcePlan) -> Iterator[Emission]:
    """How a session is asked for."""
    ground, session = plan.house.foundation, plan.house.session
    if ground is None or not ground.session_alias or session.alias is None:
        return
    body = f"{session.alias.name} = Annotated[{session.type.name}, Depends({session.dependency.name})]"
    imports = (
        "from typing import Annotated",
        "from fastapi import Depends",
        session.type.line,
        session.dependency.line,
    )
    yield Piece("dependency", ground.session_alias, imports, body, "how sessions arrive", "", session.alias.name)


def emit_mount(plan: ResourcePlan) -> Iterator[Emission]:
    """The router on the application, and the handlers where they are new."""
    ground = plan.house.foundation
    if ground is None:
        return
    parent, _, name = plan.module("router").rpartition(".")
    imported = f"from {parent} import {name}" if parent else f"import {name}"
    mounted = f"{ground.mount_on}.include_router({name}.{plan.house.router.variable})"
    together = ground.mount == ground.handlers_after
    registered, line = _registered(plan, ground)
    if together and registered:
        mounted, registered = f"{registered}\n{mounted}", ""
    imports = (imported, *([line] if together and line else []))
    yield Insertion(
        ground.mount.path, "line", mounted, "the router is mounted", ground.mount.line, ground.mount.text, imports
    )
    if registered:
        after = ground.handlers_after
        yield Insertion(after.path, "line", registered, "errors are translated", after.line, after.text, (line,))


def _registered(plan: ResourcePlan, ground: Foundation) -> tuple[str, str]:
    """(statement, import) that registers the new handlers."""
    if not ground.handlers:
        return "", ""
    return (
        f"register_error_handlers({ground.app.name})",
        f"from {module_of(ground.handlers, plan.index)} import register_error_handlers",
    )
