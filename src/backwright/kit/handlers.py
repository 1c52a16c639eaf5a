"""The web side of a project as rules see it: the roles of files, the handlers of routes, what arrives by injection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Param, Route
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.chains import mark_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import libraries

_MAX_STEPS = 4
_MIGRATIONS = re.compile(r"(^|/)(\w*_?migrations|db/migrate)/.*\.(?!py$)\w+$", re.IGNORECASE)
_INJECTORS = frozenset({"Depends", "Security"})


@dataclass(frozen=True)
class Handler:
    """A route with the body of its function."""

    path: str
    route: Route
    body: Body


class _Same:
    """A map that is known by itself: comparing whole ones takes longer than what is kept for them."""

    def __init__(self, archmap: ArchMap) -> None:
        self.archmap = archmap

    def __hash__(self) -> int:
        return id(self.archmap)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.archmap is self.archmap


def roles(archmap: ArchMap) -> Mapping[str, str]:
    """Path to role; files without one are left out. What lies in a folder of migrations is one in any language."""
    return _roles(_Same(archmap))


@lru_cache(maxsize=2)
def _roles(known: _Same) -> Mapping[str, str]:
    found = {c.path: c.role for c in known.archmap.components if c.role}
    return found | {c.path: "migration" for c in known.archmap.components if _MIGRATIONS.search(c.path)}


def handlers(index: FactIndex, archmap: ArchMap) -> Iterator[Handler]:
    """The handlers of all routes outside of tests, each function once."""
    role = roles(archmap)
    seen = set()
    known = index.derived(Targets)
    for path, route in index.routes():
        body = known.body(path, route.handler)
        if body is None or body.symbol is None or role.get(path) in {"test", "migration"} or body.key in seen:
            continue
        seen.add(body.key)
        yield Handler(body.path, route, body)


def views(index: FactIndex, archmap: ArchMap) -> Iterator[Handler]:
    """The handlers in Python whose routes stand in other files or are made while running, as Django's are, each once."""
    role, seen = roles(archmap), set()
    for route, body in (*_named_by_routes(index), *_marked(index)):
        if body.key not in seen and body.symbol is not None and role.get(body.path) not in {"test", "migration"}:
            seen.add(body.key)
            yield Handler(body.path, route, body)


def _named_by_routes(index: FactIndex) -> Iterator[tuple[Route, Body]]:
    """The functions, and methods of classes, that routes of another file name."""
    infer = inference(index)
    for path, route in index.routes():
        if index.files[path].language != "python":
            continue
        owner, _, name = route.handler.rpartition(".")
        found = infer.resolve(path, route.handler)
        cls = infer.resolve(path, owner) if found is None and owner else None
        if cls is not None and cls.symbol.kind == "class":
            found = infer.method(cls, name)
        body = bodies(index).get(found.path, found.symbol.qualname) if found is not None else None
        if body is not None and body.symbol is not None and body.symbol.kind != "class":
            yield route, body


def _marked(index: FactIndex) -> Iterator[tuple[Route, Body]]:
    """The functions whose decorators, and the methods whose classes, say that they answer requests."""
    known, infer = libraries("python").web, inference(index)
    marked = [b for b in bodies(index).functions() if b.symbol is not None and _marks(b) & set(known.entries)]
    for cls in index.classes():
        if index.files[cls.path].language == "python" and not index.root_bases(cls).isdisjoint(known.views):
            marked += [b for b in infer.methods(cls) if b.scope.rpartition(".")[2] in known.verbs]
    for body in marked:
        if body.symbol is not None and index.files[body.path].language == "python":
            yield Route(method="ANY", path="", handler=body.scope, loc=body.symbol.loc), body


def _marks(body: Body) -> set[str]:
    return {mark_of(d) for d in body.symbol.decorators} if body.symbol is not None else set()


class Targets:
    """The functions that routes name: of the same file, imported, wrapped in a call, or methods of a named controller."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.bodies = bodies(index)
        self._by_last: dict[str, list[Body]] | None = None

    def body(self, path: str, handler: str) -> Body | None:
        """The body behind a route's handler; None where it is not known for sure."""
        found = self.bodies.get(path, handler)
        if found is not None and found.symbol is not None:
            return found
        if not handler or self.index.files[path].language == "python":
            return None
        return self._defined(path, handler, 0) or self._named(path, handler)

    def _defined(self, path: str, name: str, depth: int) -> Body | None:
        found = inference(self.index).resolve(path, name)
        if found is None or depth > _MAX_STEPS:
            return None
        if found.symbol.kind in {"function", "method"}:
            return self.bodies.get(found.path, found.symbol.qualname)
        value = found.symbol.value
        if value is None:
            return None
        if value.kind in {"name", "attribute"}:
            return self._defined(found.path, value.dotted(), depth + 1)
        return self._wrapped(found.path, value, depth)

    def _wrapped(self, path: str, value: Expr, depth: int) -> Body | None:
        """`asyncHandler(async (req, res) => …)`: the last function among the arguments."""
        if value.kind != "call":
            return None
        for argument in reversed(value.parts[1:]):
            if argument.kind == "lambda":
                return next((b for b in self.bodies.by_path[path].values() if _is_at(b, argument)), None)
            if argument.kind in {"name", "attribute"}:
                found = self._defined(path, argument.dotted(), depth + 1)
                if found is not None:
                    return found
        return None

    def _named(self, path: str, handler: str) -> Body | None:
        """`stories#index`, `Admin.UserController.show`, `server.getUser`: a method whose owner is called so, or the only one."""
        owner, _, name = handler.replace("#", ".").replace("::", ".").replace("/", ".").rpartition(".")
        last = owner.rpartition(".")[2].replace("_", "").lower()
        language = self.index.files[path].language
        fitting = [b for b in self._last(name) if self.index.files[b.path].language == language]
        owned = [b for b in fitting if last and last in _owners(b)]
        if not owned and "#" not in handler and len(fitting) == 1:
            owned = fitting
        return owned[0] if len(owned) == 1 else None

    def _last(self, name: str) -> list[Body]:
        if self._by_last is None:
            self._by_last = {}
            for body in self.bodies.functions():
                self._by_last.setdefault(body.scope.rpartition(".")[2], []).append(body)
        return self._by_last.get(name, [])


def _is_at(body: Body, function: Expr) -> bool:
    return body.symbol is not None and body.symbol.loc == function.loc


def _owners(body: Body) -> set[str]:
    """What a function may be said to belong to: its class or module, with and without `Controller`; its file."""
    scope = body.scope.rpartition(".")[0].rpartition(".")[2].rpartition("::")[2].lower()
    stem = body.path.rpartition("/")[2].partition(".")[0].replace("_", "").replace("-", "").lower()
    return {scope, scope.removesuffix("controller"), stem, stem.removesuffix("controller")} - {""}


WEB = ("fastapi", "starlette")  # packages whose classes a request passes through


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

    def is_web(self, body: Body) -> bool:
        """Injected functions, and the methods of classes that the framework derives from, belong to the web layer."""
        if body in self:
            return True
        owner = inference(self.index).resolve(body.path, body.scope.rpartition(".")[0]) if "." in body.scope else None
        if owner is None or owner.symbol.kind != "class":
            return False
        if (owner.path, owner.symbol.qualname) in self.keys:
            return body.scope.endswith((".__init__", ".__call__"))
        return any(base.partition(".")[0] in WEB for base in self.index.root_bases(owner))

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
