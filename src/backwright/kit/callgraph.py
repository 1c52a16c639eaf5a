"""Who calls whom in this project, and which functions lead to a given kind of place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from backwright.core.facts import Expr, Loc, Span
from backwright.core.findings import Related
from backwright.kit.bodies import Body, bodies
from backwright.kit.chains import links, name_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import CONSTRUCTORS, Inference, inference
from backwright.kit.testfiles import is_test_file

# A chain longer than this explains nothing to a reader.
_MAX_CHAIN = 6

Key = tuple[str, str]


@dataclass(frozen=True)
class Hop:
    """One step of a chain: the place in `path`, and what happens there."""

    path: str
    loc: Loc
    text: str

    def related(self) -> Related:
        return Related(self.text, Span(self.path, self.loc.line, self.loc.col, self.loc.end_line, self.loc.end_col))


class CallGraph:
    """Resolves calls to the functions of this project. Every answer is worked out once."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference: Inference = inference(index)
        self.bodies = bodies(index)
        self._targets: dict[tuple[str, int, int], Definition | None] = {}
        self._calling: dict[str, set[str]] | None = None
        self._below: dict[Key, list[Definition]] | None = None

    def target(self, body: Body, link: Expr) -> Definition | None:
        """The function or method that one call runs, a class's `__init__` for a class. None outside of this project."""
        key = body.path, link.loc.start, link.loc.end
        if key not in self._targets:
            found = self._target(body, link)
            self._targets[key] = self._implementation(found) if found is not None else None
        return self._targets[key]

    def _implementation(self, found: Definition) -> Definition:
        """The method that runs for an abstract one or one of an interface, where exactly one class implements it.

        What tests put in its place does not count.
        """
        abstract = any(d.dotted().rpartition(".")[2] == "abstractmethod" for d in found.symbol.decorators)
        if not abstract and (found.symbol.kind != "method" or found.symbol.body is not None):
            return found
        made = [
            Definition(cls.path, symbol)
            for cls in self._subclasses().get((found.path, found.symbol.scope), ())
            if (symbol := self.index.symbols(cls.path).get(f"{cls.symbol.qualname}.{found.symbol.name}")) is not None
            and symbol.body is not None
            and not is_test_file(cls.path)
        ]
        return made[0] if len(made) == 1 else found

    def _subclasses(self) -> dict[Key, list[Definition]]:
        if self._below is None:
            self._below = {}
            for cls in self.index.classes():
                for base in self.inference.line(cls)[1:]:
                    self._below.setdefault((base.path, base.symbol.qualname), []).append(cls)
        return self._below

    def _target(self, body: Body, link: Expr) -> Definition | None:
        callee = link.parts[0]
        found = self.inference.function(body.path, body.scope, callee)
        if found is not None and found.symbol.kind == "class":
            return self.inference.constructor(found)
        if found is not None and found.symbol.kind in {"function", "method"}:
            return found
        if callee.kind == "name":
            made = self.inference.of(body.path, body.scope, callee)
            if made is not None and made.definition is not None and not made.itself:
                return self.inference.method(made.definition, "__call__")
            return None
        if callee.kind != "attribute":
            return None
        if callee.parts[0].dotted() == "super()":
            return self._inherited(body, callee.text)
        owner = self.inference.of(body.path, body.scope, callee.parts[0])
        if owner is None or owner.definition is None or owner.many:
            return None
        return self.inference.method(owner.definition, callee.text)

    def _inherited(self, body: Body, name: str) -> Definition | None:
        owner = self.inference.resolve(body.path, body.scope.rpartition(".")[0])
        for base in self.inference.line(owner)[1:] if owner is not None else ():
            found = self.inference.method(base, name)
            if found is not None:
                return found
        return None

    def body_of(self, definition: Definition) -> Body | None:
        return self.bodies.get(definition.path, definition.symbol.qualname)

    def callers(self, definition: Definition) -> Iterator[tuple[Body, Expr]]:
        """Every call of this project that runs a function: where, and the link of the chain that does."""
        name = _own_name(definition.symbol.qualname)
        for link in self.bodies.by_name.get(name, ()):
            found = self.target(link.body, link.expr)
            if found is not None and (found.path, found.symbol.qualname) == (
                definition.path,
                definition.symbol.qualname,
            ):
                yield link.body, link.expr

    def calling(self) -> dict[str, set[str]]:
        """Name of what is called to the names of the functions that call something so named."""
        if self._calling is None:
            own = {key: _own_name(key[1]) for key in self.bodies.by_key}
            self._calling = {
                name: {own[link.body.key] for link in found} for name, found in self.bodies.by_name.items()
            }
        return self._calling


class Reach:
    """Which functions lead to one of `sites`, and through which calls.

    `sites` maps (path, scope) to the last hop of the chain. `enter` says which functions a chain may pass through.
    """

    def __init__(
        self, graph: CallGraph, sites: Mapping[Key, Hop], enter: Callable[[Definition], bool] = lambda _: True
    ) -> None:
        self.graph = graph
        self.sites = sites
        self.enter = enter
        self._chains: dict[Key, tuple[Hop, ...] | None] = {}
        self._names = self._possible_names()

    def _possible_names(self) -> frozenset[str]:
        """Names of functions that may lead to a site, by name alone: only calls to these are worth resolving."""
        calling = self.graph.calling()
        names: set[str] = set()
        queue = [_own_name(scope) for _, scope in self.sites]
        while queue:
            name = queue.pop()
            if name and name not in names:
                names.add(name)
                queue.extend(calling.get(name, ()))
        return frozenset(names)

    def chain(self, path: str, scope: str) -> tuple[Hop, ...] | None:
        """The shortest known chain from a function to a site, None where there is none."""
        return self._chain((path, scope), 0)

    def _chain(self, key: Key, depth: int) -> tuple[Hop, ...] | None:
        if key in self._chains:
            return self._chains[key]
        self._chains[key] = None  # recursion leads nowhere new
        site = self.sites.get(key)
        found: tuple[Hop, ...] | None = (site,) if site is not None else None
        body = self.graph.bodies.get(*key)
        if found is None and body is not None and depth < _MAX_CHAIN:
            for hop, rest in self._steps(body, depth):
                if found is None or len(rest) + 1 < len(found):
                    found = (hop, *rest)
        self._chains[key] = found
        return found

    def _steps(self, body: Body, depth: int) -> Iterator[tuple[Hop, tuple[Hop, ...]]]:
        for call in body.calls:
            for link in links(call.expr):
                rest = self.through(body, link, depth)
                if rest is not None:
                    yield Hop(body.path, link.loc, f"calls `{shown(link)}`"), rest

    def through(self, body: Body, link: Expr, depth: int = 0) -> tuple[Hop, ...] | None:
        """The chain that one call sets off, without the call itself."""
        if name_of(link) not in self._names:
            return None
        target = self.graph.target(body, link)
        if target is None or not self.enter(target):
            return None
        return self._chain((target.path, target.symbol.qualname), depth + 1)


def _own_name(scope: str) -> str:
    """What a function is called by: a class for its constructor."""
    outer, _, name = scope.rpartition(".")
    return outer.rpartition(".")[2] if name in CONSTRUCTORS else name


def shown(link: Expr) -> str:
    """A call as a message names it: `session.execute`, `Repository().get`."""
    return link.parts[0].dotted() or name_of(link)


def callgraph(index: FactIndex) -> CallGraph:
    """The call graph of this project, made once."""
    return index.derived(CallGraph)


def arguments(link: Expr, target: Definition) -> dict[str, Expr]:
    """Parameter name to argument of a call, `self` and `cls` left out; nothing for what `*` and `**` bring."""
    params = [p for p in target.symbol.params if p.kind in {"positional", "keyword"}]
    if params and params[0].name in {"self", "cls"} and target.symbol.scope:
        params = params[1:]
    out = {p.name: a for p, a in zip(params, link.positional(), strict=False) if p.kind == "positional"}
    known = {p.name for p in params}
    for key, part in zip(link.keys[1:], link.parts[1:], strict=True):
        if key in known:
            out[key] = part
    return out
