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
_NO_RESOURCE = {"__init__", "base", "deps", "mixins", "common", "utils"}  # files that hold what resources share
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
    yield from _wiring(index, roles, house)
    yield from _tests(house, sum(role == "test" for role in roles.values()))


def _file_naming(role: str, paths: list[str]) -> Iterator[Convention]:
    """`order_service.py`, `orders.py` or `order.py`: what the files of one layer are called."""
    named = [(p, basename(p).removesuffix(".py")) for p in paths]
    named = [(p, n) for p, n in named if n not in _NO_RESOURCE]
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
            return f"{_number(name.removesuffix(suffix))}{suffix}.py"
    for prefix in (f"{role}_", "repo_", "crud_"):
        if name.startswith(prefix) and name != prefix:
            return f"{prefix}{_number(name.removeprefix(prefix))}.py"
    if name in {role, plural(role), "crud", "api", "views", "endpoints", "routes"}:
        return f"{name}.py"
    return f"{_number(name)}.py"


def _number(name: str) -> str:
    return "<singular>" if singular(name) == name else "<plural>"


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
        if not value:
            continue
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


def _wiring(index: FactIndex, roles: dict[str, str], house: House) -> Iterator[Convention]:
    """How an endpoint gets its service and the service its repository, counted over the names that spell it."""
    named = [(d.path, d.symbol.name) for d in index.all_symbols() if not d.symbol.scope]
    for role, style in (("service", house.service), ("repository", house.repository)):
        if style.form == "inline" or style.because is None:
            continue
        value, pattern = _way(role, style, house)
        placed = [path for path, at in roles.items() if at == role]
        files = [path for path in placed if basename(path).removesuffix(".py") not in _NO_RESOURCE]
        # A name that spells its role may stand anywhere, a bare one (`account = AccountStore()`) in its layer's files.
        anywhere = pattern.strip("{}") not in {"snake", "snakes", "Pascal"}
        spelled = len({n for p, n in named if pattern and (anywhere or p in files) and _matches(pattern, n)})
        # Where nothing spells the way (functions that take the session), the files of the layer are what is counted.
        support = spelled or len(files) or 1
        value = value.replace("{Pascal}", "<Name>").replace("{snake}", "<name>")
        against = max(0, len(files) - support) if spelled else 0
        yield Convention(f"wiring.{role}", value, support, against, style.because, f"a {role} {value}")


def _way(role: str, style: LayerStyle, house: House) -> tuple[str, str]:
    """What is said of a layer's wiring, and the pattern of the names that show it ("" where none does)."""
    provider = style.provider.name if style.provider is not None else ""
    if style.alias:
        return f"arrives as {style.alias}", style.alias
    if provider and role == "repository" and house.service.provider == style.provider:
        return f"is made in {provider}", provider
    if provider:
        return f"arrives through Depends({provider})", provider
    if style.form == "functions":
        return "is functions that take the session", ""
    if style.form == "instance":
        return "is one object of its module; its methods take the session", style.instance
    return (
        f"is a class that takes {'the repository' if style.takes == 'repository' else 'the ' + style.takes}",
        style.name,
    )


def _matches(pattern: str, name: str) -> bool:
    shape = re.escape(pattern).replace(r"\{Pascal\}", r"[A-Z]\w*").replace(r"\{snake\}", r"[a-z]\w*")
    return re.fullmatch(shape, name) is not None


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
