"""The facts of one project, indexed: who defines a name, who imports it, which module is which file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar, cast

from backwright.core.facts import (
    Assign,
    Call,
    Fact,
    FileFacts,
    Import,
    Loop,
    Raise,
    Return,
    Route,
    Setting,
    Symbol,
    Table,
)
from backwright.kit.counts import Counts
from backwright.kit.linked import MAX_HOPS, LinkedNames
from backwright.kit.linked import Definition as Definition
from backwright.kit.linking import Naming, within

T = TypeVar("T")

# Tables that say what is in the files, whatever frameworks add to it: an index with more facts has the same.
_OF_FILES = ("_symbols", "_imports", "_bound", "_classes", "_above")


def of_file(file: FileFacts, build: Callable[[FileFacts], T]) -> T:
    """What `build` makes of the facts of one file, made once however many indexes the file is in: an edit leaves all others known."""
    known = file.worked_out
    if build not in known:
        known[build] = build(file)
    return cast("T", known[build])


def _none_apart(_: Definition) -> bool:
    return False


class FactIndex(LinkedNames):
    """All facts of a project. `texts` are its manifests and configuration files, path to text, and
    `templates` the pages that it fills in.

    `added` are facts that frameworks derived (Route, Table, Setting), per path. Immutable after construction, but for what rules count.
    """

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        *,
        root: str = "",
        texts: Mapping[str, str] | None = None,
        added: Mapping[str, tuple[Fact, ...]] | None = None,
        paths: Iterable[str] = (),
        namings: Mapping[str, Naming] | None = None,
        templates: Mapping[str, str] | None = None,
        counts: Counts | None = None,
    ) -> None:
        self.files = dict(files)
        self.root = root
        self.texts = dict(texts or {})
        self.templates = dict(templates or {})
        self.added = dict(added or {})
        self.counts = counts if counts is not None else Counts()
        self.paths = tuple(paths)  # every file of the repository, read or not
        self._namings = dict(namings or {})
        self._names = {path: self._named(path, f) for path, f in self.files.items()}
        self._modules = {module: path for path, module in self._names.items() if module}
        self._tops = frozenset(module.partition(".")[0] for module in self._modules)
        self._derived: dict[object, object] = {}
        self._kinds: dict[str, dict[type, list[Fact]]] = {}
        self._parts: dict[tuple[str, ...], FactIndex] = {}
        self._above: dict[tuple[str, str], tuple[Definition, ...]] = {}

    def derived(self, build: Callable[[FactIndex], T]) -> T:
        """What `build` makes of this index, made once and kept as long as the index lives."""
        if build not in self._derived:
            self._derived[build] = build(self)
        return cast("T", self._derived[build])

    def with_added(self, added: Mapping[str, tuple[Fact, ...]]) -> FactIndex:
        """The same index with more derived facts."""
        merged = dict(self.added)
        for path, facts in added.items():
            merged[path] = merged.get(path, ()) + facts
        more = self._like(self.files, merged)
        more.__dict__.update({name: self.__dict__[name] for name in _OF_FILES if name in self.__dict__})
        return more

    def with_namings(self, namings: Mapping[str, Naming]) -> FactIndex:
        """The same index, with how the files of these languages name each other."""
        return FactIndex(
            self.files,
            root=self.root,
            texts=self.texts,
            added=self.added,
            paths=self.paths,
            namings=namings,
            templates=self.templates,
            counts=self.counts,
        )

    def only(self, languages: Collection[str]) -> FactIndex:
        """The files of these languages: this very index where it holds no others."""
        if self.spoken.issubset(languages):
            return self
        kept = {path: file for path, file in self.files.items() if file.language in languages}
        key = tuple(sorted(languages))
        if key not in self._parts:
            self._parts[key] = self._like(kept, {path: facts for path, facts in self.added.items() if path in kept})
        return self._parts[key]

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The languages that the files are written in."""
        return frozenset(file.language for file in self.files.values())

    def _like(self, files: Mapping[str, FileFacts], added: Mapping[str, tuple[Fact, ...]]) -> FactIndex:
        return FactIndex(
            files,
            root=self.root,
            texts=self.texts,
            added=added,
            paths=self.paths,
            namings=self._namings,
            templates=self.templates,
            counts=self.counts,
        )

    def _named(self, path: str, file: FileFacts) -> str:
        naming = self._namings.get(file.language)
        return naming.module(path, file.module) if naming is not None else file.module

    # -- facts by kind ---------------------------------------------------------------------------------------------
    def facts(self, path: str) -> tuple[Fact, ...]:
        file = self.files.get(path)
        return (file.facts if file else ()) + self.added.get(path, ())

    @cached_property
    def _symbols(self) -> dict[str, dict[str, Symbol]]:
        return {path: of_file(file, _symbols_of) for path, file in self.files.items()}

    @cached_property
    def _imports(self) -> dict[str, tuple[Import, ...]]:
        return {path: of_file(file, _imports_of) for path, file in self.files.items()}

    @cached_property
    def _bound(self) -> dict[str, dict[str, list[Import]]]:
        """The imports of each file by the name that they bind."""
        return {path: of_file(file, _bound_in) for path, file in self.files.items()}

    def symbols(self, path: str) -> Mapping[str, Symbol]:
        """Qualified name to symbol, in document order."""
        return self._symbols.get(path, {})

    def imports(self, path: str) -> tuple[Import, ...]:
        return self._imports.get(path, ())

    def calls(self, path: str, scope: str | None = None) -> Iterator[Call]:
        return (f for f in self._of(Call, path) if scope is None or f.scope == scope)

    def assigns(self, path: str, scope: str | None = None) -> Iterator[Assign]:
        return (f for f in self._of(Assign, path) if scope is None or f.scope == scope)

    def returns(self, path: str, scope: str) -> Iterator[Return]:
        return (f for f in self._of(Return, path) if f.scope == scope)

    def loops(self, path: str) -> Sequence[Loop]:
        return self._of(Loop, path)

    def raises(self, path: str, scope: str | None = None) -> Iterator[Raise]:
        return (f for f in self._of(Raise, path) if scope is None or f.scope == scope)

    def _of(self, kind: type[T], path: str) -> Sequence[T]:
        """The facts of one kind in a file: they are asked for again and again."""
        found = self._kinds.get(path)
        if found is None:
            file, added = self.files.get(path), self.added.get(path, ())
            found = of_file(file, _kinds_of) if file is not None else {}
            if added:
                found = {kind: list(facts) for kind, facts in found.items()}
                for fact in added:
                    found.setdefault(type(fact), []).append(fact)
            self._kinds[path] = found
        return cast("Sequence[T]", found.get(kind, ()))

    def all_symbols(self) -> Iterator[Definition]:
        for path, table in self._symbols.items():
            for symbol in table.values():
                yield Definition(path, symbol)

    def classes(self) -> Iterator[Definition]:
        return iter(self._classes)

    @cached_property
    def _classes(self) -> tuple[Definition, ...]:
        return tuple(d for d in self.all_symbols() if d.symbol.kind == "class")

    def functions(self) -> Iterator[Definition]:
        return (d for d in self.all_symbols() if d.symbol.kind in {"function", "method"})

    def routes(self) -> Iterator[tuple[str, Route]]:
        for path, facts in self.added.items():
            yield from ((path, f) for f in facts if isinstance(f, Route))

    def tables(self) -> Iterator[tuple[str, Table]]:
        for path, facts in self.added.items():
            yield from ((path, f) for f in facts if isinstance(f, Table))

    def settings(self) -> Iterator[tuple[str, Setting]]:
        for path in dict.fromkeys((*self.files, *self.added)):
            yield from ((path, f) for f in self.facts(path) if isinstance(f, Setting))

    # -- modules and names -----------------------------------------------------------------------------------------
    def module(self, path: str) -> str:
        return self._names.get(path, "")

    def path_of(self, module: str) -> str:
        """The file a dotted module is, `""` when it is not in this project."""
        return self._modules.get(module, "")

    def absolute(self, path: str, item: Import) -> str:
        """The dotted module that an import statement names, with leading dots resolved."""
        naming = self._naming_of(path)
        if naming is not None:
            return naming.absolute(path, item)
        if item.level == 0:
            return self._beside(path, item) or item.module
        package = self.module(path).split(".")
        if not path.endswith("/__init__.py"):
            package = package[:-1]
        package = package[: len(package) - (item.level - 1)] if item.level > 1 else package
        return ".".join([*package, *([item.module] if item.module else [])])

    def _beside(self, path: str, item: Import) -> str:
        """The module beside a file that it imports a name of as a script does, though both lie in a package; `""` for none."""
        top = item.module.partition(".")[0]
        if not item.name or top in self._tops or top in sys.stdlib_module_names:
            return ""
        package = self.module(path).rpartition(".")[0]
        beside = f"{package}.{item.module}" if package else ""
        found = self._modules.get(beside, "")
        return beside if found and item.name in self.symbols(found) else ""

    def imported_file(self, path: str, item: Import) -> str:
        """The file of this project that an import reaches (the submodule where the name is one), else `""`."""
        module = self.absolute(path, item)
        if self._naming_of(path) is not None:
            found = self._in_module(path, module, item.name or "default", 0) if item.name != "*" else None
            files = self._files_of.get(module, ()) if module else ()
            return found.path if found is not None else files[0] if len(files) == 1 else ""
        if item.name and item.name != "*":
            submodule = self.path_of(f"{module}.{item.name}" if module else item.name)
            if submodule:
                return submodule
        return self.path_of(module)

    def origin(self, path: str, name: str) -> str:
        """The dotted name that `name` stands for in this file: `fastapi.APIRouter`, `app.models.Item`; `""` if unknown."""
        head, _, rest = name.partition(".")
        for item in self._bound.get(path, {}).get(head, ()):
            module = self.absolute(path, item)
            if item.name:
                full = f"{module}.{item.name}" if module else item.name
            else:
                full = module if item.alias != module.split(".")[0] else head
            return f"{full}.{rest}" if rest else full
        if head in self.symbols(path):
            module = self.module(path)
            return f"{module}.{name}" if module else name
        return ""

    def resolve(self, path: str, name: str) -> Definition | None:
        """The definition a (dotted) name in this file leads to, through imports and re-exports."""
        return self._resolve(path, name, 0)

    def _resolve(self, path: str, name: str, hops: int) -> Definition | None:
        if hops > MAX_HOPS or not name:
            return None
        if self._naming_of(path) is not None:
            return self._link(path, name, hops)
        table = self.symbols(path)
        if name in table:
            return Definition(path, table[name])
        head, _, rest = name.partition(".")
        bound = self._bound.get(path, {})
        for item in (*bound.get(head, ()), *bound.get("*", ())):
            found = self._through(path, item, head, rest, hops)
            if found is not None:
                return found
        return None

    def _through(self, path: str, item: Import, head: str, rest: str, hops: int) -> Definition | None:
        module = self.absolute(path, item)
        if item.name == "*":
            target = self.path_of(module)
            return self._resolve(target, f"{head}.{rest}" if rest else head, hops + 1) if target else None
        if item.name:
            submodule = self.path_of(f"{module}.{item.name}" if module else item.name)
            if submodule and rest:
                return self._resolve(submodule, rest, hops + 1)
            target = self.path_of(module)
            return self._resolve(target, f"{item.name}.{rest}" if rest else item.name, hops + 1) if target else None
        # `import a.b.c` binds `a`: the longest module prefix of the dotted name is the file
        dotted = (
            f"{item.module}.{rest}"
            if item.alias != head or item.alias != item.module.split(".")[0]
            else f"{head}.{rest}"
        )
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            target = self.path_of(".".join(parts[:cut]))
            if target:
                return self._resolve(target, ".".join(parts[cut:]), hops + 1)
        return None

    # -- names of languages that do not name modules as Python does ------------------------------------------------
    def _naming_of(self, path: str) -> Naming | None:
        file = self.files.get(path)
        return self._namings.get(file.language) if file is not None and self._namings else None

    def bases(self, definition: Definition, apart: Callable[[Definition], bool] = _none_apart) -> Iterator[Definition]:
        """The base classes of this project, nearest first, all the way up; not those that stand `apart`, nor what is above them."""
        if apart is _none_apart:
            key = (definition.path, definition.symbol.qualname)
            if key not in self._above:
                self._above[key] = tuple(self._bases(definition, apart))
            return iter(self._above[key])
        return self._bases(definition, apart)

    def _bases(self, definition: Definition, apart: Callable[[Definition], bool]) -> Iterator[Definition]:
        seen = {(definition.path, definition.symbol.qualname)}
        queue = [definition]
        while queue:
            current = queue.pop(0)
            for base in current.symbol.bases:
                found = self.resolve(current.path, base)
                if found is not None and (found.path, found.symbol.qualname) not in seen:
                    seen.add((found.path, found.symbol.qualname))
                    if apart(found):
                        continue
                    queue.append(found)
                    yield found

    def root_bases(self, definition: Definition) -> set[str]:
        """Dotted origins of all base classes, those of other packages included (`sqlmodel.SQLModel`)."""
        out: set[str] = set()
        for current in [definition, *self.bases(definition)]:
            for base in current.symbol.bases:
                out.add(self.origin(current.path, base) or base)
        return out

    def imports_package(self, package: str) -> Iterator[tuple[str, Import]]:
        """Every import of this package or of something inside it."""
        for path, items in self._imports.items():
            for item in items:
                if item.level == 0 and within(item.module, package):
                    yield path, item

    def enclosing(self, path: str, scope: str) -> Symbol | None:
        """The function or class that a fact's scope names."""
        return self.symbols(path).get(scope)


# -- what one file says by itself --------------------------------------------------------------------------------------
def _symbols_of(file: FileFacts) -> dict[str, Symbol]:
    table: dict[str, Symbol] = {}
    for fact in file.facts:
        if isinstance(fact, Symbol) and (
            fact.qualname not in table or (fact.kind == "class" and file.language == "python")
        ):
            table[fact.qualname] = fact  # a class that is written twice is the last of them
    return table


def _imports_of(file: FileFacts) -> tuple[Import, ...]:
    return tuple(fact for fact in file.facts if isinstance(fact, Import))


def _bound_in(file: FileFacts) -> dict[str, list[Import]]:
    names: dict[str, list[Import]] = {}
    for item in of_file(file, _imports_of):
        names.setdefault(item.alias, []).append(item)
    return names


def _kinds_of(file: FileFacts) -> dict[type, list[Fact]]:
    kinds: dict[type, list[Fact]] = {}
    for fact in file.facts:
        kinds.setdefault(type(fact), []).append(fact)
    return kinds
