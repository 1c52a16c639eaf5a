"""BW906: what an endpoint may answer is in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import bodies
from backwright.kit.chains import links, name_of
from backwright.kit.findings import Voice, heading, place
from backwright.kit.handlers import Handler, handlers
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule
from backwright.kit.statuses import status_of

_VOICE = Voice("BW906", "undocumented-endpoint", "advice")
_WHOLE = frozenset(
    {"FastAPI", "include_router"}
)  # what they say of `responses` holds for routes that cannot be told here
_STYLE = 3
_CLIENT_ERRORS = range(400, 500)


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One advice for each route that raises and declares no answer but the good one, where others do; one for all where none does."""
    serving = Serving(index, archmap)
    if any(_declares_for_all(index, path) for path in index.files):
        return
    raising = [(h, s) for h in handlers(index, archmap) if h.path in serving and (s := _raised(index, h))]
    silent = [(h, s) for h, s in raising if not _declares(index, h)]
    telling = [h for h, _ in raising if _declares(index, h)]
    exemplar = f"; {place(telling[0].path, telling[0].route.loc)} does" if telling else ""
    each = [_finding(h, statuses, exemplar) for h, statuses in silent]
    if len(each) > len(telling) and len(each) >= _STYLE:
        yield _VOICE.style(
            each,
            f"{len(each)} of {len(raising)} routes that raise errors declare none of them in OpenAPI",
            help="`responses={404: {…}}` of a route or of its router tells clients what to expect",
        )
    elif telling:
        yield from each


def _declares_for_all(index: FactIndex, path: str) -> bool:
    calls = (link for call in index.calls(path) for link in links(call.expr) if name_of(link) in _WHOLE)
    return any(call.keyword("responses") is not None for call in calls)


def _raised(index: FactIndex, handler: Handler) -> tuple[int, ...]:
    """The statuses of the `HTTPException`s that a handler of FastAPI raises itself."""
    found: set[int] = set()
    for body in bodies(index).with_inner(handler.body):
        for item in body.raises:
            value = item.value
            if value is None or value.kind != "call" or name_of(value) != "HTTPException":
                continue
            if index.origin(body.path, value.parts[0].dotted()).startswith("fastapi"):
                status = status_of(value.keyword("status_code") or next(iter(value.positional()), None))
                if status is not None and status in _CLIENT_ERRORS:
                    found.add(status)
    return tuple(sorted(found))


def _declares(index: FactIndex, handler: Handler) -> bool:
    """Whether the route, or the router that it is on, says something of other answers, or is left out of the document."""
    symbol = handler.body.symbol
    marks: list[Expr] = [d for d in symbol.decorators if d.kind == "call"] if symbol is not None else []
    router = index.resolve(handler.path, handler.route.router) if handler.route.router else None
    if router is not None and router.symbol.value is not None and router.symbol.value.kind == "call":
        marks.append(router.symbol.value)
    return any(
        mark.keyword("responses") is not None
        or "**" in mark.keys
        or ((hidden := mark.keyword("include_in_schema")) is not None and hidden.text == "False")
        for mark in marks
    )


def _finding(handler: Handler, statuses: tuple[int, ...], exemplar: str) -> Finding:
    symbol = handler.body.symbol
    assert symbol is not None
    shown = " and ".join(str(s) for s in statuses)
    return _VOICE.finding(
        handler.path,
        heading(symbol),
        f"`{handler.route.method} {handler.route.path}` may answer {shown}, which OpenAPI does not tell",
        scope=handler.body.scope,
        text=f"{handler.route.method} {handler.route.path} {shown}",
        help=f"declare it: `responses={{{statuses[0]}: {{…}}}}`{exemplar}",
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python",), check)
