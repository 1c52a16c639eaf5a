"""The architecture and the house style, as data."""

from __future__ import annotations

import msgspec

from backwright.core.facts import Route, Span, Table
from backwright.core.stack import Stack

ROLES = (
    "router",
    "service",
    "repository",
    "model",
    "schema",
    "dependency",
    "error",
    "migration",
    "job",
    "config",
    "test",
    "app",
)


class Component(msgspec.Struct, frozen=True):
    """A module with the role it plays, and because of what; `also` are roles that it plays beside that one."""

    path: str
    role: str
    name: str  # dotted module
    because: str
    lines: int = 0
    also: tuple[str, ...] = ()


class Edge(msgspec.Struct, frozen=True):
    """`source` imports `target` (paths)."""

    source: str
    target: str
    line: int


class Convention(msgspec.Struct, frozen=True):
    """One habit of the house: `support` places follow it, `against` do not, `exemplar` shows it best."""

    topic: str
    value: str
    support: int
    against: int = 0
    exemplar: Span | None = None
    detail: str = ""


class RouteInfo(msgspec.Struct, frozen=True):
    """A route with the file it is in."""

    path: str  # file
    route: Route


class EntityInfo(msgspec.Struct, frozen=True):
    """An entity with the file it is in."""

    path: str  # file
    table: Table


class ArchMap(msgspec.Struct, frozen=True):
    """Everything `map` shows."""

    root: str  # the project within the repository, `""` for the top
    stack: Stack
    components: tuple[Component, ...] = ()
    edges: tuple[Edge, ...] = ()
    routes: tuple[RouteInfo, ...] = ()
    entities: tuple[EntityInfo, ...] = ()
    conventions: tuple[Convention, ...] = ()
    unplaced: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()  # path, why
    files: int = 0
    projects: tuple[str, ...] = ()  # roots of all backends found in the repository

    def convention(self, topic: str) -> Convention | None:
        return next((c for c in self.conventions if c.topic == topic), None)

    def by_role(self, role: str) -> tuple[Component, ...]:
        return tuple(c for c in self.components if role in (c.role, *c.also))
