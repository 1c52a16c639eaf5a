"""What the code of a project shows about the layers of its files: mounted functions, tables, and the signs in each file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname

from backwright.core.facts import Call, Expr, Symbol
from backwright.engine.placing_signs import PLAIN, Sign, matches, signs_of, tokens_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.testfiles import is_test_file

_HANDLER = re.compile(r"[#@.:\\]+")
_INLINE = "<"
_STORING = frozenset({"add", "create", "delete", "insert", "persist", "remove", "save", "store", "update", "upsert"})
_OPEN = frozenset({"module", "namespace"})  # what stands in these stands for itself
_TYPE = re.compile(r"\w+")


@dataclass(frozen=True)
class Seen:
    """How often a sign was seen in a file, and the first time in words."""

    count: int
    because: str


class Evidence:
    """What a project shows, worked out once."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.registered: Counter[str] = Counter()  # routes by the file that registers them
        self.handlers: dict[str, set[str]] = defaultdict(set)  # mounted functions by the file that holds them
        for path, route in index.routes():
            if is_test_file(path):
                continue
            self.registered[path] += 1
            for holder in self._holders(path, route.handler):
                self.handlers[holder].add(route.handler)
        self._entities = {(path, table.entity) for path, table in index.tables()}
        self.tables = Counter(path for path, _ in self._entities)

    # -- mounted functions ---------------------------------------------------------------------------------------------
    def _holders(self, path: str, handler: str) -> Iterator[str]:
        """The files that hold the function a route names, be it imported, of the package, or `users#index`."""
        name = handler.removesuffix("()").removesuffix(".as_view")
        if not name or name.startswith(_INLINE) or f".{_INLINE}" in name:
            yield path
            return
        found = self.index.resolve(path, name)
        if found is not None and found.symbol.kind != "variable":
            yield found.path
            return
        owner, method = _split(name)
        named = f"{owner}Controller" if "#" in name else owner  # Rails and its like: `users#index`
        classes = self._owners.get(_bare(named), ()) if owner else ()
        if classes:
            yield from classes
        elif found is not None:
            yield found.path
        elif not self._is_foreign(path, owner or method):
            functions = self._functions["method" if owner else "function"].get(method, [])
            beside = [p for p in functions if dirname(p) == dirname(path)]
            yield from beside[:1] or (functions[:1] if len(set(functions)) == 1 else [])

    def _is_foreign(self, path: str, name: str) -> bool:
        """Whether an import of another package binds a name."""
        bound = any(item.alias == name for item in self.index.imports(path))
        return (
            bound
            and self.index.resolve(path, name) is None
            and not any(self.index.imported_file(path, item) for item in self.index.imports(path) if item.alias == name)
        )

    @cached_property
    def _owners(self) -> dict[str, tuple[str, ...]]:
        """Files by the classes they hold, those of languages that name modules by their last name."""
        out: dict[str, list[str]] = {}
        for definition in self.index.classes():
            if not is_test_file(definition.path):
                out.setdefault(_bare(definition.symbol.name.rpartition(".")[2]), []).append(definition.path)
        return {name: tuple(dict.fromkeys(paths)) for name, paths in out.items() if len(set(paths)) == 1}

    @cached_property
    def _functions(self) -> dict[str, dict[str, list[str]]]:
        """Files by the functions they hold, by whether these are methods."""
        out: dict[str, dict[str, list[str]]] = {"function": {}, "method": {}}
        for definition in self.index.functions():
            if not is_test_file(definition.path):
                out[definition.symbol.kind].setdefault(definition.symbol.name, []).append(definition.path)
        return out

    # -- one file ------------------------------------------------------------------------------------------------------
    def of(self, path: str) -> dict[str, Seen]:
        """The roles that signs in a file give it, and those that its place gives by the conventions of what it uses.

        Classes inside of others speak for their file only where nothing else does.
        """
        modules = {item.module for item in self.index.imports(path) if not item.level}
        applying = tuple(signs_of(self.index.files[path].language).applying(path, modules))
        found = [(s.role, s.because or "its place, by the framework's convention") for s in applying if s.is_place]
        active = tuple(sign for sign in applying if not sign.is_place)
        inner: list[tuple[str, str]] = []
        for role, because, is_inner in self._signs(path, active) if active else ():
            (inner if is_inner else found).append((role, because))
        chosen = found or inner
        counts = Counter(role for role, _ in chosen)
        return {role: Seen(counts[role], because) for role, because in reversed(chosen)}

    def _signs(self, path: str, active: tuple[Sign, ...]) -> Iterator[tuple[str, str, bool]]:
        """Role, reason, and whether it is of a class in another class."""
        classed = tuple(s for s in active if s.bases or s.decorators or s.derives or s.tags)
        called = tuple((s, s.calls) for s in active if s.calls)
        taking = tuple((s, s.takes) for s in active if s.takes)
        symbols = self.index.symbols(path)
        for symbol in symbols.values() if classed or taking else ():
            if symbol.kind == "class":
                around = symbols.get(symbol.scope)
                is_inner = around is not None and around.kind == "class" and not _OPEN & set(around.modifiers)
                yield from ((*found, is_inner) for found in self._of_class(path, symbol, classed))
            elif symbol.kind == "method" or (symbol.kind == "function" and not symbol.scope):
                yield from ((*found, False) for found in _of_function(symbol, classed, taking))
        for fact in self.index.calls(path) if called else ():
            yield from ((*found, False) for found in _of_call(fact, called))

    def _of_class(self, path: str, symbol: Symbol, signs: tuple[Sign, ...]) -> Iterator[tuple[str, str]]:
        name = symbol.name.rpartition(".")[2]
        bases = self._bases(path, symbol) if any(s.bases for s in signs) else ()
        marks = [d.dotted().removesuffix("()") for d in symbol.decorators]
        for sign in signs:
            base = next((b for b in bases if matches(b, sign.bases)), "") if sign.bases else ""
            mark = next((m for m in marks if matches(m, sign.decorators)), "") if sign.decorators else ""
            derived = next((d for d in _derived(symbol) if matches(d, sign.derives)), "") if sign.derives else ""
            tag = _tag(symbol, sign.tags) if sign.tags else ""
            if (base or mark or derived or tag) and not (
                sign.role == "schema" and (path, symbol.qualname) in self._entities
            ):
                made = (
                    f"its class {name} is a {base}" if base else f"its class {name} is marked {mark or derived or tag}"
                )
                yield sign.role, sign.because or made

    def _bases(self, path: str, symbol: Symbol) -> tuple[str, ...]:
        """What a class is built on, directly and through classes of the project, as written and as imported."""
        out: list[str] = []
        for current in (Definition(path, symbol), *self.index.bases(Definition(path, symbol))):
            for base in current.symbol.bases:
                origin = self.index.origin(current.path, base).replace("\\", ".").replace("::", ".")
                out += [base, base.rpartition(".")[2], origin]
        return tuple(dict.fromkeys(filter(None, out)))

    # -- what goes through other layers ----------------------------------------------------------------------------------
    def spoken(self, routers: list[str]) -> dict[str, str]:
        """The files of the classes that functions of these files take and return, with the class and whose it is."""
        out: dict[str, str] = {}
        for path in routers:
            for symbol in self.index.symbols(path).values():
                if symbol.kind in {"function", "method"}:
                    for found in self._data_in(path, (*(p.annotation for p in symbol.params), symbol.returns)):
                        why = f"{symbol.qualname} takes or returns its {found.symbol.name}"
                        out.setdefault(found.path, why)
                        for inner in self._data_in(found.path, tuple(f.annotation for f in found.symbol.fields)):
                            out.setdefault(inner.path, f"{found.symbol.name} holds its {inner.symbol.name}")
        return out

    def _data_in(self, path: str, annotations: tuple[str, ...]) -> Iterator[Definition]:
        """The classes that annotations name which only hold data."""
        words = (word for annotation in annotations for word in _TYPE.findall(annotation) if word[0].isupper())
        for word in dict.fromkeys(words):
            found = self.index.resolve(path, word)
            if found is not None and found.symbol.kind == "class" and self._is_data(found):
                yield found

    def _is_data(self, definition: Definition) -> bool:
        """Whether a class has fields, and no methods but those that read, write, check or make it."""
        symbol = definition.symbol
        methods = (
            s.name
            for s in self.index.symbols(definition.path).values()
            if s.kind == "method" and s.scope == symbol.qualname and s.name != symbol.name
        )
        return bool(symbol.fields) and "enum" not in symbol.modifiers and all(PLAIN.match(name) for name in methods)

    def kept(self, repositories: list[str]) -> dict[str, str]:
        """The files of the classes that methods of these files store, with the class and who stores it."""
        out: dict[str, str] = {}
        for path in repositories:
            for symbol in self.index.symbols(path).values():
                if symbol.kind not in {"function", "method"} or (tokens_of(symbol.name) or ("",))[0] not in _STORING:
                    continue
                for found in self._data_in(path, tuple(p.annotation for p in symbol.params)):
                    out.setdefault(found.path, f"{symbol.scope or path} stores its {found.symbol.name}")
        return out


def _split(name: str) -> tuple[str, str]:
    """`users#index`, `App\\UserController@show`, `handler.List` as owner and method."""
    parts = [part for part in _HANDLER.split(name) if part]
    return (parts[-2], parts[-1]) if len(parts) > 1 else ("", name)


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


def _of_function(
    symbol: Symbol, marked: tuple[Sign, ...], taking: tuple[tuple[Sign, tuple[str, ...]], ...]
) -> Iterator[tuple[str, str]]:
    for mark in (d.dotted().replace("()", "") for d in symbol.decorators):
        for sign in marked:
            if matches(mark, sign.decorators):
                yield sign.role, sign.because or f"its {symbol.name} is marked {mark}"
    types = ", ".join(_types(symbol)) if taking else ""
    for sign, signatures in taking:
        if types and matches(f"{types} -> {symbol.returns}", signatures):
            yield sign.role, sign.because or f"its {symbol.name} takes a {types}"


def _types(symbol: Symbol) -> Iterator[str]:
    """The types that a function takes, its receiver aside."""
    for at, param in enumerate(symbol.params):
        bare = param.annotation.lstrip("*&")
        if at or symbol.kind != "method" or bare.partition("[")[0] != symbol.scope:
            yield bare


def _of_call(call: Call, signs: tuple[tuple[Sign, tuple[str, ...]], ...]) -> Iterator[tuple[str, str]]:
    name = call.expr.parts[0].dotted().replace("()", "")
    for sign, globs in signs:
        if matches(name, globs):
            yield sign.role, sign.because or f"it calls {name}"


def _derived(symbol: Symbol) -> Iterator[str]:
    for mark in symbol.decorators:
        if mark.kind == "call" and mark.parts[0].dotted() == "derive":
            yield from (_last(part) for part in mark.positional())


def _last(expr: Expr) -> str:
    return expr.dotted().replace("::", ".").rpartition(".")[2]


def _tag(symbol: Symbol, tags: tuple[str, ...]) -> str:
    marks = (d.dotted().removesuffix("()") for f in symbol.fields for d in f.decorators)
    return next((mark for mark in marks if matches(mark, tags)), "")
