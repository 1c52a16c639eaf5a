"""BW904: every route is requested by some test."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from backwright.core.archmap import ArchMap
from backwright.core.facts import Route
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.findings import Voice, place
from backwright.kit.handlers import Targets
from backwright.kit.index import FactIndex
from backwright.kit.requested import Requested, requested
from backwright.kit.shapes import Rule

_VOICE = Voice("BW904", "endpoint-without-test", "warning")
_STYLE = 3
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "ANY", ""})


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each route that no test reaches; one for all where most are not, silence where tests cannot be read."""
    asked = requested(index)
    serving = Serving(index, archmap)
    served = ((p, r) for p, r in index.routes() if p in serving and r.method in _METHODS)
    routes = [(p, _as_known(index, p, r)) for p, r in served if _is_own(index, p, r)]
    if not routes or asked.everything or (asked.tests and not asked.is_readable):
        return
    reached = {(p, r.loc.start, r.method) for p, r in routes if asked.reaches(r)}
    missing = [(p, r) for p, r in routes if (p, r.loc.start, r.method) not in reached and _is_sure(r, asked)]
    exemplar = next((place(p, r.loc) for p, r in routes if (p, r.loc.start, r.method) in reached), "")
    each = [_finding(p, r, exemplar) for p, r in missing]
    if not asked.tests:
        yield _VOICE.style(each, f"there are no tests: none of {len(routes)} routes is requested", help=_FIRST)
    elif len(each) * 2 > len(routes) and len(each) >= _STYLE:
        yield _VOICE.style(each, f"{len(each)} of {len(routes)} routes are requested by no test", help=_FIRST)
    else:
        yield from each


_FIRST = "begin with a test for each route that changes something"


def _as_known(index: FactIndex, path: str, route: Route) -> Route:
    """The route; in TypeScript what it is mounted below is not said to be known, since it may be set while running."""
    return route if index.files[path].language == "python" else msgspec.structs.replace(route, complete=False)


def _is_own(index: FactIndex, path: str, route: Route) -> bool:
    """Whether the handler is of this project: views that a framework brings are tested where they are made."""
    if index.files[path].language != "python":  # a function without a name is called by its place: `<6:19>`
        return route.handler.startswith("<") or index.derived(Targets).body(path, route.handler) is not None
    found = index.resolve(path, route.handler) or index.resolve(path, route.handler.rpartition(".")[0])
    return found is not None and found.symbol.kind in {"function", "method", "class"}


def _is_sure(route: Route, asked: Requested) -> bool:
    """Whether a route is known well enough: names like `order-list` and `order-close` are made by routers, for any class."""
    action = route.handler.rpartition(".")[2].replace("_", "-")
    generic = action in {"list", "create", "retrieve", "update", "partial-update", "destroy"}
    named = any("-" in name and (generic or name.endswith(f"-{action}")) for name in asked.names)
    return not named and "*" not in route.path


def _finding(path: str, route: Route, exemplar: str) -> Finding:
    shown = f"{route.method} {route.path}" if route.method not in {"ANY", ""} else route.path
    return _VOICE.finding(
        path,
        route.loc,
        f"no test requests `{shown}`",
        scope=route.handler,
        text=shown,
        help=f"add a test that requests it{f', as there is one for {exemplar}' if exemplar else ''}",
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
