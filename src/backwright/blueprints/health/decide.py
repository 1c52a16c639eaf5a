"""From the wish for health checks to the endpoints that are missing: beside one that is there, else of a router of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from backwright.core.archmap import RouteInfo
from backwright.core.change import Assumption
from backwright.core.errors import NothingToDo, Unsupported
from backwright.core.facts import StringLiteral, Symbol
from backwright.core.request import HealthCheck, Listing
from backwright.kit.artifacts import ResourcePlan
from backwright.kit.house import House
from backwright.kit.imitation import fill
from backwright.kit.index import FactIndex
from backwright.kit.modules import module_of
from backwright.kit.naming import NameForms, forms, snake
from backwright.kit.testfiles import is_test_file

NAME = "health"
_OTHERS = {"live": "ready", "livez": "readyz", "liveness": "readiness"}
_OPPOSITE = {**_OTHERS, **{ready: live for live, ready in _OTHERS.items()}}
_ALIVE = frozenset({*_OTHERS, "alive", "ping", "heartbeat", "health", "healthz", "healthcheck", "health_check"})
_READY = frozenset(_OTHERS.values())
_FUNCTIONS = {"live": "liveness", "ready": "readiness"}


@dataclass(frozen=True)
class Probe:
    """One endpoint to add. `path` is what its route says, `url` the whole address."""

    kind: str  # live | ready
    path: str
    url: str
    function: str


@dataclass(frozen=True)
class HealthPlan:
    """The endpoints to add, `beside` one that is there; `resource` holds names and files as emitters read them."""

    probes: tuple[Probe, ...]
    beside: RouteInfo | None
    resource: ResourcePlan

    def url(self, kind: str) -> str:
        return next((p.url for p in self.probes if p.kind == kind), "")


@dataclass(frozen=True)
class Decision:
    """The change with what was assumed on the way."""

    plan: HealthPlan
    assumptions: tuple[Assumption, ...] = ()


def decide(change: HealthCheck, house: House, index: FactIndex, settings: Mapping[str, str]) -> Decision:
    """Raises NothingToDo where the endpoints are there, Unsupported where they cannot be put anywhere."""
    there = list(_there(house, index))
    known = {kind for kind, _ in there}
    wanted = [kind for kind in change.probes if kind not in known]
    if not wanted:
        first = [next(info for kind, info in there if kind == wanted) for wanted in change.probes]
        said = " and ".join(f"GET {info.route.path}" for info in first)
        verb = "are" if len(first) > 1 else "is"
        raise NothingToDo(f"{said} {verb} there already", where=f"{first[0].path}:{first[0].route.loc.line}")
    resource = _resource(house, index)
    if not there:
        probes = tuple(_new(kind, resource) for kind in wanted)
        return Decision(HealthPlan(probes, None, resource), (_assumed(probes),))
    beside = there[0][1]
    probes = tuple(_beside(kind, beside, index) for kind in wanted)
    return Decision(HealthPlan(probes, beside, resource), (_assumed(probes, beside),))


def _assumed(probes: tuple[Probe, ...], beside: RouteInfo | None = None) -> Assumption:
    said = ", ".join(f"{p.kind}: GET {p.url}" for p in probes)
    because = "routers are mounted here" if beside is None else f"beside GET {beside.route.path}"
    return Assumption("health", said, because)


def _there(house: House, index: FactIndex) -> Iterator[tuple[str, RouteInfo]]:
    """The health checks that the project has, each with what it tells, the plainest first."""
    found = []
    for path, route in index.routes():
        last = snake(route.path.rstrip("/").rpartition("/")[2])
        if route.method != "GET" or "{" in route.path or is_test_file(path) or last not in _ALIVE | _READY:
            continue
        asks = _asks(path, route.handler, house, index)
        kind = "ready" if last in _READY or (asks and last not in _OTHERS) else "live"
        found.append((last not in _OPPOSITE, kind, RouteInfo(path, route)))
    yield from ((kind, info) for _, kind, info in sorted(found, key=lambda f: (f[1] == "ready", f[0])))


def _asks(path: str, handler: str, house: House, index: FactIndex) -> bool:
    """Whether a handler asks the database: it gets a session, or asks for nothing but an answer."""
    symbol = index.symbols(path).get(handler)
    session = house.session
    names = {session.dependency.name, session.type.name, session.alias.name if session.alias is not None else ""} - {""}
    given = " ".join(f"{p.annotation} {p.default}" for p in symbol.params) if symbol is not None else ""
    if names & set(re.findall(r"[\w.]+", given)):
        return True
    texts = (
        f.value for f in index.facts(path) if isinstance(f, StringLiteral) and f"{f.scope}.".startswith(f"{handler}.")
    )
    return any(re.match(r"select 1\b", text.strip(), re.IGNORECASE) for text in texts)


def _beside(kind: str, info: RouteInfo, index: FactIndex) -> Probe:
    symbol = index.symbols(info.path).get(info.route.handler)
    local = _local_path(symbol, info.route.router) if symbol is not None else None
    if symbol is None or local is None:
        raise Unsupported(
            f"how GET {info.route.path} is written is not known, so nothing can be put beside it",
            where=f"{info.path}:{info.route.loc.line}",
        )
    whole = info.route.path
    last = whole.rstrip("/").rpartition("/")[2]
    end = "/" if whole.endswith("/") else ""
    opposite = _OPPOSITE.get(last) or {"healthz": {"live": "livez", "ready": "readyz"}[kind]}.get(last)
    if opposite and local.rstrip("/").endswith(last):
        path, url = (text.rstrip("/").removesuffix(last) + opposite + end for text in (local, whole))
    else:
        path, url = (f"{text.rstrip('/')}/{kind}{end}" for text in (local, whole))
    return Probe(kind, path, url, _free(_FUNCTIONS[kind], info.path, index))


def _local_path(symbol: Symbol, router: str) -> str | None:
    """What the route of a handler says as its path; None where no decorator says it."""
    for decorator in symbol.decorators:
        if decorator.kind == "call" and decorator.parts[0].dotted() == f"{router}.get":
            said = next(iter(decorator.positional()), None) or decorator.keyword("path")
            if said is not None and said.kind == "string":
                return said.text
    return None


def _free(name: str, path: str, index: FactIndex) -> str:
    """A function's name that means nothing in a file yet."""
    taken = {symbol.name for symbol in index.symbols(path).values()} | {i.alias for i in index.imports(path)}
    return next(n for n in (name, f"{name}_check", f"{name}_probe", f"{name}_endpoint") if n not in taken)


def _new(kind: str, resource: ResourcePlan) -> Probe:
    router = resource.house.router
    base = "" if router.own_router and (router.prefix_in_router or router.prefix_in_mount) else f"/{NAME}"
    slash = "/" if router.item.endswith("/") else ""
    below = {"live": router.collection if base != f"/{NAME}" else slash, "ready": f"/ready{slash}"}[kind]
    whole = f"/{NAME}{below}"
    outer = router.outer if router.prefix_in_router else ""
    return Probe(kind, f"{base}{below}", f"{router.path_prefix or outer}{whole}", _FUNCTIONS[kind])


def _resource(house: House, index: FactIndex) -> ResourcePlan:
    """Health checks in the place of a resource: their names and files, as this house has them."""
    name = replace(forms(NAME), **{f: NAME for f in NameForms.__struct_fields__ if not f.startswith("pascal")})
    name = replace(name, pascal_plural=name.pascal)
    paths = {role: fill(place.path, name) for role, place in house.places.items() if role == "router"}
    if house.tests is not None and house.tests.place is not None:
        paths["test"] = fill(house.tests.place.path, name)
    modules = {role: module_of(path, index) for role, path in paths.items()}
    if house.router.registration is not None:
        modules["registration"] = index.module(house.router.registration.path)
    return ResourcePlan(
        name=name, class_name=name.pascal, table="", fields=(), operations=(), access={}, listing=Listing(), owner=None,
        owner_field=None, unique_together=(), house=house, index=index, paths=paths, schemas={}, functions={},
        segment=NAME, modules=modules,
    )  # fmt: skip
