"""What `map` says to people."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import PurePosixPath

from backwright.core.archmap import ROLES, ArchMap, Component
from backwright.report.check_text import draw_problems
from backwright.report.results import Head, MapResult
from backwright.report.terminal import Canvas, Part, Screen, Styled, count

_KINDS = {"package_manager": "packages"}


def headline(head: Head) -> str:
    """`shop-api   main @ 4f2c1ab, 214 files`."""
    place = f"{head.branch} @ {head.commit}" if head.branch and head.commit else head.commit or head.branch
    facts = [part for part in (place, count(head.files, "file") if head.files else "") if part]
    return "   ".join(part for part in (head.name, ", ".join(facts)) if part)


def render_map(result: MapResult, screen: Screen, *, verbose: bool = False) -> str:
    """Stack, architecture and house style; with `verbose` the routes, the entities and what found no place."""
    canvas = Canvas(screen)
    archmap = result.archmap
    canvas.line(Styled(headline(result.head), "bold"))
    _stack(canvas, archmap)
    _architecture(canvas, archmap, verbose=verbose)
    _style(canvas, archmap)
    if verbose:
        _routes(canvas, archmap)
        _entities(canvas, archmap)
        _paths(canvas, "Unplaced", [[path] for path in archmap.unplaced])
        _paths(canvas, "Left out", [[path, Styled(why, "dim")] for path, why in archmap.skipped])
    _others(canvas, archmap)
    if result.problems:
        canvas.gap()
        draw_problems(canvas, result.problems)
    return canvas.text()


def _section(canvas: Canvas, title: str) -> None:
    canvas.gap()
    canvas.line(Styled(title, "bold cyan"))


def _stack(canvas: Canvas, archmap: ArchMap) -> None:
    _section(canvas, "Stack")
    rows: list[list[Part]] = []
    for part in archmap.stack.parts:
        sure = "" if part.confidence >= 0.75 else ", probably"
        evidence = str(part.evidence[0]) if part.evidence else ""
        rows.append(
            [_KINDS.get(part.kind, part.kind), f"{part.name} {part.version}".strip() + sure, Styled(evidence, "dim")]
        )
    canvas.table(rows)
    if not rows:
        canvas.line("  nothing recognised")


def _architecture(canvas: Canvas, archmap: ArchMap, *, verbose: bool) -> None:
    _section(canvas, "Architecture")
    by_role: dict[str, list[Component]] = defaultdict(list)
    for component in archmap.components:
        by_role[component.role].append(component)
    skipping = _skipping(archmap)
    rows: list[list[Part]] = []
    for role in [*ROLES, *sorted(set(by_role) - set(ROLES))]:
        if by_role[role]:
            note = _verb(skipping, "skips a layer", "skip a layer") if role == "router" and skipping else ""
            rows.append([role, str(len(by_role[role])), _folders(by_role[role]), Styled(note, "yellow")])
    if archmap.unplaced:
        rows.append(
            [
                "unplaced",
                str(len(archmap.unplaced)),
                "",
                Styled("" if verbose else "backwright explain unplaced", "dim"),
            ]
        )
    canvas.table(rows, right=(1,))
    if archmap.routes or archmap.entities:
        canvas.line(f"  {count(len(archmap.routes), 'route')}, {count(len(archmap.entities), 'entity', 'entities')}")


def _verb(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _folders(components: list[Component]) -> str:
    """The folder that holds most of them, and how many others there are."""
    folders = Counter(str(PurePosixPath(c.path).parent) for c in components)
    (first, _), *others = folders.most_common()
    if len(components) == 1:
        return components[0].path
    return f"{first} and {count(len(others), 'other folder')}" if others else first


def _skipping(archmap: ArchMap) -> int:
    """Routers that import a repository although there are services."""
    role = {c.path: c.role for c in archmap.components}
    if "service" not in role.values():
        return 0
    return len(
        {e.source for e in archmap.edges if role.get(e.source) == "router" and role.get(e.target) == "repository"}
    )


def _style(canvas: Canvas, archmap: ArchMap) -> None:
    _section(canvas, "House style")
    rows: list[list[Part]] = []
    for habit in archmap.conventions:
        exemplar = str(habit.exemplar) if habit.exemplar else ""
        words = habit.detail or f"{habit.topic.replace('_', ' ').replace('.', ' ')}: {habit.value}"
        # What is said of the whole project was seen once: to count it says nothing.
        counted = f"{habit.support} of {habit.support + habit.against}" if habit.support + habit.against > 1 else ""
        rows.append([words, counted, Styled(exemplar, "dim")])
    canvas.table(rows, wrap=0)
    if not rows:
        seen = archmap.routes or archmap.entities
        canvas.line("  not read for this stack yet" if seen else "  no habit found: there is nothing to imitate yet")


def _routes(canvas: Canvas, archmap: ArchMap) -> None:
    if not archmap.routes:
        return
    _section(canvas, "Routes")
    rows: list[list[Part]] = []
    for info in archmap.routes:
        route = info.route
        path = route.path if route.complete else f"…{route.path}"
        place = Styled(f"{info.path}:{route.loc.line}", "dim")
        rows.append([route.method, path, ", ".join(route.auth) or "open", route.response or "–", place])
    canvas.table(rows, gap=2)


def _entities(canvas: Canvas, archmap: ArchMap) -> None:
    if not archmap.entities:
        return
    _section(canvas, "Entities")
    for info in archmap.entities:
        table = info.table
        canvas.line(f"  {table.entity}  ", Styled(f"{table.table}  {info.path}:{table.loc.line}", "dim"))
        rows: list[list[Part]] = []
        for column in table.columns:
            marks = [
                word
                for word, on in (
                    ("primary key", column.primary_key),
                    ("null", column.nullable),
                    ("unique", column.unique),
                )
                if on
            ]
            marks += [f"→ {column.foreign_key}"] if column.foreign_key else []
            rows.append([column.name, column.type, Styled(", ".join(marks), "dim")])
        rows += [[r.name, f"{r.target}[]" if r.many else r.target, Styled("relation", "dim")] for r in table.relations]
        canvas.table(rows, indent=4, gap=2)


def _paths(canvas: Canvas, title: str, rows: list[list[Part]]) -> None:
    if rows:
        _section(canvas, title)
        canvas.table(rows)


def _others(canvas: Canvas, archmap: ArchMap) -> None:
    others = [root for root in archmap.projects if root != archmap.root]
    if others:
        _section(canvas, "Other backends in this repository")
        for root in others:
            canvas.line("  ", root or ".")
