"""Relations that a call loads for one row: in a loop, behind calls of a loop, and in the fields of a GraphQL type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from backwright.core.archmap import ArchMap
from backwright.core.facts import Call, Expr, Loop
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.callgraph import CallGraph, Hop, callgraph, shown
from backwright.kit.callgraph import arguments as given_to
from backwright.kit.chains import awaited, links, name_of, receiver_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import OWN_OBJECTS
from backwright.kit.libraries import Loader, libraries, pattern

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_BATCH = re.compile(r"(?i)chunk|batch|page|slice|tenant|shard")
_DEPTH = 2


class Load(NamedTuple):
    """A place that loads `what` of the row that `root` names."""

    at: Expr
    root: str
    what: str
    way: tuple[Hop, ...] = ()


@dataclass(frozen=True)
class Repeated:
    """A load that a loop repeats for each of its elements."""

    body: Body
    loop: Loop
    load: Load


def repeated(index: FactIndex, archmap: ArchMap) -> Iterator[Repeated]:
    """The first such load of every loop."""
    search = _Loads(index)
    if not search.known:
        return
    for body in Serving(index, archmap).functions():
        if not body.loops:
            continue
        told: set[int] = set()
        for call_or_await, load in search.all_of(body):
            for loop in body.loops:
                if loop.loc.start not in told and inside(call_or_await.loc, loop.loc) and _is_row(loop, load):
                    told.add(loop.loc.start)
                    yield Repeated(body, loop, load)


def _is_row(loop: Loop, load: Load) -> bool:
    """Whether a load is of the loop's own element, or of what is made of it in the loop."""
    names = {n for n in _WORD.findall(loop.target) if not _BATCH.search(n)}
    if loop.iterable is None or inside(load.at.loc, loop.iterable.loc) or loop.kind == "while":
        return False
    if loop.iterable.kind in {"sequence", "mapping"}:
        return False
    return load.root in names


class _Loads:
    """The loads of each function, by the variable or parameter whose relation they load."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.graph: CallGraph = callgraph(index)
        self.known: dict[str, tuple[Loader, ...]] = {}
        speaking = [language for language in index.spoken if libraries(language).loaders]
        modules = {i.module for path in index.files for i in index.imports(path) if not i.level} if speaking else set()
        for language in speaking:
            loaders = tuple(
                one for one in libraries(language).loaders if any(m.startswith(one.packages) for m in modules)
            )
            if loaders:
                self.known[language] = loaders
        self._relations = {
            f"{name[:1].upper()}{name[1:]}" for _, table in index.tables() for r in table.relations for name in [r.name]
        }
        self._lazy = self._lazies()
        self._of: dict[tuple[str, str], list[tuple[Expr, Load]]] = {}

    def _lazies(self) -> dict[str, set[str]]:
        """Entity to its relations that load when they are awaited."""
        out: dict[str, set[str]] = {}
        lazy = [one.lazy for loaders in self.known.values() for one in loaders if one.lazy]
        for path, table in self.index.tables() if lazy else ():
            symbol = self.index.symbols(path).get(table.entity) if path in self.index.files else None
            named = {r.name for r in table.relations}
            for field in symbol.fields if symbol is not None else ():
                if field.name in named and any(pattern(text).search(field.annotation) for text in lazy):
                    out.setdefault(table.entity.rpartition(".")[2], set()).add(field.name)
        return out

    def all_of(self, body: Body) -> Iterator[tuple[Expr, Load]]:
        """The loads in a body, and the calls of it that lead to one."""
        yield from self._here(body)
        for call in body.calls:
            for link in links(call.expr):
                load = self._behind(body, link, 0)
                if load is not None:
                    yield link, load

    def _here(self, body: Body) -> list[tuple[Expr, Load]]:
        if body.key not in self._of:
            loaders = self.known.get(self.index.files[body.path].language, ())
            found = [(link, load) for call in body.calls for link, load in self._called(body, call, loaders)]
            found += self._awaited(body) if self._lazy else []
            otherwise = {id(e) for top in body.expressions() for b in walk(top) for e in _otherwise(b)}
            self._of[body.key] = [(at, load) for at, load in found if id(load.at) not in otherwise]
        return self._of[body.key]

    def _called(self, body: Body, call: Call, loaders: tuple[Loader, ...]) -> Iterator[tuple[Expr, Load]]:
        chain = {name_of(link) for link in links(call.expr)}
        for link in links(call.expr):
            name, receiver = name_of(link), receiver_of(link)
            if receiver is None:
                continue
            for one in loaders:
                if name in one.of_argument and (row := _handed(link)):
                    if (not one.further or not chain.isdisjoint(one.further)) and chain.isdisjoint(one.unless):
                        yield link, Load(link, row, _of_chain(call.expr))
                elif receiver.kind == "name" and (
                    (name in one.methods and len(link.parts) > 1) or self._is_getter(body, link, one)
                ):
                    yield link, Load(link, receiver.text, _named(link))
                elif (
                    name in one.of_relation
                    and receiver.kind == "attribute"
                    and receiver.parts[0].kind == "name"
                    and receiver.text[:1].upper() + receiver.text[1:] in self._relations
                ):
                    yield link, Load(link, receiver.parts[0].text, receiver.text)

    def _is_getter(self, body: Body, link: Expr, one: Loader) -> bool:
        name = name_of(link)
        named = any(name.startswith(g) and name[len(g) :] in self._relations for g in one.getters)
        return named and len(link.parts) <= 2 and self.graph.target(body, link) is None

    def _awaited(self, body: Body) -> list[tuple[Expr, Load]]:
        """`await order.items` where `items` is lazy, of a row whose entity is known."""
        names = {n for lazy in self._lazy.values() for n in lazy}
        out = []
        for top in body.expressions():
            for node in walk(top):
                inner = node.parts[0] if node.kind == "await" and node.parts else None
                if inner is None or inner.kind != "attribute" or inner.text not in names:
                    continue
                owner = inner.parts[0]
                if owner.kind == "name" and inner.text in self._lazy.get(self._entity(body, owner), ()):
                    out.append((inner, Load(inner, owner.text, inner.text)))
        return out

    def _entity(self, body: Body, row: Expr) -> str:
        """The entity of a row: by its type, or by that of what a loop walks over."""
        found = self.graph.inference.of(body.path, body.scope, row)
        if found is not None and not found.itself:
            return found.last
        loop = next((one for one in body.loops if row.text in _WORD.findall(one.target)), None)
        for iterable in [loop.iterable] if loop is not None and loop.iterable is not None else []:
            typed = self.graph.inference.of(body.path, body.scope, iterable)
            if typed is not None and typed.many:
                return typed.last
            for assign in body.targets().get(iterable.dotted(), ()):
                asked = next((name for name in _asked(self.graph, body, assign.value) if name in self._lazy), "")
                if asked:
                    return asked
        return ""

    def _behind(self, body: Body, link: Expr, depth: int) -> Load | None:
        """What a function of this project loads of the row that this call hands to it."""
        target = self.graph.target(body, link) if depth < _DEPTH else None
        inner = self.graph.body_of(target) if target is not None else None
        if target is None or inner is None or inner.key == body.key:
            return None
        handed = {p: a for p, a in given_to(link, target).items() if a.kind == "name"}
        receiver = receiver_of(link)
        if receiver is not None and receiver.kind == "name" and receiver.text not in OWN_OBJECTS:
            handed |= dict.fromkeys(OWN_OBJECTS, receiver)
        if not handed:
            return None
        further = ((at, load) for at, load in self._here(inner))
        deeper = (
            (one, load)
            for call in (inner.calls if depth + 1 < _DEPTH else ())
            for one in links(call.expr)
            if (load := self._behind(inner, one, depth + 1)) is not None
        )
        for at, load in (*further, *deeper):
            if load.root in handed and not any(b.body for b in inner.branches_around(at.loc)):
                step = Hop(inner.path, at.loc, f"`{target.symbol.name}` loads `{load.what}` of `{load.root}`")
                return Load(link, handed[load.root].text, load.what, load.way or (step,))
        return None


def _handed(link: Expr) -> str:
    """The variable of the row that is the first argument; of `orders[i]` the variable that chooses it."""
    given = next(iter(link.positional()), None)
    if given is None:
        return ""
    chosen = given.parts[1] if given.kind == "subscript" and len(given.parts) > 1 else given
    return chosen.text if chosen.kind == "name" else ""


def _of_chain(chain: Expr) -> str:
    """The relation that a chain names: as a text, or in a lambda."""
    for link in links(chain):
        for part in link.parts[1:]:
            for node in walk(part):
                if node.kind == "string" and node.text.isidentifier():
                    return node.text
                if part.kind == "lambda" and node.kind == "attribute":
                    return node.text
    return shown(chain)


def _otherwise(expr: Expr) -> Iterator[Expr]:
    """What is only read where something else is missing: `order.user ?? (await order.getUser())`."""
    if expr.kind == "binary" and expr.text in {"??", "||", "&&"} and len(expr.parts) == 2:
        yield from walk(expr.parts[1])
    if expr.kind == "conditional":
        for part in expr.parts:
            yield from walk(part)


def _asked(graph: CallGraph, body: Body, value: Expr) -> Iterator[str]:
    """The names of types that a query asks for: `Order.find()`, `this.orders.find()` of a `Repository<Order>`."""
    for link in links(awaited(value)):
        receiver = receiver_of(link)
        if receiver is None or not name_of(link).startswith(("find", "getMany")):
            continue
        yield receiver.dotted().rpartition(".")[2]
        found = graph.inference.of(body.path, body.scope, receiver)
        yield from found.args if found is not None else ()
        for part in (p for top in links(receiver) for p in top.parts[1:]):
            yield part.dotted()


def _named(link: Expr) -> str:
    given = link.parts[1] if len(link.parts) > 1 else None
    if given is not None and given.kind == "string":
        return given.text
    name = name_of(link)
    return shown(link) if given is not None or not name else name
