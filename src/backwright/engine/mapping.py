"""The map of a project: its stack, its layers, who imports whom, its routes and entities, its habits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from backwright.core.archmap import ArchMap, Component, Convention, Edge, EntityInfo, RouteInfo
from backwright.core.facts import Import, Symbol
from backwright.core.stack import Stack
from backwright.engine.detecting import detect
from backwright.engine.habits import habits
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Framework


def build_map(
    index: FactIndex,
    placed: tuple[Component, ...],
    house: House,
    conventions: tuple[Convention, ...],
    *,
    frameworks: Sequence[Framework],
    read: Callable[[str], str | None],
    skipped: tuple[tuple[str, str], ...] = (),
    projects: tuple[str, ...] = (),
) -> ArchMap:
    """Everything that `map` shows. `conventions` are those that came with the house; more are counted here."""
    known = {c.topic for c in conventions}
    tests = {c.path for c in placed if c.role == "test"}
    more = tuple(c for c in habits(index, placed, house) if c.topic not in known)
    return ArchMap(
        root=index.root,
        stack=detect(index, house, frameworks, read),
        components=tuple(c for c in placed if c.role),
        edges=tuple(edges(index)),
        routes=tuple(RouteInfo(p, r) for p, r in index.routes() if p not in tests),
        entities=tuple(EntityInfo(p, t) for p, t in index.tables() if p not in tests),
        conventions=tuple(_worded(c) for c in (*conventions, *more) if c.support + c.against),
        unplaced=tuple(c.path for c in placed if not c.role and has_code(index, c.path)),
        skipped=skipped,
        files=len(index.paths),
        projects=projects,
    )


def map_of_stack(
    index: FactIndex,
    placed: tuple[Component, ...],
    stack: Stack,
    conventions: tuple[Convention, ...] = (),
    *,
    files: int,
    projects: tuple[str, ...],
    skipped: tuple[tuple[str, str], ...] = (),
) -> ArchMap:
    """The map of a project by its `stack`, found from its manifests and imports; `conventions` are those of its house."""
    tests = {c.path for c in placed if c.role == "test"}
    return ArchMap(
        root=index.root,
        stack=stack,
        components=tuple(c for c in placed if c.role),
        edges=tuple(edges(index)),
        routes=tuple(RouteInfo(p, r) for p, r in index.routes() if p not in tests),
        entities=tuple(EntityInfo(p, t) for p, t in index.tables() if p not in tests),
        conventions=tuple(_worded(c) for c in conventions if c.support + c.against),
        unplaced=tuple(c.path for c in placed if not c.role and has_code(index, c.path)),
        skipped=skipped,
        files=files,
        projects=projects,
    )


def edges(index: FactIndex) -> Iterator[Edge]:
    """Which file of the project imports which, each pair once."""
    for path in index.files:
        seen = {path}
        for item in index.imports(path):
            target = index.imported_file(path, item)
            if target and target not in seen:
                seen.add(target)
                yield Edge(path, target, item.loc.line)


def has_code(index: FactIndex, path: str) -> bool:
    """Whether a file defines anything; one that only imports, to pass names on, does not."""
    return any(isinstance(fact, Symbol) or not isinstance(fact, Import) for fact in index.facts(path))


def _worded(habit: Convention) -> Convention:
    """With a sentence for people: where there is none, the value is one; a list explains the value."""
    if habit.topic == "layout":
        return msgspec.structs.replace(habit, detail=f"{habit.value} ({habit.detail})")
    return habit if habit.detail else msgspec.structs.replace(habit, detail=habit.value)
