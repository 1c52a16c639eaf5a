"""Answers what only the database notices: a value that is taken meanwhile, a row that others refer to."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import Emission, Insertion, Piece
from backwright.kit.templates import render
from backwright.stacks.django.decide import DjangoPlan

_BECAUSE = "a conflict that only the database notices is answered with 409"


def can_conflict(plan: DjangoPlan) -> bool:
    """Whether rows can be in each other's way."""
    unique = any(f.spec.unique for f in plan.columns) or bool(plan.unique_together)
    return unique or any(f.spec.on_delete == "restrict" for f in plan.columns if f.type == "ref")


def answered(plan: DjangoPlan) -> bool:
    """Whether the house has an exception handler of its own already."""
    return plan.house.settings is not None and "EXCEPTION_HANDLER" in plan.house.settings.rest


def emit_conflicts(plan: DjangoPlan) -> Iterator[Emission]:
    """An exception handler, where the house has none and the settings can be given one."""
    settings = plan.house.settings
    if not can_conflict(plan) or answered(plan) or settings is None or not settings.rest_line or not settings.rest_last:
        return
    package = settings.path.rpartition("/")[0]
    if package.endswith("/settings"):
        package = package.rpartition("/")[0]
    path = f"{package}/exceptions.py" if package else "exceptions.py"
    if path in plan.index.files:
        return
    module = plan.index.module(settings.path).rpartition(".settings")[0]
    imports = (
        "from django.db import IntegrityError",
        "from django.db.models import ProtectedError, RestrictedError",
        "from rest_framework import exceptions, status",
        "from rest_framework.views import exception_handler",
    )
    yield Piece("exceptions", path, imports, render("drf/exceptions.py.jinja"), _BECAUSE)
    line = _line_of(plan.read(settings.path), settings.rest_last, settings.rest_line)
    name = f"{module}.exceptions.handler" if module else "exceptions.handler"
    indent = line[1]
    yield Insertion(
        settings.path,
        "replace",
        f'{settings.rest_last},\n{indent}"EXCEPTION_HANDLER": "{name}"',
        _BECAUSE,
        line[0],
        settings.rest_last,
    )


def _line_of(text: str, source: str, start: int) -> tuple[int, str]:
    """The line on which a source stands, from `start` on, and its indentation."""
    lines = text.splitlines()
    first = source.splitlines()[0]
    number = next(n for n, line in enumerate(lines, 1) if n >= start and first in line)
    found = lines[number - 1]
    return number, found[: len(found) - len(found.lstrip())]
