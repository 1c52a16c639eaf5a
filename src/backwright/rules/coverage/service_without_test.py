"""BW905: every service is reached by some test."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import links, mark_of
from backwright.kit.findings import Voice, heading, place
from backwright.kit.handlers import injected
from backwright.kit.index import Definition, FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.libraries import libraries
from backwright.kit.requested import knows_routes, requested
from backwright.kit.shapes import Rule
from backwright.kit.testfiles import is_test_file

_VOICE = Voice("BW905", "service-without-test", "advice")
_SERVICE = re.compile(r"(Service|UseCase|Interactor)$")
_BUS = re.compile(r"(Command|Query|Events?|Message)s?Handler$|Processor$|Subscriber$|Listener$")
_WORD = re.compile(r"\w+")
_GRAPHQL = ("ariadne", "strawberry", "graphene", "@nestjs/graphql", "type-graphql", "graphql-yoga", "@apollo/server")
_STYLE = 3
_MOST = 20_000  # functions that one look follows


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One advice for each service class that tests neither use nor reach through a route; one for all where most are so."""
    asked = requested(index)
    if not asked.tests or asked.everything or not asked.is_readable or _has_graphql(index):
        return
    if not knows_routes(index):
        return
    services = list(_services(index, archmap))
    used = _used(index, archmap, services)
    missing = [s for s in services if s.symbol.name not in used]
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


def _has_graphql(index: FactIndex) -> bool:
    """Whether tests may reach services by texts of GraphQL."""
    return any(True for package in _GRAPHQL for _ in index.imports_package(package))


def _services(index: FactIndex, archmap: ArchMap) -> Iterator[Definition]:
    """The classes of the service layer that do something, those that others are made from left out."""
    layer, serving = layers_of(index, archmap).layer, Serving(index, archmap)
    bases = {b.rpartition(".")[2].partition("[")[0] for c in index.classes() for b in c.symbol.bases}
    for found in index.classes():
        name, served = found.symbol.name, layer.get(found.path) == "service" and found.path in serving
        if (
            served
            and _SERVICE.search(name)
            and name not in bases
            and not _is_called_elsewhere(found)
            and not _is_of_browser(index, found.path)
            and any(_is_public(m) for m in _methods(index, found))
        ):
            yield found


def _is_called_elsewhere(found: Definition) -> bool:
    """Whether it is made to be inherited, or a bus calls it that tests reach without naming it."""
    marked = any(_BUS.search(mark_of(mark)) for mark in found.symbol.decorators)
    return marked or "abstract" in found.symbol.modifiers


def _is_of_browser(index: FactIndex, path: str) -> bool:
    """Whether a file is of a user interface, which has services too."""
    interfaces = libraries(index.files[path].language).interfaces
    return any(item.module in interfaces for item in index.imports(path))


def _methods(index: FactIndex, cls: Definition) -> Iterator[Body]:
    for scope, body in bodies(index).by_path.get(cls.path, {}).items():
        if scope.rpartition(".")[0] == cls.symbol.qualname and body.symbol is not None and body.symbol.kind == "method":
            yield body


def _is_public(method: Body) -> bool:
    hidden = method.symbol is not None and "private" in method.symbol.modifiers
    return not hidden and (not method.scope.rpartition(".")[2].startswith("_") or method.scope.endswith(".__call__"))


def _used(index: FactIndex, archmap: ArchMap, services: list[Definition]) -> set[str]:
    """The services that tests name, or that the functions name which run when tests do, one by the other."""
    graph, all_bodies, asked = callgraph(index), bodies(index), requested(index)
    by_name: dict[str, list[Definition]] = defaultdict(list)
    for service in services:
        by_name[service.symbol.name].append(service)
    handlers = {(h.path, h.body.scope) for h in layers_of(index, archmap).handlers if asked.reaches(h.route)}
    queue: list[Body] = [b for key in handlers if (b := all_bodies.get(*key)) is not None]
    for path in index.files:
        if is_test_file(path):
            queue += all_bodies.by_path.get(path, {}).values()
    for name, service in _instances(index, services):
        by_name[name].append(service)
    for path in index.files:
        for item in index.imports(path):
            if item.name in by_name:
                by_name.setdefault(item.alias, by_name[item.name])
    used = asked.mentioned & by_name.keys()
    queue += [m for name in used for service in by_name[name] for m in _methods(index, service)]
    seen: set[tuple[str, str]] = set()
    while queue and len(seen) < _MOST:
        body = queue.pop()
        if body.key in seen:
            continue
        seen.add(body.key)
        queue += [b for b in all_bodies.with_inner(body) if b.key not in seen]
        for name in (_named(body) & by_name.keys()) - used:
            used.add(name)
            queue += [m for service in by_name[name] for m in _methods(index, service)]
        found = [graph.target(body, link) for call in body.calls for link in links(call.expr)]
        found += [injected(index).of(body.path, p) for p in (body.symbol.params if body.symbol is not None else ())]
        for target in found:
            if target is not None:
                used |= {target.symbol.scope.rpartition(".")[2]} & by_name.keys()  # the class of a method
                inner = graph.body_of(target)
                queue += [inner] if inner is not None and target.symbol.kind != "class" else []
    return {service.symbol.name for name in used for service in by_name[name]}


def _instances(index: FactIndex, services: list[Definition]) -> Iterator[tuple[str, Definition]]:
    """The variables of modules that hold a service: `orders = OrderService()`, or a table of services by some key."""
    made = {(s.path, s.symbol.name): s for s in services}
    for found in index.all_symbols():
        value = found.symbol.value
        if found.symbol.kind == "variable" and not found.symbol.scope and value is not None and value.kind == "call":
            cls = index.resolve(found.path, value.parts[0].dotted())
            service = made.get((cls.path, cls.symbol.name)) if cls is not None else None
            if service is not None:
                yield found.symbol.name, service
        elif found.symbol.kind == "variable" and value is not None and value.kind in {"mapping", "sequence"}:
            named = {part.text for part in value.parts if part.kind == "name"}
            yield from ((found.symbol.name, service) for service in services if service.symbol.name in named)


def _named(body: Body) -> set[str]:
    """Every name that a function reads, those in the types of its parameters and of what it answers included."""
    names = {e.text for expr in body.expressions() for e in walk(expr) if e.kind in {"name", "attribute"}}
    if body.symbol is not None:
        types = " ".join((body.symbol.returns, *(f"{p.annotation} {p.default}" for p in body.symbol.params)))
        names |= set(_WORD.findall(types))
    return names


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
