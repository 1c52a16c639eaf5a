"""BW905: every service is reached by some test."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import links
from backwright.kit.findings import Voice, heading, place
from backwright.kit.handlers import injected
from backwright.kit.index import Definition, FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.requested import requested
from backwright.kit.shapes import Rule
from backwright.kit.testfiles import is_test_file

_VOICE = Voice("BW905", "service-without-test", "advice")
_STYLE = 3
_MOST = 20_000  # functions that one look follows


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One advice for each service class that tests neither use nor reach through a route; one for all where most are so."""
    asked = requested(index)
    if not asked.tests or asked.everything or not asked.is_readable:
        return
    services = list(_services(index, archmap))
    ran = _reached(index, archmap) if services else set()
    missing = [s for s in services if s.symbol.name not in asked.mentioned and not _runs(index, s, ran)]
    known = [s for s in services if s not in missing]
    exemplar = f", as there is one for {place(known[0].path, heading(known[0].symbol))}" if known else ""
    each = [
        _VOICE.finding(
            s.path,
            heading(s.symbol),
            f"no test reaches `{s.symbol.name}`",
            scope=s.symbol.name,
            text=s.symbol.name,
            help=f"test what it decides, with its repository or session replaced{exemplar}",
        )
        for s in missing
    ]
    if len(each) >= _STYLE and len(each) * 2 > len(services):
        help_ = "begin with the service that decides most"
        yield _VOICE.style(each, f"{len(each)} of {len(services)} services are reached by no test", help=help_)
    else:
        yield from each


def _services(index: FactIndex, archmap: ArchMap) -> Iterator[Definition]:
    """The classes of the service layer that do something."""
    layer, serving = layers_of(index, archmap).layer, Serving(index, archmap)
    for found in index.classes():
        public = [m for m in _methods(index, found) if not m.scope.rpartition(".")[2].startswith("_")]
        if layer.get(found.path) == "service" and found.path in serving and not found.symbol.scope and public:
            if not {b.rpartition(".")[2] for b in found.symbol.bases} & {"ABC", "Protocol"}:
                yield found


def _methods(index: FactIndex, cls: Definition) -> Iterator[Body]:
    for scope, body in bodies(index).by_path.get(cls.path, {}).items():
        outer, _, name = scope.rpartition(".")
        if outer == cls.symbol.qualname and name and body.symbol is not None and body.symbol.kind == "method":
            yield body


def _runs(index: FactIndex, cls: Definition, ran: set[tuple[str, str]]) -> bool:
    return any(m.key in ran for m in _methods(index, cls) if not m.scope.endswith(".__init__"))


def _reached(index: FactIndex, archmap: ArchMap) -> set[tuple[str, str]]:
    """The functions that run when tests do: handlers of the routes they request, what they import, and what those call."""
    graph, all_bodies, asked = callgraph(index), bodies(index), requested(index)
    handlers = {(h.path, h.body.scope) for h in layers_of(index, archmap).handlers if asked.reaches(h.route)}
    queue: list[Body] = [b for key in handlers if (b := all_bodies.get(*key)) is not None]
    for path in index.files:
        if is_test_file(path):
            queue += all_bodies.by_path.get(path, {}).values()
    seen: set[tuple[str, str]] = set()
    while queue and len(seen) < _MOST:
        body = queue.pop()
        if body.key in seen:
            continue
        seen.add(body.key)
        queue += [b for b in all_bodies.with_inner(body) if b.key not in seen]
        found = [graph.target(body, link) for call in body.calls for link in links(call.expr)]
        found += [injected(index).of(body.path, p) for p in (body.symbol.params if body.symbol is not None else ())]
        for target in found:
            inner = graph.body_of(target) if target is not None else None
            if inner is not None and inner.symbol is not None and inner.symbol.kind != "class":
                queue.append(inner)
    return seen


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python",), check)
