"""BW101: data access belongs to the repository layer, not to a handler or to a helper beside it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop
from backwright.kit.database import DbCall
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.layers import FEW, Layers, layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW101", "query-in-router", "error")
_SHOWN = 3


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each function that queries, one for the project where it has no layers.

    It is an error where most handlers do not, a warning where most do, and advice where nearly all do: a habit then.
    """
    layers = layers_of(index, archmap)
    found: dict[tuple[str, str], tuple[Body, list[DbCall], tuple[Hop, ...]]] = {}
    direct = 0
    for handler in layers.entries:
        before = len(found)
        queries = False
        for body, way in layers.own_code(handler):
            accesses = layers.accesses(body)
            queries = queries or bool(accesses)
            if accesses and body.key not in found:
                found[body.key] = (body, accesses, way)
        direct += queries or len(found) > before
    for body, way in layers.providers():
        if body.key not in found and (accesses := layers.accesses(body)):
            found[body.key] = (body, accesses, way)
    if not found:
        return
    each = [_one(layers, body, accesses, way) for body, accesses, way in found.values()]
    others = index.counts.of("BW101 through a layer", len(layers.through_layers))
    direct = index.counts.of("BW101 directly", direct)
    if not index.counts.of("BW101 layers", layers.stands(direct)):
        layered = f"{others} go through a layer" if others else "no layer stands between routes and data"
        yield _VOICE.style(
            each,
            f"{direct} of {direct + others} handlers that use the database query it themselves; {layered}",
            help="a repository layer would make the queries reusable and testable",
        )
    else:
        severity = _VOICE.severity if direct <= others else "warning" if direct <= others * FEW else "advice"
        yield from (replace(finding, severity=severity, habit=direct > others) for finding in each)


def _one(layers: Layers, body: Body, accesses: list[DbCall], way: tuple[Hop, ...]) -> Finding:
    first = accesses[0]
    verb = "changes" if first.family in {"change", "write"} else "queries"
    helper = f" in the helper `{body.scope}`" if way else ""
    related = [hop.related() for hop in way]
    related += [c.hop().related() for c in accesses[1 : _SHOWN + 1]]
    return _VOICE.finding(
        body.path,
        first.link.loc,
        f"`{first.shown}` {verb} the database from a router{helper}",
        scope=body.scope,
        text=first.shown,
        help=_help(layers, body.path),
        related=related,
    )


def _help(layers: Layers, path: str) -> str:
    where = "a repository" if layers.has("repository") else "a service"
    exemplar = layers.exemplar(path)
    return f"move it to {where}" + (f"; {exemplar} does it the house way" if exemplar is not None else "")


RULE = Rule(
    _VOICE.id,
    _VOICE.name,
    _VOICE.severity,
    ("python", "typescript", "go", "rust", "java", "kotlin", "csharp", "ruby", "php", "elixir"),
    check,
)
