"""Methods of gRPC services as routes: method RPC, `/package.Service/Method` as path, the method of a class as handler."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from backwright.core.facts import Fact, Route, Symbol
from backwright.kit.chains import argument, by_name
from backwright.kit.index import Definition, FactIndex
from backwright.kit.routes.handling import last_name, marks_of
from backwright.kit.testfiles import is_test_file

_COMMENTS = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/")
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_SERVICE = re.compile(r"\bservice\s+(\w+)\s*\{")
_RPC = re.compile(r"\brpc\s+(\w+)\s*\(\s*(?:stream\s+)?([\w.]+)")
_GENERATED = re.compile(r"\.pb\.|_pb2|_pb\.|_grpc\.|\.connect\.go$|(^|/)(gen|generated|pb|stubs?)/")
_NOT_SERVING = re.compile(r"(?i)^(un(implemented|safe))|client$|stub$|mock|fake")
_DECORATED = frozenset({"GrpcMethod", "GrpcStreamMethod", "GrpcStreamCall"})


class Service(NamedTuple):
    """A service of a `.proto` file."""

    package: str
    name: str
    methods: Mapping[str, str]  # to the message that each is sent

    def path(self, method: str) -> str:
        """The path that it is called by."""
        return f"/{self.package}.{self.name}/{method}" if self.package else f"/{self.name}/{method}"


def services(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Route facts per file that implements a service."""
    out: dict[str, dict[str, Fact]] = {}
    for service in _declared(index):
        for path, method, symbol, owner in _implemented(index, service):
            name = service.path(method)
            route = Route("RPC", name, symbol.qualname, symbol.loc, auth=marks_of(symbol, owner), complete=True)
            out.setdefault(path, {}).setdefault(name, route)
    return {path: tuple(found.values()) for path, found in out.items()}


def _declared(index: FactIndex) -> Iterator[Service]:
    for path, text in index.texts.items():
        if not path.endswith(".proto"):
            continue
        plain = _COMMENTS.sub("", text)
        package = _PACKAGE.search(plain)
        begins = [*_SERVICE.finditer(plain)]
        for number, found in enumerate(begins):
            end = begins[number + 1].start() if number + 1 < len(begins) else len(plain)
            methods = dict(_RPC.findall(plain[found.end() : end]))
            yield Service(package[1] if package else "", found[1], methods)


def _implemented(index: FactIndex, service: Service) -> Iterator[tuple[str, str, Symbol, Symbol | None]]:
    """File, method, function and class for each method of a service that the project implements."""
    wanted = {_plain(method): method for method in service.methods}
    registered = _is_registered(index, service.name)
    for found in index.classes():
        path, owner = found.path, found.symbol
        if is_test_file(path) or _GENERATED.search(path) or _NOT_SERVING.search(owner.name.rpartition(".")[2]):
            continue
        own = index.derived(_methods).get((index.module(path), owner.qualname), {})
        based = any(service.name in base for base in owner.bases)
        if based or (registered and wanted and set(wanted) <= set(own) and _takes_messages(service, wanted, own)):
            yield from ((own[key].path, method, own[key].symbol, owner) for key, method in wanted.items() if key in own)
        for definition in own.values():
            where, symbol = definition.path, definition.symbol
            mark = next((d for d in symbol.decorators if d.kind == "call" and last_name(d) in _DECORATED), None)
            given = argument(mark, 0) if mark is not None else None
            if mark is not None and given is not None and given.text == service.name:
                named = argument(mark, 1)
                method = wanted.get(_plain(named.text if named is not None else symbol.name))
                if method is not None:
                    yield where, method, symbol, owner


def _takes_messages(service: Service, wanted: Mapping[str, str], own: Mapping[str, Definition]) -> bool:
    """Whether its methods are sent the service's messages: those of a store may be called the same."""
    said = False
    for key, method in wanted.items():
        message = service.methods[method].rpartition(".")[2]
        types = [param.annotation for param in own[key].symbol.params if param.annotation]
        said = said or bool(types)
        if any(message in text or f"{method}Server" in text for text in types):
            return True
    return not said


def _methods(index: FactIndex) -> dict[tuple[str, str], dict[str, Definition]]:
    """The methods of every class by its module and name: they may stand in other files than the class."""
    found: dict[tuple[str, str], dict[str, Definition]] = {}
    for path in index.files:
        for symbol in index.symbols(path).values():
            if symbol.kind == "method":
                owner = found.setdefault((index.module(path), symbol.scope), {})
                owner.setdefault(_plain(symbol.name), Definition(path, symbol))
    return found


def _is_registered(index: FactIndex, name: str) -> bool:
    """Whether the project serves it: `pb.RegisterUsersServer(s, x)`, `NewUsersHandler(x)`, `UsersServer::new(x)`."""
    calls = index.derived(by_name)
    names = (f"Register{name}Server", f"New{name}Handler", f"add_{name}Servicer_to_server")
    if any(called in calls for called in names):
        return True
    return any(
        f"{name}Server" in link.parts[0].dotted()
        for new in ("new", "with_interceptor")
        for _, _, link in calls.get(new, ())
    )


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
