"""BW107: a repository fetches and stores entities; what is decided by them, and how they are shown, is up to others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.annotations import take_apart
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import Hop
from backwright.kit.decisions import Decision, decisions
from backwright.kit.findings import Voice, heading
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference
from backwright.kit.layers import Layers, layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW107", "decision-in-repository", "warning")
_SHOWN = 3
Key = tuple[str, str]


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each function of a repository that decides, or that answers in the shape of a response."""
    index = index.only(("python", "typescript"))
    layers = layers_of(index, archmap)
    paths = sorted(path for path, layer in layers.layer.items() if layer == "repository")
    functions = [b for path in paths for b in bodies(index).by_path.get(path, {}).values() if _is_function(b)]
    if not functions:
        return
    known = decisions(index)
    for body in functions:
        made = [d for d in known.of(body) if d.kind == "branch"]
        if made:
            yield _deciding(body, made)
    yield from _shaping(index, layers, functions)


def _is_function(body: Body) -> bool:
    return body.symbol is not None and body.symbol.kind != "class"


def _deciding(body: Body, made: list[Decision]) -> Finding:
    first = made[0]
    return _VOICE.finding(
        body.path,
        first.loc,
        f"a repository decides by `{first.shown}`: this rule of `{first.entity}` belongs to a service",
        scope=body.scope,
        text=first.shown,
        help="return the entity, and let the service that asked decide",
        related=[
            *([first.follows.related()] if first.follows is not None else []),
            *(other.hop().related() for other in made[1 : _SHOWN + 1]),
        ],
    )


def _shaping(index: FactIndex, layers: Layers, functions: list[Body]) -> Iterator[Finding]:
    """Functions that return response models; said once where fewer return entities."""
    shapes = _responses(index, layers)
    tables = {(path, table.entity): frozenset(c.name for c in table.columns) for path, table in index.tables()}
    each, entities = [], 0
    for body in functions:
        given = _returned(index, body)
        key = (given.path, given.symbol.qualname) if given is not None else ("", "")
        entities += key in tables
        if given is not None and body.symbol is not None and key in shapes and _mirrors(index, given, key, tables):
            each.append(
                _VOICE.finding(
                    body.path,
                    heading(body.symbol),
                    f"a repository returns `{given.symbol.name}`, the shape of a response, instead of an entity",
                    scope=body.scope,
                    text=f"returns {given.symbol.name}",
                    help="return the entity, and let the router make the response of it",
                    related=[shapes[key].related(), Hop(given.path, heading(given.symbol), "its definition").related()],
                )
            )
    if len(each) > entities:
        yield _VOICE.style(
            each,
            f"{len(each)} functions of repositories return response models, {entities} return entities",
            help="entities would let several services and endpoints use the same query",
        )
    else:
        yield from each


def _mirrors(index: FactIndex, given: Definition, key: Key, tables: Mapping[Key, frozenset[str]]) -> bool:
    """Whether a class has mostly what one entity has: a page of rows, or counts of them, are no entity."""
    fields = {f.name for cls in (given, *index.bases(given)) for f in cls.symbol.fields if f.annotation}
    return key not in tables and any(len(fields & columns) * 2 > len(fields) for columns in tables.values())


def _responses(index: FactIndex, layers: Layers) -> dict[Key, Hop]:
    """The classes that routes answer with, each with a handler that does."""
    out: dict[Key, Hop] = {}
    for handler in layers.handlers:
        read = take_apart(handler.route.response)
        for name in (read.name, *(take_apart(arg).name for arg in read.args)):
            found = inference(index).resolve(handler.path, name) if name else None
            if found is not None and found.symbol.kind == "class" and handler.body.symbol is not None:
                hop = Hop(handler.path, heading(handler.body.symbol), f"`{handler.body.scope}` answers with it")
                out.setdefault((found.path, found.symbol.qualname), hop)
    return out


def _returned(index: FactIndex, body: Body) -> Definition | None:
    """The class of this project that a function returns, one or many of it."""
    read = take_apart(body.symbol.returns) if body.symbol is not None and body.symbol.returns else None
    found = inference(index).resolve(body.path, read.name) if read is not None and read.name else None
    return found if found is not None and found.symbol.kind == "class" and read is not None and not read.args else None


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
