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
from backwright.kit.handlers import Injected, injected, roles
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.shapes import Rule

_VOICE = Voice("BW106", "http-in-service", "error")
_RESPONSES = frozenset(
    {"Response", "JSONResponse", "ORJSONResponse", "UJSONResponse", "HTMLResponse", "PlainTextResponse", "RedirectResponse",
     "StreamingResponse", "FileResponse"}
)  # fmt: skip
_NAMES = frozenset({"Request", "HTTPException", "status"}) | _RESPONSES
_PACKAGES = ("fastapi", "starlette")
_SHOWN = 3
# Fewer files than this are no style.
_STYLE = 3


@dataclass(frozen=True)
class Leak:
    """One HTTP name in a file below the routers, with the places that use it."""

    path: str
    role: str
    item: Import
    uses: tuple[tuple[Body, Expr], ...]


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each HTTP name that a service or repository uses; one for the project where most do."""
    role = roles(archmap)
    below = [p for p in sorted(index.files) if role.get(p) in {"service", "repository"}]
    leaks = [leak for path in below for leak in _leaks(index, path, role[path])]
    files = {leak.path for leak in leaks}
    clean = [p for p in below if p not in files and any(b.raises for b in bodies(index).by_path.get(p, {}).values())]
    if len(files) >= _STYLE and len(files) > len(clean):
        first = leaks[0]
        yield _VOICE.finding(
            first.path,
            first.item.loc,
            f"{len(files)} services or repositories speak HTTP (`{first.item.alias}` here); {len(clean)} raise errors of their own",
            text="house style",
            help="this is the style of the project, so it is said once; domain errors, translated in one place, keep services usable "
            "from jobs and tests",
            severity="advice",
        )
        return
    for leak in leaks:
        yield _one(leak, clean)


def _one(leak: Leak, clean: list[str]) -> Finding:
    name = leak.item.alias
    same = [p for p in clean if p.rsplit("/", 1)[0] == leak.path.rsplit("/", 1)[0]] or clean
    how = f"; {same[0]} does it the house way" if same else ""
    mend = {
        "HTTPException": "raise an error of the domain and translate it in the router",
        "status": "leave the status to the router",
        "Request": "take the values it needs as arguments",
    }.get(leak.item.name, "return the data and let the router answer")
    return _VOICE.finding(
        leak.path,
        leak.item.loc,
        f"this {leak.role} uses `{name}` of {leak.item.module.partition('.')[0]}: HTTP belongs to the router",
        text=leak.item.name,
        help=mend + how,
        related=[Hop(b.path, e.loc, f"`{name}` is used in `{b.scope or 'the module'}`").related() for b, e in leak.uses[:_SHOWN]],
    )


def _leaks(index: FactIndex, path: str, role: str) -> Iterator[Leak]:
    for item in index.imports(path):
        if item.typing_only or item.name not in _NAMES or item.level or item.module.partition(".")[0] not in _PACKAGES:
            continue
        uses = tuple(_uses(index, path, item))
        if uses:
            yield Leak(path, role, item, uses)


def _uses(index: FactIndex, path: str, item: Import) -> Iterator[tuple[Body, Expr]]:
    """Where a name is used, outside of what the framework itself calls."""
    provided = injected(index)
    for body in bodies(index).by_path.get(path, {}).values():
        if _is_web(index, body, provided):
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


def _is_web(index: FactIndex, body: Body, provided: Injected) -> bool:
    """Injected functions, and the methods of classes that the framework derives from, belong to the web layer."""
    if body in provided:
        return True
    owner = inference(index).resolve(body.path, body.scope.rpartition(".")[0]) if "." in body.scope else None
    if owner is None or owner.symbol.kind != "class":
        return False
    if (owner.path, owner.symbol.qualname) in provided.keys:
        return body.scope.endswith((".__init__", ".__call__"))
    return any(base.partition(".")[0] in _PACKAGES for base in index.root_bases(owner))


def _names(param: Param, alias: str) -> bool:
    return param.annotation_expr is not None and any(e.kind == "name" and e.text == alias for e in walk(param.annotation_expr))


def _is_wiring(expr: Expr) -> bool:
    """`isinstance(x, Response)` and the like only look."""
    return expr.kind == "call" and expr.parts[0].dotted() in {"isinstance", "issubclass"}


def _statuses(body: Body, alias: str) -> Iterator[Expr]:
    """Statuses that a function gives away: raised, or passed as `status_code`."""
    raised = [r.value for r in body.raises if r.value is not None]
    given = [c.expr.keyword("status_code") for c in body.calls]
    for expr in [*raised, *(g for g in given if g is not None)]:
        yield from (e for e in walk(expr) if e.kind == "name" and e.text == alias)


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python",), check)
