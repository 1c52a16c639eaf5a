"""BW104: what a business decides stands in a service, where jobs and tests find it, and not in a handler."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop
from backwright.kit.decisions import Decision, decisions
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.layers import Layers, layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW104", "business-logic-in-router", "warning")
_SHOWN = 3
# Handlers in a folder of services are both: somebody cuts by use case, not by layer.
_BOTH = re.compile(r"(^|/)(services?|use_?cases?|interactors?)/")
_MEND = {
    "branch": "ask a service, which raises an error of its own",
    "arithmetic": "compute it in a service or in a method of the entity",
    "change": "let a service change them together",
}


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each web function that decides; one for a project without services to decide."""
    index = index.only(("python", "typescript"))
    layers = layers_of(index, archmap)
    known = decisions(index)
    found: dict[tuple[str, str], tuple[Body, list[Decision], tuple[Hop, ...]]] = {}
    deciding = served = 0
    files = {h.path for h in layers.handlers if not _BOTH.search(h.path)}
    for handler in layers.handlers:
        own = [(body, way) for body, way in layers.own_code(handler) if body.path in files]
        here = [(body, made, way) for body, way in own if (made := list(known.of(body)))]
        deciding += bool(here)
        served += any(layers.data_calls(body, ("service",), strict=True) for body, _ in own)
        for body, made, way in here:
            found.setdefault(body.key, (body, made, way))
    if not found:
        return
    each = [_one(layers, *one) for one in found.values()]
    if served < deciding:
        through = f"{served} go through a service" if served else "no service stands between routes and data"
        yield _VOICE.style(
            each,
            f"{deciding} of {len(layers.handlers)} handlers decide by the state of entities themselves; {through}",
            help="a service layer would make these rules reusable and testable",
        )
    else:
        yield from each


def _one(layers: Layers, body: Body, made: list[Decision], way: tuple[Hop, ...]) -> Finding:
    first = made[0]
    verb = {"branch": "decides by", "arithmetic": "computes", "change": "changes in a loop"}[first.kind]
    exemplar = layers.exemplar(body.path)
    return _VOICE.finding(
        body.path,
        first.loc,
        f"a router {verb} `{first.shown}`: this rule of `{first.entity}` belongs to a service",
        scope=body.scope,
        text=first.shown,
        help=_MEND[first.kind] + (f"; {exemplar} goes through a service" if exemplar is not None else ""),
        related=[
            *(hop.related() for hop in way),
            *([first.follows.related()] if first.follows is not None else []),
            *(other.hop().related() for other in made[1 : _SHOWN + 1]),
        ],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
