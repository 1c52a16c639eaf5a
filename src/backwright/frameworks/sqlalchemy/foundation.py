"""What a project without resources lacks of a database: base, engine, sessions, and a package that knows all entities."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import Emission, Insertion, Piece, ResourcePlan
from backwright.kit.foundation import Foundation
from backwright.kit.templates import render

_IMPORTS = (
    "import os",
    "from collections.abc import AsyncIterator, Iterator",
    "from typing import Any",
    "from sqlalchemy import Engine, create_engine, event",
    "from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine",
    "from sqlalchemy.orm import DeclarativeBase",
)
_WORDS = {
    "base": "the declarative base",
    "address": "its address",
    "engine": "the engine",
    "session": "the session dependency",
}


def emit_database(plan: ResourcePlan) -> Iterator[Emission]:
    """The missing parts of the way to a session."""
    ground, session = plan.house.foundation, plan.house.session
    if ground is None or not ground.database:
        return
    body = render(
        "sqlalchemy/database.py.jinja",
        parts=ground.database_parts,
        address=ground.address,
        default_address="sqlite+aiosqlite:///./app.db" if session.is_async else "sqlite:///./app.db",
        is_async=session.is_async,
        session_type=session.type.name,
        opening=ground.opening,
    )
    imports = (*_IMPORTS, session.type.line, *(i for i in ground.database_imports if _elsewhere(i, ground)))
    summary = ", ".join(_WORDS[part] for part in ground.database_parts)
    yield Piece("config", ground.database, imports, body, "the database", "", summary)


def _elsewhere(line: str, ground: Foundation) -> bool:
    """Whether an import names something that this very file does not make."""
    made = {"engine": "engine", "address": "DATABASE_URL"}
    return not any(part in ground.database_parts and line.endswith(f" import {name}") for part, name in made.items())


def emit_entities(plan: ResourcePlan) -> Iterator[Emission]:
    """The new entity in the package of all entities."""
    ground = plan.house.foundation
    if ground is None or not ground.models:
        return
    line = f"from {plan.module('model')} import {plan.class_name}"
    because = "every entity is known to the package"
    if ground.models_after is not None:
        after = ground.models_after
        yield Insertion(ground.models, "import", line, because, after.line, after.text, exported=plan.class_name)
    else:
        yield Piece("model", ground.models, (line,), f'__all__ = ["{plan.class_name}"]', because, "", plan.class_name)
