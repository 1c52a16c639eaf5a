"""BW102: where services exist, a router talks to them and not to the repository or the model behind them."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Span
from backwright.core.findings import Finding
from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop, shown
from backwright.kit.database import access
from backwright.kit.findings import Voice, span_of
from backwright.kit.handlers import Handler
from backwright.kit.index import Definition, FactIndex
from backwright.kit.layers import Layers, layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW102", "repository-skipped", "warning")
_SHOWN = 3

Skip = tuple[Body, list[tuple[Definition, Expr]], tuple[Hop, ...]]


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each web function that skips the services; silent where nothing goes through a service."""
    layers = layers_of(index, archmap)
    skips: dict[tuple[str, str], Skip] = {}
    served: list[tuple[Handler, Expr]] = []
    skipping = 0
    for handler in layers.entries:
        own = [(body, way) for body, way in layers.own_code(handler) if body.path in layers.web_files]
        calls = [(body, way, layers.data_calls(body, ("repository", "model"), strict=True)) for body, way in own]
        service = next(
            (link for body, _ in own for _, link in layers.data_calls(body, ("service",), strict=True)), None
        )
        if any(found for _, _, found in calls):
            skipping += 1
        elif service is not None:
            served.append((handler, service))
        for body, way, found in calls:
            if found and body.key not in skips:
                skips[body.key] = (body, found, way)
    if not skips or not served:
        return
    exemplars = sorted((span_of(h.path, link.loc) for h, link in served), key=lambda s: (s.path, s.line))
    each = [_one(layers, skip, exemplars) for skip in skips.values()]
    if skipping > len(served):
        through = f"{len(served)} go through a service"
        yield _VOICE.style(
            each,
            f"{skipping} of {skipping + len(served)} handlers go to repositories past the services; {through}",
            help="choose one way, and keep services for what has rules",
        )
    else:
        yield from each


def _one(layers: Layers, skip: Skip, exemplars: list[Span]) -> Finding:
    body, calls, way = skip
    target, link = calls[0]
    role = layers.role.get(target.path, "repository")
    reach = access(layers.index).chain(target.path, target.symbol.qualname) or ()
    near = next((e for e in exemplars if e.path != body.path), exemplars[0])
    return _VOICE.finding(
        body.path,
        link.loc,
        f"`{shown(link)}` goes from a router to a {role} past the services",
        scope=body.scope,
        text=shown(link),
        help=f"call a service, which calls the {role}; {near} does it the house way",
        related=[
            *(hop.related() for hop in way),
            *(hop.related() for hop in reach),
            *(Hop(body.path, other.loc, f"so does `{shown(other)}`").related() for _, other in calls[1 : _SHOWN + 1]),
        ],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
