"""Rows that others refer to cannot be deleted: the application answers 409 instead of failing."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.frameworks.fastapi.siblings import delete_is_guarded, has_delete_route
from backwright.kit.artifacts import Emission, Insertion, Piece, ResourcePlan
from backwright.kit.templates import render

_MESSAGE = "The change conflicts with other rows"


def answers_conflicts(plan: ResourcePlan) -> bool:
    """Whether the application answers what the database refuses, before this change or by it."""
    application = plan.house.application
    return application is not None and (application.handles_integrity or any(emit_conflict_handler(plan)))


def emit_conflict_handler(plan: ResourcePlan) -> Iterator[Emission]:
    """A handler for IntegrityError, when a new foreign key lets existing endpoints fail that never could before."""
    application = plan.house.application
    restricted = [
        f
        for f in plan.refs
        if f.spec.on_delete == "restrict" and f.target is not None and has_delete_route(plan.index, f.target.name)
    ]
    restricted = [f for f in restricted if f.target is not None and not delete_is_guarded(plan.index, f.target.name)]
    if application is None or application.handles_integrity or not restricted:
        return
    name = "handle_integrity_error"
    if name in plan.index.symbols(application.path):
        return
    translator = application.translator
    error = plan.house.errors.of(409)
    imports = [
        "from fastapi import Request, Response",
        "from fastapi.responses import JSONResponse",
        "from sqlalchemy.exc import IntegrityError",
    ]
    is_async, kind = True, "JSONResponse"
    answer = f'return JSONResponse(status_code=409, content={{"detail": "{_MESSAGE}"}})'
    if translator is not None and error is not None and translator.module:
        call = error.call.format(message=f'"{_MESSAGE}"', entity='"Row"', key='""')
        answer = f"return {'await ' if application.translator_async else ''}{translator.name}(request, {call})"
        is_async, kind = application.translator_async, "Response"
        imports += [error.ref.line]
        if translator.module != plan.index.module(application.path):
            imports.append(translator.line)
    decorator = f"@{application.variable}.exception_handler(IntegrityError)" if application.module_level else ""
    unused = "request" if translator is not None else "_request"
    head = f"{'async ' if is_async else ''}def {name}({unused}: Request, _error: IntegrityError) -> {kind}:"
    body = render("fastapi/conflict_handler.py.jinja", decorator=decorator, head=head, answer=answer)
    yield Piece(
        "app",
        application.path,
        tuple(imports),
        body,
        "a row that others refer to cannot be deleted: 409",
        "",
        "a handler for IntegrityError",
    )
    if not application.module_level and application.anchor:
        yield Insertion(
            application.path,
            "line",
            f"{application.variable}.add_exception_handler(IntegrityError, {name})",
            "the handler is registered",
            application.anchor_line,
            application.anchor,
        )
