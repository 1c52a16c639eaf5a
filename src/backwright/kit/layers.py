"""How the layers of a project are used: which functions are web code, and which way their data comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Span
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import Hop, callgraph, shown
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.database import DbCall, access, database, is_access
from backwright.kit.findings import span_of
from backwright.kit.handlers import Handler, handlers, injected, roles, views
from backwright.kit.index import Definition, FactIndex

DEPTH = 4
FEW = 10  # times as many: others are the exception
LAYERS = ("model", "repository", "service", "router")
# A role is a guess where only a few queries speak for it. What rules enforce as a layer also says so itself.
_ENDING = r"\.(py|[cm]?[jt]sx?|go|rs|java|kt|cs|rb|php|exs?)$"
_NAMED = {
    "repository": re.compile(
        rf"(^|/)((crud|cruds|repos?|repositor(y|ies)|daos?|dal)/|(\w+[_.-])?(crud|cruds|repos?|repositor(y|ies)|daos?){_ENDING}"
        rf"|(crud|repository|repo)_\w+{_ENDING}|\w+(Repo|Repository|RepositoryImpl|Dao|DAO){_ENDING})"
    ),
    "service": re.compile(
        rf"(^|/)((services?|use-?_?cases?|interactors?)/|(\w+[_.-])?(services?|use-?_?cases?|interactors?){_ENDING}"
        rf"|(service|usecase)_\w+{_ENDING}|\w+(Service|ServiceImpl|UseCase|Interactor){_ENDING})"
    ),
}
# What lies in a folder of the web layer is of another only if its own name says so.
_WEB = re.compile(r"^(.*/)?(routes?|routers?|api|endpoints?|views?|controllers?|middlewares?)/")
_CLASSES = {
    "repository": re.compile(r"(Repository|Repo|DAO|Dao|CRUD|Crud)$|^CRUD"),
    "service": re.compile(r"(Service|UseCase|Interactor)$"),
}


class Layers:
    """One project's layers. `role` maps path to role, `layer` only those that say themselves what they are.

    `entries` are the handlers, and the views that routes of other files name.
    """

    def __init__(self, index: FactIndex, archmap: ArchMap) -> None:
        self.index = index
        self.graph = callgraph(index)
        self.role = roles(archmap)
        self.handlers: list[Handler] = list(handlers(index, archmap))
        known = {h.body.key for h in self.handlers}
        self.entries: list[Handler] = [*self.handlers, *(v for v in views(index, archmap) if v.body.key not in known)]
        tables, routes = {path for path, _ in index.tables()}, {path for path, _ in index.routes()}
        self._by_content = {"model": tables, "router": routes}
        self.layer = {p: r for p, r in self.role.items() if self._says(p, r)}
        self.web_files = {h.path for h in self.entries} | {p for p, r in self.role.items() if r == "router"}

    def _says(self, path: str, role: str) -> bool:
        """Whether a file is of a layer by its name or by its classes; routers and models are so by their content."""
        if role in self._by_content:
            return path in self._by_content[role]
        if role not in _NAMED:
            return False
        web = _WEB.match(path)
        if _NAMED[role].search(path[web.end() :] if web is not None else path):
            return True
        if web is not None:
            return False
        classes = [s.name for s in self.index.symbols(path).values() if s.kind == "class" and not s.scope]
        telling = [n for n in classes if _CLASSES[role].search(n)]
        return bool(telling) and len(telling) * 2 >= len(classes)

    def own_code(self, handler: Handler) -> Iterator[tuple[Body, tuple[Hop, ...]]]:
        """The functions of router modules that a handler runs: itself, inner ones, helpers; each with the way to it."""
        seen: set[tuple[str, str]] = set()
        queue: list[tuple[Body, tuple[Hop, ...]]] = [(b, ()) for b in bodies(self.index).with_inner(handler.body)]
        while queue:
            body, way = queue.pop(0)
            if body.key in seen:
                continue
            seen.add(body.key)
            yield body, way
            if len(way) < DEPTH:
                queue += self._helpers(body, way)

    def _helpers(self, body: Body, way: tuple[Hop, ...]) -> Iterator[tuple[Body, tuple[Hop, ...]]]:
        for call in body.calls:
            for link in links(call.expr):
                target = self.graph.target(body, link) if name_of(link) in self._helper_names else None
                found = self.graph.body_of(target) if target is not None else None
                if (
                    target is not None
                    and found is not None
                    and target.path in self.web_files
                    and (not target.symbol.scope or (target.path, target.symbol.scope) in self._controllers)
                ):
                    yield found, (*way, Hop(body.path, link.loc, f"`{body.scope}` calls `{shown(link)}`"))

    @cached_property
    def _helper_names(self) -> frozenset[str]:
        symbols = ((path, s) for path in self.web_files for s in self.index.symbols(path).values())
        return frozenset(
            s.name
            for path, s in symbols
            if (s.kind == "function" and not s.scope) or (s.kind == "method" and (path, s.scope) in self._controllers)
        )

    @cached_property
    def _controllers(self) -> frozenset[tuple[str, str]]:
        """The classes that have handlers: their other methods are web code too."""
        return frozenset((h.path, scope) for h in self.entries if (scope := h.body.scope.rpartition(".")[0]))

    def providers(self) -> Iterator[tuple[Body, tuple[Hop, ...]]]:
        """Functions of router modules that are injected into handlers."""
        for path in sorted(self.web_files):
            for body in bodies(self.index).by_path.get(path, {}).values():
                if body.symbol is not None and body.symbol.kind == "function" and body in injected(self.index):
                    yield body, ()

    def accesses(self, body: Body) -> list[DbCall]:
        """The data accesses that stand in a body itself. What a repository of the project has from its base is its own."""
        return [c for c in database(self.index).of(body) if is_access(c) and not self._is_of_repository(c)]

    def _is_of_repository(self, call: DbCall) -> bool:
        """Whether it is called on a repository class of the project: `UserRepository`, below `EntityRepository`.

        The `Repo` of Ecto is the database itself.
        """
        receiver = receiver_of(call.link)
        if call.kind != "store" or receiver is None or not receiver.dotted():
            return False
        if self.index.files[call.body.path].language == "elixir":
            return False
        owner = self.graph.inference.of(call.body.path, call.body.scope, receiver)
        made = owner.definition if owner is not None else None
        return made is not None and _CLASSES["repository"].search(made.symbol.name) is not None

    def data_calls(self, body: Body, wanted: tuple[str, ...], *, strict: bool = False) -> list[tuple[Definition, Expr]]:
        """The calls of a body into files of the wanted roles that lead to data; constructors do not count."""
        reach = access(self.index)
        known = self.layer if strict else self.role
        out = []
        for call in body.calls:
            for link in links(call.expr):
                target = self.graph.target(body, link) if reach.through(body, link) is not None else None
                if target is not None and known.get(target.path) in wanted and target.symbol.name != "__init__":
                    out.append((target, link))
        return out

    @cached_property
    def through_layers(self) -> list[tuple[Handler, Expr]]:
        """The handlers that reach data only through a service or repository, with the call that does."""
        out = []
        for handler in self.entries:
            own = [body for body, _ in self.own_code(handler)]
            if any(self.accesses(body) for body in own):
                continue
            found = next(
                (
                    link
                    for b in own
                    if b.path == handler.path
                    for _, link in self.data_calls(b, ("service", "repository"))
                ),
                None,
            )
            if found is not None:
                out.append((handler, found))
        return out

    def exemplar(self, near: str) -> Span | None:
        """Where a handler does it the house way: in another file if there is one, in this file otherwise."""
        places = sorted(
            (span_of(h.path, link.loc) for h, link in self.through_layers),
            key=lambda s: (s.path == near, s.path, s.line),
        )
        return places[0] if places else None

    def has(self, role: str) -> bool:
        """Whether the project has this layer: files of the role whose functions lead to data."""
        return any(self.leads_to_data(path) for path, its in self.role.items() if its == role)

    def stands(self, direct: int) -> bool:
        """Whether something stands between routes and data: a layer that says what it is, or what some handlers go through.

        `direct` handlers use the database themselves; a few that call something beside do not make a layer.
        """
        return len(self.through_layers) * FEW >= direct or any(
            role in {"repository", "service"} and self.leads_to_data(path) for path, role in self.layer.items()
        )

    def leads_to_data(self, path: str) -> bool:
        """Whether some function of a file leads to data."""
        reach = access(self.index)
        scopes = bodies(self.index).by_path.get(path, {})
        return any(reach.chain(path, scope) is not None for scope, body in scopes.items() if body.symbol is not None)


class _Shelf:
    """The layers of one index, by map."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.known: dict[int, tuple[ArchMap, Layers]] = {}

    def layers(self, archmap: ArchMap) -> Layers:
        if id(archmap) not in self.known:
            self.known[id(archmap)] = archmap, Layers(self.index, archmap)
        return self.known[id(archmap)][1]


def layers_of(index: FactIndex, archmap: ArchMap) -> Layers:
    """The layers of this project, worked out once."""
    return index.derived(_Shelf).layers(archmap)
