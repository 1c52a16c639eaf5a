"""Habits that can be counted over all files: how they are named, what classes are called, how things are imported."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from posixpath import basename

from backwright.core.archmap import Component, Convention
from backwright.core.facts import Span
from backwright.kit.house import House, LayerStyle
from backwright.kit.index import FactIndex
from backwright.kit.naming import plural, singular

_LAYERS = ("router", "service", "repository", "model", "schema")
_BY_HAND = re.compile(
    r"[A-Z][A-Za-z0-9]*?(Service|Repository|Repo|Router|Schema|Model|Create|Update|Read|Public|Response)"
)


def habits(index: FactIndex, placed: tuple[Component, ...], house: House) -> Iterator[Convention]:
    """One convention a topic, each with counts and the place that shows it best."""
    roles = {c.path: c.role for c in placed}
    for role in _LAYERS:
        yield from _file_naming(role, [c.path for c in placed if c.role == role])
    yield from _class_naming(index, roles)
    yield from _imports(index, roles)
    yield from _wiring("service", house.service)
    yield from _wiring("repository", house.repository)
    yield from _tests(house, sum(role == "test" for role in roles.values()))


def _file_naming(role: str, paths: list[str]) -> Iterator[Convention]:
    """`order_service.py`, `orders.py` or `order.py`: what the files of one layer are called."""
    named = [(p, basename(p).removesuffix(".py")) for p in paths]
    named = [(p, n) for p, n in named if n not in {"__init__", "base", "deps", "mixins", "common", "utils"}]
    if len(named) < 2:
        return
    shapes = {p: _shape(n, role) for p, n in named}
    value, support = Counter(shapes.values()).most_common(1)[0]
    example = next(p for p, shape in shapes.items() if shape == value)
    detail = f"{role} files are called {value}"
    yield Convention(f"file naming.{role}", value, support, len(shapes) - support, Span(example, 1), detail)


def _shape(name: str, role: str) -> str:
    for suffix in (f"_{role}", f"_{plural(role)}", "_repo", "_api", "_routes", "_schemas", "_models", "_crud"):
        if name.endswith(suffix) and name != suffix:
            return ("<plural>" if _is_plural(name.removesuffix(suffix)) else "<singular>") + f"{suffix}.py"
    if name in {role, plural(role), "crud", "api", "views", "endpoints", "routes"}:
        return f"{name}.py"
    return "<plural>.py" if _is_plural(name) else "<singular>.py"


def _is_plural(name: str) -> bool:
    return singular(name) != name


def _class_naming(index: FactIndex, roles: dict[str, str]) -> Iterator[Convention]:
    for role in ("service", "repository"):
        names = [
            (d.path, d.symbol)
            for d in index.classes()
            if roles.get(d.path) == role and not d.symbol.scope and not d.symbol.name.startswith("Base")
        ]
        shapes = {(p, s.name): (m[1] if (m := _BY_HAND.fullmatch(s.name)) else "") for p, s in names}
        if len(shapes) < 2:
            continue
        value, support = Counter(shapes.values()).most_common(1)[0]
        path, symbol = next((p, s) for p, s in names if shapes[p, s.name] == value)
        shown = f"<Name>{value}"
        yield Convention(
            f"class naming.{role}",
            shown,
            support,
            len(shapes) - support,
            Span(path, symbol.loc.line),
            f"{role} classes are called {shown}",
        )


def _imports(index: FactIndex, roles: dict[str, str]) -> Iterator[Convention]:
    """Absolute or relative, among the project's own modules."""
    counts: Counter[str] = Counter()
    first: dict[str, Span] = {}
    for path in index.files:
        if roles.get(path) == "test":
            continue
        for item in index.imports(path):
            if index.imported_file(path, item):
                style = "relative" if item.level else "absolute"
                counts[style] += 1
                first.setdefault(style, Span(path, item.loc.line))
    if counts:
        value, support = counts.most_common(1)[0]
        detail = f"modules of the project are imported by {value} names"
        yield Convention("import style", value, support, counts.total() - support, first[value], detail)


def _wiring(role: str, style: LayerStyle) -> Iterator[Convention]:
    if style.form == "inline" or style.because is None:
        return
    if style.alias:
        value = f"arrives as {style.alias}"
    elif style.provider is not None:
        value = f"arrives through Depends({style.provider.name})"
    elif style.form == "functions":
        value = "is functions that take the session"
    elif style.form == "instance":
        value = "is one object of its module; its methods take the session"
    else:
        value = f"is a class that takes {'the repository' if style.takes == 'repository' else 'the ' + style.takes}"
    value = value.replace("{Pascal}", "<Name>").replace("{snake}", "<name>")
    yield Convention(f"wiring.{role}", value, 1, 0, style.because, f"a {role} {value}")


def _tests(house: House, files: int) -> Iterator[Convention]:
    tests = house.tests
    if tests is None or not files:
        return
    given = [f for f in (tests.client, tests.session, tests.user_headers, tests.admin_headers) if f]
    if not given:
        return
    where = tests.place.exemplar if tests.place is not None else None
    yield Convention(
        "test fixtures", ", ".join(given), 1, 0, where, f"tests are {tests.kind} and use {', '.join(given)}"
    )
