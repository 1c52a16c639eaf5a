"""BW701: services raise errors of the domain, and handlers too where the project has errors of its own."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Raise
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.findings import Voice, place
from backwright.kit.handlers import handlers, injected
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference
from backwright.kit.layers import layers_of
from backwright.kit.libraries import libraries, pattern
from backwright.kit.linking import within
from backwright.kit.shapes import Rule
from backwright.kit.webside import is_around_handlers

_VOICE = Voice("BW701", "raw-http-exception", "warning")
_RAW = frozenset({"fastapi.HTTPException", "starlette.exceptions.HTTPException", "fastapi.exceptions.HTTPException"})
# Fewer errors of its own than this are no central module.
_LEAST = 3
# Own errors are the house's way where they are so many times more than raw ones.
_MOST = 3


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Functions of services and repositories that raise `HTTPException`, and handlers where most raise errors of their own."""
    yield from _below(index, archmap)
    yield from _beside_own_errors(index, archmap)


def _below(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each function below the routers, one for the project where most of the files there do so."""
    layer = layers_of(index, archmap).layer
    provided = injected(index)
    raw: list[tuple[Body, Raise]] = []
    other: set[str] = set()
    for path in sorted(p for p in index.files if layer.get(p) in {"service", "repository"}):
        for body in bodies(index).by_path.get(path, {}).values():
            raised = [r for r in body.raises if r.value is not None and _is_raw(index, body, r.value)]
            if raised and not provided.is_web(body) and not is_around_handlers(index, body):
                raw.append((body, raised[0]))
            elif body.raises and not raised:
                other.add(path)
    files = {body.path for body, _ in raw}
    each = [_low(body, item, layer[body.path]) for body, item in sorted(raw, key=lambda f: (f[0].path, f[1].loc.start))]
    if len(files) >= _LEAST and len(files) > len(other - files):
        yield _VOICE.style(
            each,
            f"{len(files)} services or repositories raise `{_name(raw[0][1])}` and the like; "
            f"{len(other - files)} raise errors of their own",
            help="errors of the domain, translated in one place, keep services usable from jobs and tests",
        )
    else:
        yield from each


def _low(body: Body, item: Raise, layer: str) -> Finding:
    return _VOICE.finding(
        body.path,
        item.loc,
        f"`{body.scope}` of a {layer} raises the `{_name(item)}` of the framework",
        scope=body.scope,
        text="HTTPException below",
        help="raise an error of the domain and translate it where HTTP begins",
    )


def _name(item: Raise) -> str:
    value = item.value
    return (value.parts[0] if value.kind == "call" else value).dotted() if value is not None else ""


def _is_raw(index: FactIndex, body: Body, value: Expr) -> bool:
    callee = value.parts[0] if value.kind == "call" else value
    known = libraries(index.files[body.path].language).errors.raw
    if known:
        name = callee.dotted().partition(".")[0]
        source = next((i for i in index.imports(body.path) if i.alias == name and not i.level), None)
        given = next(
            (text for package, text in known.items() if source is not None and within(source.module, package)), ""
        )
        return pattern(given).search(callee.dotted()) is not None
    return inference(index).origin(body.path, callee.dotted()) in _RAW


def _beside_own_errors(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each handler that raises `HTTPException`, where most raise errors that one module defines."""
    serving = Serving(index, archmap)
    raw: list[tuple[Body, Raise]] = []
    own: list[tuple[Body, Raise, Definition]] = []
    for handler in handlers(index, archmap):
        if handler.path not in serving:
            continue
        for body in bodies(index).with_inner(handler.body):
            for item in body.raises:
                if item.value is None or item.value.kind not in {"call", "name", "attribute"}:
                    continue
                callee = item.value.parts[0] if item.value.kind == "call" else item.value
                if _is_raw(index, body, item.value):
                    raw.append((body, item))
                elif (found := _own_error(index, body, callee.dotted())) is not None:
                    own.append((body, item, found))
    homes = {found.path for _, _, found in own}
    if len(own) < _LEAST or len(own) <= len(raw) or len(homes) > max(1, len(own) // 2):
        return
    firsts = {body.key: (body, item) for body, item in reversed(raw)}
    each = [_one(body, item, own) for body, item in sorted(firsts.values(), key=lambda f: (f[0].path, f[1].loc.start))]
    if len(raw) * _MOST > len(own) and len(each) >= _LEAST:
        yield _VOICE.style(
            each,
            f"{len(each)} handlers raise `{_name(raw[0][1])}` and the like, {len(own)} times the errors of `{own[0][2].path}` are raised",
            help="one way to say what went wrong gives clients one shape to read",
        )
    else:
        yield from each


def _one(body: Body, item: Raise, own: list[tuple[Body, Raise, Definition]]) -> Finding:
    near, at, error = next((o for o in own if o[0].path == body.path), own[0])
    return _VOICE.finding(
        body.path,
        item.loc,
        f"`{_name(item)}` is raised here; elsewhere handlers raise the errors of this project",
        scope=body.scope,
        text="HTTPException",
        help=f"raise an error of `{error.path}`; {place(near.path, at.loc)} does",
    )


def _own_error(index: FactIndex, body: Body, name: str) -> Definition | None:
    """An exception class of this project, defined outside of the file that raises it."""
    found = inference(index).resolve(body.path, name) if name else None
    if found is None or found.symbol.kind != "class" or found.path == body.path:
        return None
    line = [found.symbol.name, *(b.rpartition(".")[2] for b in index.root_bases(found))]
    return found if any(n.endswith(("Exception", "Error")) for n in line) else None


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
