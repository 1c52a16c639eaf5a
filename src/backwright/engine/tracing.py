"""Whether the exemplar's endpoints lead to the database the way the house says; what does not is named, not imitated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backwright.core.archmap import RouteInfo
from backwright.core.facts import Param, Symbol
from backwright.engine.placing import is_session, session_calls
from backwright.frameworks.fastapi.arrivals import session_type
from backwright.frameworks.fastapi.dependencies import needs_of
from backwright.kit.house import LayerStyle
from backwright.kit.imitation import mentions
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms
from backwright.kit.references import names_in

_PORTS = frozenset({"ABC", "Protocol"})
_DATA = frozenset({"BaseModel", "SQLModel", "DeclarativeBase", "NamedTuple", "TypedDict"})


def leads_to(index: FactIndex, path: str, layer: str) -> bool:
    """Whether a file imports from another one, itself or through one file of wiring or re-exports between them."""
    if path == layer:
        return True
    near = {index.imported_file(path, item) for item in index.imports(path)} - {""}
    return layer in near or any(
        layer in {index.imported_file(other, item) for item in index.imports(other)} for other in near
    )


def port_of(index: FactIndex, definition: Definition, name: NameForms) -> str:
    """The abstract class of the same resource that a class implements, `""` for none."""
    for base in definition.symbol.bases:
        found = index.resolve(definition.path, base.split("[")[0])
        if found is None or not mentions(found.symbol.name, name):
            continue
        if {b.split("[")[0].split(".")[-1] for b in found.symbol.bases} & _PORTS:
            return found.symbol.name
    return ""


def untraced(
    index: FactIndex, routes: Iterable[RouteInfo], layers: Iterable[LayerStyle], definitions: Iterable[Definition]
) -> str:
    """Why the way from the endpoints to the database cannot be imitated, as a sentence; `""` where it can.

    `layers` are the service and the repository, `definitions` their classes.
    """
    layers = tuple(layers)
    for layer in layers:
        if layer.unspelled:
            return layer.unspelled
    if any(layer.form != "inline" for layer in layers):
        paths = [layer.because.path for layer in layers if layer.because is not None]
        paths += [base.path for definition in definitions for base in index.bases(definition)]
        if any(_touches(index, path) for path in paths):
            return ""
        return f"nothing in {paths[-1]} uses a database session, so how it reaches the database is not known"
    asked = [(info, index.symbols(info.path).get(info.route.handler)) for info in routes]
    handlers = [(info, handler) for info, handler in asked if handler is not None]
    if any(c.scope == handler.qualname for info, handler in handlers for c in session_calls(index, info.path)):
        return ""
    given = {p.name for info, h in handlers for p in h.params if _is_session(index, info.path, p)}
    through = [n for info, handler in handlers for n in _own_calls(index, info, handler, given)]
    if not through:
        return ""
    names = ", ".join(dict.fromkeys(f"`{n}`" for n in through))
    return f"its endpoints reach the database through {names}, a layer that is neither a service nor a repository here"


def _is_session(index: FactIndex, path: str, param: Param) -> bool:
    if session_type(index, path, param.annotation) is not None or is_session(param.name):
        return True
    return any(session_type(index, need.path, need.type) is not None for need in needs_of(index, path, (param,)))


def _touches(index: FactIndex, path: str) -> bool:
    """Whether a file works with a session: takes one, or calls one."""
    if any(True for _ in session_calls(index, path)):
        return True
    return any(_is_session(index, path, p) for s in index.symbols(path).values() for p in s.params)


def _own_calls(index: FactIndex, info: RouteInfo, handler: Symbol, given: set[str]) -> Iterator[str]:
    """What of the project's own a handler gives its session to; where it has none, what it calls or gets injected."""
    for need in needs_of(index, info.path, handler.params) if not given else ():
        found = index.resolve(need.path, need.type)
        if found is not None and found.symbol.kind == "class" and not _is_record(index, found):
            yield found.symbol.name
    for call in index.calls(info.path, handler.qualname):
        found = index.resolve(info.path, call.expr.parts[0].dotted().split("(")[0])
        handed = not given or given & set(names_in(call.expr))
        owner = index.resolve(found.path, found.symbol.scope) if found is not None and found.symbol.scope else None
        if owner is not None and _is_record(index, owner):
            continue  # entities that store themselves are a way to write, beside queries
        if handed and found is not None and found.path != info.path and not _is_data(index, found):
            yield found.symbol.name


def _is_data(index: FactIndex, definition: Definition) -> bool:
    """A record, a data class or an error: what is made and not asked."""
    if definition.symbol.kind != "class":
        return False
    roots = {b.split(".")[-1] for b in index.root_bases(definition)}
    made = bool(definition.symbol.decorators) or any(r.endswith(("Exception", "Error", "Enum")) for r in roots)
    return made or _is_record(index, definition)


def _is_record(index: FactIndex, definition: Definition) -> bool:
    """A schema or an entity."""
    roots = {b.split(".")[-1] for b in index.root_bases(definition)}
    return bool(roots & _DATA) or any(t.entity == definition.symbol.name for _, t in index.tables())
