"""The files that the code of a file leads to, function by function: what it calls, the types it names, and what these do.

Names are matched, nothing is resolved: a method counts as called on every class that was met. So it finds rather too much, and
reads only the files that it comes to.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname

from backwright.core.facts import Expr, FileFacts, Import, Symbol
from backwright.engine.nearby import Imports
from backwright.kit.bodies import Bodies, Body, walk
from backwright.kit.index import FactIndex

_DEPTH = 12  # calls and types from the file; chains of rules are half as long, and each call may go through a type
_WORD = re.compile(r"[A-Za-z_$][\w$.]*")
_BY_FILE = ("python", "typescript")  # languages whose files know nothing of each other but what they import
_ITSELF = ("self", "cls", "this")


def reached(seed: str, facts: Mapping[str, FileFacts], imports: Imports, at_most: int) -> tuple[str, ...]:
    """The files that the code of `seed` leads to, nearest first and itself before all, no more than `at_most`."""
    return tuple(_Search(facts, imports, at_most).all_from(seed))


@dataclass
class _Outline:
    """What of one file a search asks for."""

    symbols: Mapping[str, Symbol]
    bodies: Mapping[str, Body]
    bound: dict[str, list[Import]] = field(default_factory=dict)

    @classmethod
    def of(cls, file: FileFacts) -> _Outline:
        index = FactIndex({file.path: file})
        made = cls(index.symbols(file.path), Bodies(index).by_path[file.path])
        for item in index.imports(file.path):
            made.bound.setdefault(item.alias, []).append(item)
        return made


class _Search:
    def __init__(self, facts: Mapping[str, FileFacts], imports: Imports, at_most: int) -> None:
        self._facts, self._imports, self._at_most = facts, imports, at_most
        self._outlines: dict[str, _Outline] = {}
        self._files: dict[str, None] = {}
        self._seen: set[tuple[str, str]] = set()
        self._queue: deque[tuple[str, str, int]] = deque()
        self._called: dict[str, int] = {}  # names of methods, with how far away they are called
        self._classes: list[tuple[str, str]] = []
        self._folders: dict[str, tuple[str, ...]] = {}

    def all_from(self, seed: str) -> Iterator[str]:
        self._files[seed] = None
        outline = self._outline(seed)
        for scope in dict.fromkeys((*outline.bodies, *outline.symbols)):
            self._ask(seed, scope, 0)
        while self._queue and len(self._files) < self._at_most:
            path, scope, depth = self._queue.popleft()
            self._visit(path, scope, depth)
        return iter(self._files)

    def _outline(self, path: str) -> _Outline:
        if path not in self._outlines:
            self._outlines[path] = _Outline.of(self._facts[path])
        return self._outlines[path]

    def _ask(self, path: str, scope: str, depth: int) -> None:
        if (path, scope) not in self._seen and depth <= _DEPTH:
            self._seen.add((path, scope))
            self._queue.append((path, scope, depth))

    def _visit(self, path: str, scope: str, depth: int) -> None:
        """A function or a class: whatever stands in it by name is asked for."""
        outline = self._outline(path)
        symbol, body = outline.symbols.get(scope), outline.bodies.get(scope)
        if symbol is not None and symbol.kind == "class":
            parts = [path, *self._beside(path)]
            self._classes += [(part, scope) for part in parts]
            for part in parts:
                for inner, member in self._outline(part).symbols.items():
                    if member.scope == scope and (member.name in self._called or member.name.startswith("__")):
                        self._files.setdefault(part)
                        self._ask(part, inner, depth)
        for text in _written(symbol) if symbol is not None else ():
            for name in _WORD.findall(text):
                self._name(path, scope, name, depth)
        for top in _expressions(symbol, body):
            for expr in walk(top):
                if expr.kind == "name":
                    self._name(path, scope, expr.text, depth)
                elif expr.kind == "attribute":
                    self._method(expr.text, depth)
                    self._name(path, scope, expr.dotted(), depth)
        for inner in outline.bodies:
            if scope and inner.startswith(f"{scope}.") and (symbol is None or symbol.kind != "class"):
                self._ask(path, inner, depth)

    def _method(self, name: str, depth: int) -> None:
        if name in self._called:
            return
        self._called[name] = depth
        for path, owner in self._classes:
            if f"{owner}.{name}" in self._outline(path).symbols:
                self._files.setdefault(path)
                self._ask(path, f"{owner}.{name}", depth + 1)

    def _name(self, path: str, scope: str, dotted: str, depth: int) -> None:
        head, _, rest = dotted.partition(".")
        outline = self._outline(path)
        if head in _ITSELF and rest:
            owner = scope.rpartition(".")[0]
            self._ask(path, f"{owner}.{rest.partition('.')[0]}", depth)
        elif head in outline.symbols:
            self._ask(path, head, depth)
            if rest and f"{head}.{rest}" in outline.symbols:
                self._ask(path, f"{head}.{rest}", depth)
        elif head in outline.bound or "*" in outline.bound:
            self._through(path, head, rest, depth, set())
        else:
            for beside in self._beside(path):
                if head in self._outline(beside).symbols:
                    self._files.setdefault(beside)
                    self._ask(beside, head, depth)

    def _through(self, path: str, head: str, rest: str, depth: int, been: set[tuple[str, str]]) -> None:
        """What a name that an import binds is in the files that the import may lead to."""
        if (path, head) in been:
            return
        been.add((path, head))
        bound = self._outline(path).bound
        for item in (*bound.get(head, ()), *bound.get("*", ())):
            inner = head if item.name == "*" else item.name
            for target in self._imports.led_to(path, item):
                if not self._counts(path, target):
                    continue
                self._files.setdefault(target)
                outline = self._outline(target)
                for name in (inner, rest.partition(".")[0]):
                    if name in outline.symbols:
                        self._ask(target, name, depth + 1)
                        if rest and f"{name}.{rest}" in outline.symbols:
                            self._ask(target, f"{name}.{rest}", depth + 1)
                        break
                    if name and (name in outline.bound or "*" in outline.bound):
                        self._through(target, name, rest, depth, been)

    def _beside(self, path: str) -> tuple[str, ...]:
        """The files that share their names with this one without imports: a package of Go, Java and the like is a folder."""
        if self._facts[path].language in _BY_FILE:
            return ()
        folder = dirname(path)
        if folder not in self._folders:
            self._folders[folder] = tuple(p for p in self._facts if dirname(p) == folder)
        return tuple(p for p in self._folders[folder] if p != path and self._counts(path, p))

    def _counts(self, path: str, target: str) -> bool:
        if target in self._files:
            return True
        known = target in self._facts and self._facts[target].language == self._facts[path].language
        return known and len(self._files) < self._at_most


def _written(symbol: Symbol) -> Iterator[str]:
    """The parts of a declaration that are kept as text."""
    yield from symbol.bases
    yield symbol.returns
    yield symbol.annotation
    yield from (param.annotation for param in symbol.params)
    yield from (one.annotation for one in symbol.fields)


def _expressions(symbol: Symbol | None, body: Body | None) -> Iterator[Expr]:
    if symbol is not None:
        yield from (*symbol.decorators, *symbol.base_exprs)
        yield from (e for p in symbol.params for e in (p.default_expr, *p.decorators) if e is not None)
        yield from (one.value_expr for one in symbol.fields if one.value_expr is not None)
        if symbol.value is not None:
            yield symbol.value
    if body is not None:
        yield from body.expressions()
        yield from (context.value for context in body.contexts)
