"""Which calls of a language reach the database, as its libraries' data say: by what they are called on, and what that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, Link, bodies
from backwright.kit.chains import awaited, links, mark_of, name_of, receiver_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import OWN_OBJECTS, Inference, inference
from backwright.kit.libraries import Store, Texts, libraries, pattern
from backwright.kit.linking import within_any

_MAX_STEPS = 3
_CHANGING = re.compile(
    r"\s*(insert\s+into|update\s+\S+\s+set|delete\s+from|replace\s+into|merge\s+into)\b", re.IGNORECASE
)


class Stored(NamedTuple):
    """A call that reaches the database; `writes` says that it changes data, `waits` that its thread waits for it."""

    link: Link
    writes: bool
    documents: bool = False
    waits: bool = False


class Statement(NamedTuple):
    """A call that takes SQL as text, and that text."""

    link: Link
    text: Expr
    kind: Texts


class Stores:
    """The database calls of the languages that have data about their libraries."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference: Inference = inference(index)
        self._modules = index.derived(_modules)
        self._entities = {table.entity.rpartition(".")[2].lower() for _, table in index.tables()}
        self._stores = {name: tuple(s for s in libraries(name).stores if self._counts(s)) for name in index.spoken}
        self._texts = {
            name: tuple(t for t in libraries(name).texts if self._imports(t.packages)) for name in index.spoken
        }

    def _counts(self, store: Store) -> bool:
        return self._imports(store.packages) or any(p.endswith(f) for f in store.files for p in self.index.paths)

    def _imports(self, packages: Iterable[str]) -> bool:
        wanted = tuple(packages)
        return not wanted or any(within_any(module, wanted) for module in self._modules)

    def language(self, path: str) -> str:
        return self.index.files[path].language

    # -- calls -----------------------------------------------------------------------------------------------------
    def calls(self) -> Iterator[Stored]:
        """The database calls, the innermost of each chain."""
        wanted = {m for stores in self._stores.values() for s in stores for m in (*s.reads, *s.writes, *s.objects)}
        begun = tuple(m[:-1] for m in wanted if m.endswith("*"))
        methods = wanted | {n for n in bodies(self.index).by_name if begun and n.startswith(begun)}
        seen: dict[int, Stored] = {}
        functions = {s.functions for stores in self._stores.values() for s in stores if s.functions}
        named = {n for n in bodies(self.index).by_name if any(pattern(f).search(n) for f in functions)}
        for link in bodies(self.index).called(methods | named):
            if id(link.call) in seen and seen[id(link.call)].link.depth > link.depth:
                continue
            found = self._stored(link)
            if found is not None:
                seen[id(link.call)] = found
        yield from seen.values()

    def _stored(self, link: Link) -> Stored | None:
        method, receiver = name_of(link.expr), receiver_of(link.expr)
        for store in self._stores.get(self.language(link.body.path), ()):
            if receiver is None:
                if store.functions and _is_table(link.expr) and pattern(store.functions).search(method):
                    return Stored(link, self._turns(store, link), store.documents, self._keeps_waiting(store))
            elif (reads := _among(method, store.reads)) or _among(method, store.writes):
                if self._ends(store, link) and self._is_store(store, link, receiver):
                    writes = not reads or self._turns(store, link) or _changes_rows(link.expr)
                    return Stored(link, writes, store.documents, self._keeps_waiting(store))
            elif method in store.objects and self._is_object(store, link.body, receiver, 0):
                return Stored(link, True, store.documents, self._keeps_waiting(store))
        return None

    def _keeps_waiting(self, store: Store) -> bool:
        return store.waits and not (store.awaited_with and self._imports(store.awaited_with))

    def _is_object(self, store: Store, body: Body, receiver: Expr, depth: int) -> bool:
        """Whether a variable holds what such a class made or gave."""
        if receiver.kind != "name" or depth > _MAX_STEPS:
            return False
        if receiver.text in OWN_OBJECTS:
            owner = self.inference.of(body.path, body.scope, receiver)
            return owner is not None and owner.definition is not None and self._is_made(store, owner.definition)
        for assign in body.targets().get(receiver.text, ()):
            value = awaited(assign.value)
            if value.kind == "name" and self._is_object(store, body, value, depth + 1):
                return True
            for link in links(value):
                callee = receiver_of(link)
                given = callee if callee is not None else link.parts[0] if link.text == "new" else None
                if given is not None and given.dotted() and self._is_asked(store, body, given):
                    return True
        return False

    def _is_asked(self, store: Store, body: Body, receiver: Expr) -> bool:
        named = bool(store.receivers) and pattern(store.receivers).search(receiver.dotted()) is not None
        return named or self._is_model(store, body, receiver)

    def _ends(self, store: Store, link: Link) -> bool:
        """Whether the chain sends something, where that is said; a variable that keeps the query sends it later."""
        return not store.ends or not {name_of(e) for e in links(link.call.expr)}.isdisjoint(store.ends)

    def _turns(self, store: Store, link: Link) -> bool:
        names = {name_of(e) for e in links(link.call.expr) if e.loc.end > link.expr.loc.end}
        return not names.isdisjoint(store.turning)

    def _is_store(self, store: Store, link: Link, receiver: Expr) -> bool:
        dotted = receiver.dotted()
        if store.unless and pattern(store.unless).search(dotted):
            return False
        if store.receivers and dotted and pattern(store.receivers).search(dotted):
            return True
        if store.given:
            return any(pattern(store.given).search(part.dotted()) for part in link.expr.parts[1:])
        path = link.body.path
        if (store.models or store.made or store.entities) and dotted and self._is_model(store, link.body, receiver):
            return True
        if not store.types and not store.decorated:
            return False
        found = self.inference.of(path, link.body.scope, receiver)
        if found is None or found.itself:
            return False
        names = {found.last.partition("<")[0]}
        if found.definition is not None:
            if any(mark_of(d) in store.decorated for d in found.definition.symbol.decorators):
                return True
            names |= {base.rpartition(".")[2] for base in self.index.root_bases(found.definition)}
        return not names.isdisjoint(store.types)

    def _is_model(self, store: Store, body: Body, receiver: Expr) -> bool:
        """A class that is asked itself: an entity, one with such a base, a variable that was made so."""
        dotted = receiver.dotted()
        if "()" in dotted:  # `Page.visible().latest()`: a scope of an entity
            dotted = dotted.partition("()")[0].rpartition(".")[0] if store.entities else ""
        last = dotted.rpartition(".")[2]
        if store.entities and last[:1].isupper() and last.lower() in self._entities:
            return True
        if not dotted or "()" in receiver.dotted():
            return False
        found = self.inference.resolve(body.path, dotted)
        return found is not None and self._is_made(store, found)

    def _is_made(self, store: Store, found: Definition) -> bool:
        if found.symbol.kind == "class":
            bases = {base.rpartition(".")[2] for base in self.index.root_bases(found)}
            return not bases.isdisjoint(store.models)
        value = found.symbol.value
        return value is not None and value.kind == "call" and value.parts[0].dotted() in store.made

    # -- texts -----------------------------------------------------------------------------------------------------
    def statements(self) -> Iterator[Statement]:
        """The calls that take SQL as text; tagged templates bind their values and are none."""
        stored = {id(s.link.expr) for s in self.calls()}
        methods = {m for texts in self._texts.values() for t in texts for m in t.methods}
        for link in bodies(self.index).called(methods):
            method = name_of(link.expr)
            for texts in self._texts.get(self.language(link.body.path), ()):
                given = link.expr.positional()
                if texts.skip and given and pattern(texts.skip).search(given[0].dotted()):
                    given = given[1:]
                if method in texts.methods and len(given) > texts.at and self._takes(texts, link, stored):
                    text = given[texts.at]
                    if text.kind != "string" and text.loc.end != link.expr.loc.end:
                        yield Statement(link, text, texts)
                        break

    def _takes(self, texts: Texts, link: Link, stored: set[int]) -> bool:
        receiver = receiver_of(link.expr)
        if receiver is None:
            return not texts.receivers and texts.sure
        if texts.receivers and pattern(texts.receivers).search(receiver.dotted()):
            return True
        if texts.types:
            found = self.inference.of(link.body.path, link.body.scope, receiver)
            if found is not None and found.last in texts.types:
                return True
        if texts.receivers or texts.types:
            return False
        return texts.sure or texts.fragment or id(link.expr) in stored


def _changes_rows(call: Expr) -> bool:
    """Whether the text that a call sends changes rows."""
    for given in call.positional()[:2]:
        text = given.parts[0] if given.kind == "interpolation" and given.parts else given
        if text.kind == "string" and _CHANGING.match(text.text):
            return True
    return False


def _among(method: str, names: Iterable[str]) -> bool:
    return any(method == name or (name[-1] == "*" and method.startswith(name[:-1])) for name in names)


def _is_table(call: Expr) -> bool:
    given = call.positional()
    return len(given) == 1 and given[0].kind in {"string", "name", "mapping", "attribute"} and len(call.parts) == 2


def _modules(index: FactIndex) -> frozenset[str]:
    """Every module that is imported by its name."""
    return frozenset(
        f"{item.module}.{item.name}"
        if item.name not in {"", "*", "default"} and index.files[path].language != "typescript"
        else item.module
        for path in index.files
        for item in index.imports(path)
        if not item.level
    )


def stores(index: FactIndex) -> Stores:
    """The stores of this project, found once."""
    return index.derived(Stores)
