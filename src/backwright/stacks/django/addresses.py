"""Under which address a resource is reached: what stands before its segment, followed through `include`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from backwright.core.facts import Expr
from backwright.kit.chains import name_of
from backwright.kit.django.house import Mount
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file

Read = Callable[[str], str]
_DEPTH = 6
_PATHS = frozenset({"path", "re_path", "url"})


def prefix_of(index: FactIndex, mount: Mount, read: Read) -> str | None:
    """`/api/v1/` before the segment of a mount; None where it cannot be followed to the root of all addresses."""
    inside = ""
    if mount.router:
        included = _included(index, mount.path, f"{mount.router}.urls")
        router = re.escape(mount.router)
        if included is not None:
            inside = included
        elif not re.search(rf"urlpatterns\s*(?::[^=]*)?\+?=[^\n]*\b{router}\.urls|\*{router}\.urls", read(mount.path)):
            return _imported(index, mount)
    above = _above(index, mount.path, _DEPTH)
    return f"/{above}{inside}" if above is not None else None


def _included(index: FactIndex, path: str, what: str) -> str | None:
    """What stands before what is included in a file: a module by its name, or `router.urls`; None where it is not."""
    calls = [call.expr for call in index.calls(path)]
    for include in calls:
        if name_of(include) != "include" or what not in _targets(include):
            continue
        loc = include.loc
        around = [c for c in calls if name_of(c) in _PATHS and c.loc.start <= loc.start and loc.end <= c.loc.end]
        outer = sorted({c.loc.start: c for c in around}.items())
        return "".join(given[0].text.removeprefix("^") for _, c in outer if (given := c.positional()))
    return None


def _targets(include: Expr) -> set[str]:
    """The modules and routers that a call of `include` names."""
    given = include.positional()[:1]
    parts = [*given, *(part for expr in given if expr.kind == "sequence" for part in expr.parts)]
    return {part.text if part.kind == "string" else part.dotted() for part in parts}


def _above(index: FactIndex, path: str, depth: int) -> str | None:
    """What stands before the addresses of a file: `""` for the root's own."""
    module = index.module(path)
    if any(
        symbol.value is not None and symbol.value.text == module
        for p in index.files
        if (symbol := index.symbols(p).get("ROOT_URLCONF")) is not None
    ):
        return ""
    for other in index.files if depth else ():
        found = _included(index, other, module) if other != path and not is_test_file(other) else None
        above = _above(index, other, depth - 1) if found is not None else None
        if found is not None and above is not None:
            return above + found
    return None


def _imported(index: FactIndex, mount: Mount) -> str | None:
    """Of a router that another file includes: `from .routers import router`."""
    for other in index.files:
        for item in index.imports(other):
            if item.name == mount.router and index.imported_file(other, item) == mount.path and not is_test_file(other):
                found = _included(index, other, f"{item.alias}.urls")
                above = _above(index, other, _DEPTH) if found is not None else None
                if found is not None and above is not None:
                    return f"/{above}{found}"
    return None


def ends_with_slash(mounts: Sequence[Mount], read: Read) -> bool:
    """Whether addresses below these mounts end with a slash."""
    first = mounts[0]
    if not first.router:
        return any(mount.segment.endswith("/") for mount in mounts)
    return not re.search(rf"\b{re.escape(first.router)}\s*=[^\n]*trailing_slash\s*=\s*False", read(first.path))
