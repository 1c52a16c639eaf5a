"""Procedures of tRPC as routes: method QUERY, MUTATION or SUBSCRIPTION, the names from the root router on as path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backwright.core.facts import Expr, Fact, Route
from backwright.kit.chains import argument, links, name_of, place_of, root_of
from backwright.kit.index import FactIndex
from backwright.kit.linking import within_any
from backwright.kit.routes.handling import handler_name, is_guard
from backwright.kit.testfiles import is_test_file

_METHODS = {"query": "QUERY", "mutation": "MUTATION", "subscription": "SUBSCRIPTION"}
_DEEP = 8

Key = tuple[str, str]  # file, variable


def procedures(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Route facts per file."""
    imported = any(within_any(i.module, ("@trpc/server",)) for path in index.files for i in index.imports(path))
    routers = dict(_routers(index.only(("typescript",)))) if imported else {}
    mounted = {key: place for owner, value in routers.items() for key, place in _mounts(index, owner, value, routers)}
    out: dict[str, list[Fact]] = {}
    for key, value in routers.items():
        for name, part in _entries(value):
            found = _procedure(index, key[0], _path(key, mounted, name), part)
            if found is not None:
                out.setdefault(key[0], []).append(found)
    return {path: tuple(found) for path, found in out.items()}


def _routers(index: FactIndex) -> Iterator[tuple[Key, Expr]]:
    """Variables that hold procedures or other routers: `router({ … })`, or the plain object."""
    for path in index.files:
        if is_test_file(path):
            continue
        for symbol in index.symbols(path).values():
            value = symbol.value
            if symbol.kind == "variable" and value is not None:
                held = _held(value)
                if held is not None and (held is not value or any(_kind(part) for part in held.parts)):
                    yield (path, symbol.qualname), held


def _held(value: Expr) -> Expr | None:
    """The object with the entries of a router."""
    if value.kind == "mapping":
        return value
    if value.kind != "call" or "outer" not in name_of(value):
        return None
    given = argument(value, 0)
    return given if given is not None and given.kind == "mapping" else None


def _entries(value: Expr, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Expr]]:
    """Every entry, those of routers inside of it under their names."""
    for key, part in zip(value.keys, value.parts, strict=False):
        inner = _held(part)
        if inner is not None and depth < _DEEP:
            yield from _entries(inner, f"{prefix}{key}.", depth + 1)
        else:
            yield prefix + key, part


def _kind(part: Expr) -> str:
    """The method of a procedure: `publicProcedure.input(…).query(…)`."""
    found = next(iter(links(part)), None) if part.kind == "call" else None
    return _METHODS.get(name_of(found), "") if found is not None and "rocedure" in root_of(found) else ""


def _procedure(index: FactIndex, path: str, name: str, part: Expr) -> Route | None:
    method = _kind(part)
    if not method:
        return None
    last = next(iter(links(part)))
    base = root_of(last).rpartition(".")[2]
    handler = handler_name(index, path, argument(last, 0)) or name
    return Route(method, name, handler, place_of(last), auth=(base,) if is_guard(base) else (), complete=True)


def _mounts(
    index: FactIndex, owner: Key, value: Expr, routers: Mapping[Key, Expr]
) -> Iterator[tuple[Key, tuple[Key, str]]]:
    for name, part in _entries(value):
        found = index.resolve(owner[0], part.dotted()) if part.kind in {"name", "attribute"} else None
        key = (found.path, found.symbol.qualname) if found is not None else None
        if key is not None and key in routers and key != owner:
            yield key, (owner, name)


def _path(key: Key, mounted: Mapping[Key, tuple[Key, str]], name: str) -> str:
    for _ in range(_DEEP):
        if key not in mounted:
            break
        key, above = mounted[key]
        name = f"{above}.{name}"
    return name
