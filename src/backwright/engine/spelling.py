"""How a decided change becomes emissions: each blueprint has a module of its own name in `engine.spellings`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from backwright.core.archmap import Component
from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported
from backwright.core.request import Understood
from backwright.engine.weaving import Words
from backwright.kit.artifacts import Emission
from backwright.kit.house import House, Manner
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Blueprint

Decide = Callable[..., Any]


@dataclass(frozen=True)
class Task:
    """What a change is planned from. `read` gives a file's text, None when it does not exist."""

    understood: Understood
    house: House
    index: FactIndex
    components: tuple[Component, ...]
    read: Callable[[str], str | None]
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Spelled:
    """A decided change: what it assumes and asks, and what it emits once nothing of level high is open."""

    title: str
    emissions: Callable[[], Iterable[Emission]]
    house: Manner
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: Callable[[], Iterable[str]] = tuple
    leaves: Callable[[], Iterable[str]] = tuple
    words: Words | None = None
    decision: Any = None


def spelled(blueprint: Blueprint, task: Task) -> Spelled:
    """What the blueprint decides, spelled. Raises Unsupported where nothing here spells this kind of change."""
    name = f"{__package__}.spellings.{blueprint.name}"
    if find_spec(name) is None:
        raise Unsupported(f"nothing spells the changes of the blueprint `{blueprint.name}`")
    result = import_module(name).spell(task, blueprint.decide)
    assert isinstance(result, Spelled)
    return result


def refuse_foreign(task: Task) -> None:
    """Raises Unsupported at the first entity that no ORM declares whose style is known."""
    for path, table in task.index.tables():
        if table.orm not in {"sqlalchemy", "sqlmodel"}:
            raise Unsupported(
                "entities that are declared with neither SQLAlchemy nor SQLModel are not supported",
                where=f"{path}:{table.loc.line}",
            )
