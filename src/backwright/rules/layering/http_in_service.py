"""BW106: services and repositories speak of the domain, not of HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Import, Param
from backwright.core.findings import Finding
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop
from backwright.kit.findings import Voice
from backwright.kit.handlers import WEB, injected
from backwright.kit.index import FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.libraries import libraries
from backwright.kit.shapes import Rule
from backwright.rules.layering._http_of_others import Speakers, Spoken

_VOICE = Voice("BW106", "http-in-service", "error")
_RESPONSES = frozenset(
    {"Response", "JSONResponse", "ORJSONResponse", "UJSONResponse", "HTMLResponse", "PlainTextResponse",
     "RedirectResponse", "StreamingResponse", "FileResponse"}
)  # fmt: skip
_NAMES = frozenset({"Request", "HTTPException", "status"}) | _RESPONSES
_MEND = {
    "HTTPException": "raise an error of the domain and translate it in the router",
    "Request": "take the values it needs as arguments",
    "status": "leave the status to the router",
}
_SHOWN = 3
# Fewer files than this are no style.
_STYLE = 3


@dataclass(frozen=True)
class Leak:
    """The HTTP names that one file below the routers uses, each with the places."""

    path: str
    layer: str
    items: tuple[tuple[Import, tuple[tuple[Body, Expr], ...]], ...]

    @property
    def names(self) -> str:
        return " and ".join(f"`{item.alias}`" for item, _ in self.items[:_SHOWN])


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each service or repository that uses HTTP names; one for the project where most do."""
    yield from _of_others(index, archmap)
    index = index.only(("python",))
    layer = layers_of(index, archmap).layer
    below = [p for p in sorted(index.files) if layer.get(p) in {"service", "repository"}]
    leaks = [leak for path in below if (leak := _leak(index, path, layer[path])) is not None]
    files = {leak.path for leak in leaks}
    clean = [p for p in below if p not in files and any(b.raises for b in bodies(index).by_path.get(p, {}).values())]
    each = [_one(leak, clean) for leak in leaks]
    speaking, others = index.counts.of("BW106 speak HTTP", len(leaks)), index.counts.of("BW106 do not", len(clean))
    if speaking >= _STYLE and speaking > others and each:
        own = f"{others} raise errors of their own"
        yield _VOICE.style(
            each,
            f"{speaking} services or repositories speak HTTP (here {leaks[0].names}); {own}",
            help="errors of the domain, translated in one place, keep services usable from jobs and tests",
        )
    else:
        yield from each


def _of_others(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """The same for languages whose functions say it in their signatures and in what they raise and return."""
    index = index.only(index.spoken - {"python"})
    layer = layers_of(index, archmap).layer if index.files else {}
    below = [p for p in sorted(index.files) if layer.get(p) in {"service", "repository"}]
    speakers = Speakers(index, archmap)
    spoken = {path: found for path in below if (found := speakers.of(path))}
    clean = [p for p in below if p not in spoken and _speaks_otherwise(index, p)]
    each = [_spoken(path, layer[path], found) for path, found in spoken.items()]
    speaking = index.counts.of("BW106 speak HTTP in other languages", len(spoken))
    others = index.counts.of("BW106 do not in other languages", len(clean))
    if speaking >= _STYLE and speaking > others and each:
        yield _VOICE.style(
            each,
            f"{speaking} services or repositories speak HTTP (here `{next(iter(spoken.values()))[0][2]}`); "
            f"{others} do not",
            help="errors of the domain, translated in one place, keep services usable from jobs and tests",
        )
    else:
        yield from each


def _speaks_otherwise(index: FactIndex, path: str) -> bool:
    """Whether a file below the routers has something to say of errors and says it in its own words."""
    raising = any(body.raises for body in bodies(index).by_path.get(path, {}).values())
    return raising or not libraries(index.files[path].language).web.names


def _spoken(path: str, layer: str, found: list[Spoken]) -> Finding:
    body, loc, name = found[0]
    return _VOICE.finding(
        path,
        loc,
        f"`{body.scope}` of this {layer} speaks HTTP (`{name}`): that belongs to the router",
        scope=body.scope,
        text=",".join(dict.fromkeys(n for _, _, n in found)),
        help="take the values it needs as arguments, and return data or an error of the domain for the router to answer",
        related=[Hop(b.path, at, f"so does `{b.scope}` (`{n}`)").related() for b, at, n in found[1 : _SHOWN + 1]],
    )


def _one(leak: Leak, clean: list[str]) -> Finding:
    item, _ = leak.items[0]
    same = [p for p in clean if p.rpartition("/")[0] == leak.path.rpartition("/")[0]] or clean
    how = f"; {same[0]} does it the house way" if same else ""
    return _VOICE.finding(
        leak.path,
        item.loc,
        f"this {leak.layer} uses {leak.names} of {item.module.partition('.')[0]}: HTTP belongs to the router",
        text=",".join(i.name for i, _ in leak.items),
        help=_MEND.get(item.name, "return the data and let the router answer") + how,
        related=[
            Hop(b.path, e.loc, f"`{i.alias}` is used in `{b.scope or 'the module'}`").related()
            for i, uses in leak.items
            for b, e in uses[:1]
        ],
    )


def _leak(index: FactIndex, path: str, layer: str) -> Leak | None:
    imports = [
        i for i in index.imports(path) if i.level == 0 and not i.typing_only and i.module.partition(".")[0] in WEB
    ]
    # a file that builds dependencies is called by the framework, with what the framework has
    wiring = any(i.name in {"Depends", "Security"} for i in imports)
    items = [
        (item, uses)
        for item in sorted(imports, key=lambda i: i.name not in _MEND)
        if item.name in _NAMES
        and not (wiring and item.name in {"Request", "Response"})
        and (uses := tuple(_uses(index, path, item)))
    ]
    return Leak(path, layer, tuple(items)) if items else None


def _uses(index: FactIndex, path: str, item: Import) -> Iterator[tuple[Body, Expr]]:
    """Where a name is used, outside of what the framework itself calls."""
    provided = injected(index)
    for body in bodies(index).by_path.get(path, {}).values():
        if provided.is_web(body):
            continue
        if item.name == "status":
            yield from ((body, e) for e in _statuses(body, item.alias))
            continue
        for param in body.symbol.params if body.symbol is not None else ():
            if param.annotation_expr is not None and _names(param, item.alias):
                yield body, param.annotation_expr
        for expr in body.expressions():
            if not _is_wiring(expr):
                yield from ((body, e) for e in walk(expr) if e.kind == "name" and e.text == item.alias)


def _names(param: Param, alias: str) -> bool:
    return param.annotation_expr is not None and any(
        e.kind == "name" and e.text == alias for e in walk(param.annotation_expr)
    )


def _is_wiring(expr: Expr) -> bool:
    """`isinstance(x, Response)` and the like only look."""
    return expr.kind == "call" and expr.parts[0].dotted() in {"isinstance", "issubclass"}


def _statuses(body: Body, alias: str) -> Iterator[Expr]:
    """Statuses that a function gives away: raised, or passed as `status_code`."""
    raised = [r.value for r in body.raises if r.value is not None]
    given = [c.expr.keyword("status_code") for c in body.calls]
    for expr in [*raised, *(g for g in given if g is not None)]:
        yield from (e for e in walk(expr) if e.kind == "name" and e.text == alias)


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "go", "rust", "java", "kotlin", "typescript"), check)
