"""The web side of a project as rules see it: the roles of files, the handlers of routes, what arrives by injection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Param, Route
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference

_INJECTORS = frozenset({"Depends", "Security"})


@dataclass(frozen=True)
class Handler:
    """A route with the body of its function."""

    path: str
    route: Route
    body: Body


def roles(archmap: ArchMap) -> dict[str, str]:
    """Path to role; files without one are left out."""
    return {c.path: c.role for c in archmap.components if c.role}


def handlers(index: FactIndex, archmap: ArchMap) -> Iterator[Handler]:
    """The handlers of all routes outside of tests, each function once."""
    role = roles(archmap)
    seen = set()
    for path, route in index.routes():
        body = bodies(index).get(path, route.handler)
        if body is None or body.symbol is None or role.get(path) in {"test", "migration"} or body.key in seen:
            continue
        seen.add(body.key)
        yield Handler(path, route, body)


class Injected:
    """Every callable that the framework calls for somebody: what stands in `Depends(...)` and `Security(...)`."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.keys: set[tuple[str, str]] = set()
        for link in bodies(index).called(_INJECTORS):
            found = self._target(link.body.path, link.body.scope, link.expr)
            if found is not None:
                self.keys.add((found.path, found.symbol.qualname))

    def _target(self, path: str, scope: str, call: Expr) -> Definition | None:
        inner = next(iter(call.positional()), None) or call.keyword("dependency")
        if inner is None:
            return None
        return inference(self.index).function(path, scope, inner.parts[0] if inner.kind == "call" else inner)

    def __contains__(self, body: Body) -> bool:
        """Whether a function, or one it is defined in, is injected somewhere."""
        scope = body.scope
        while scope:
            if (body.path, scope) in self.keys:
                return True
            scope = scope.rpartition(".")[0]
        return False

    def of(self, path: str, param: Param) -> Definition | None:
        """The callable that provides a parameter: of `Depends(f)`, also in an annotation or alias, or its type."""
        for where, expr in self._candidates(path, param):
            for node in walk(expr):
                if node.kind == "call" and node.parts[0].dotted().rpartition(".")[2] in _INJECTORS:
                    found = self._target(where, "", node)
                    if found is not None or node.positional():
                        return found
                    typed = inference(self.index).param(path, param)
                    return typed.definition if typed is not None else None
        return None

    def _candidates(self, path: str, param: Param) -> Iterator[tuple[str, Expr]]:
        if param.default_expr is not None:
            yield path, param.default_expr
        if param.annotation_expr is None:
            return
        yield path, param.annotation_expr
        found = inference(self.index).resolve(path, param.annotation_expr.dotted())
        if found is not None and found.symbol.kind == "variable" and found.symbol.value is not None:
            yield found.path, found.symbol.value


def injected(index: FactIndex) -> Injected:
    """The injected callables of this project, found once."""
    return index.derived(Injected)
