"""Names of languages that do not name modules as Python does, followed to their definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from backwright.core.facts import FileFacts, Import, Symbol
from backwright.kit.linking import Naming, split

# How far a name is followed through re-exports; cycles end here too.
MAX_HOPS = 8


@dataclass(frozen=True)
class Definition:
    """A symbol and the file that defines it."""

    path: str
    symbol: Symbol


class LinkedNames:
    """What the index of a project knows about names that are linked by a `Naming`."""

    files: dict[str, FileFacts]
    _names: dict[str, str]
    _namings: dict[str, Naming]

    @cached_property
    def _followed(self) -> set[tuple[str, str]]:
        """The modules and names that the search under way has looked into: barrels of barrels lead there many times."""
        return set()

    @property
    def _symbols(self) -> dict[str, dict[str, Symbol]]:
        raise NotImplementedError

    @property
    def _bound(self) -> dict[str, dict[str, list[Import]]]:
        raise NotImplementedError

    def symbols(self, path: str) -> Mapping[str, Symbol]:
        """Qualified name to symbol, in document order."""
        raise NotImplementedError

    def module(self, path: str) -> str:
        """The name of a file's module."""
        raise NotImplementedError

    def absolute(self, path: str, item: Import) -> str:
        """The module that an import means."""
        raise NotImplementedError

    def classes(self) -> Iterator[Definition]:
        """Every class of the project."""
        raise NotImplementedError

    @cached_property
    def _members(self) -> dict[str, dict[str, Definition]]:
        """What each module defines; a module may be several files."""
        out: dict[str, dict[str, Definition]] = {}
        for path, table in self._symbols.items():
            members = out.setdefault(self._names[path], {})
            for name, symbol in table.items():
                members.setdefault(name, Definition(path, symbol))
        return out

    def members(self, module: str) -> Mapping[str, Definition]:
        """What a module defines, by qualified name."""
        return self._members.get(module, {})

    @cached_property
    def _files_of(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = {}
        for path, module in self._names.items():
            out.setdefault(module, []).append(path)
        return out

    @cached_property
    def _by_last_name(self) -> dict[str, list[Definition]]:
        """Classes by their own name, without what they are in."""
        out: dict[str, list[Definition]] = {}
        for definition in self.classes():
            out.setdefault(definition.symbol.name.rpartition(".")[2], []).append(definition)
        return out

    def _link(self, path: str, name: str, hops: int) -> Definition | None:
        """A name of this file, of its imports, of its package; a class's name is enough where the project has one such."""
        table = self.symbols(path)
        if name in table:
            return self._behind(Definition(path, table[name]), hops)
        head, _, rest = name.partition(".")
        bound = self._bound.get(path, {})
        for item in bound.get(head, ()):
            inner = ".".join(part for part in (item.name, rest) if part)
            found = self._in_module(path, self.absolute(path, item), inner or "default", hops)
            if found is not None:
                return found
        found = self._members.get(self.module(path), {}).get(name)
        if found is not None:
            return found
        for item in bound.get("*", ()):
            found = self._in_module(path, self.absolute(path, item), name, hops)
            if found is not None:
                return found
        return self._sole(path, name)

    def _in_module(self, path: str, module: str, name: str, hops: int) -> Definition | None:
        for candidate, inner in ((module, name), *split(module, name)):
            found = self._members.get(candidate, {}).get(inner)
            if found is not None:
                return self._behind(found, hops)
        if hops == 0:
            self._followed.clear()
        if hops >= MAX_HOPS or module == self.module(path) or (module, name) in self._followed:
            return None
        self._followed.add((module, name))
        for file in self._files_of.get(module, ()):
            found = self._link(file, name, hops + 1) if self._passes_on(file, name.partition(".")[0]) else None
            if found is not None:
                return found
            default = self.symbols(file).get("default")
            if default is not None and default.value is not None and name.startswith("default."):
                return self._link(file, f"{default.value.dotted()}.{name.partition('.')[2]}", hops + 1)
        return None

    def _passes_on(self, path: str, name: str) -> bool:
        naming = self._namings.get(self.files[path].language)
        bound = self._bound.get(path, {}) if naming is None or naming.reexports else {}
        return name in bound or "*" in bound

    def _behind(self, found: Definition, hops: int) -> Definition | None:
        """What a default export names."""
        value = found.symbol.value
        if found.symbol.name == "default" and value is not None and value.kind == "name" and hops < MAX_HOPS:
            return self._link(found.path, value.text, hops + 1) or found
        return found

    def _sole(self, path: str, name: str) -> Definition | None:
        """`UserController.show` where only one class of the project's language is called so."""
        owner, _, member = name.rpartition(".")
        for wanted, inner in ((name, ""), (owner, member)):
            classes = self._by_last_name.get(wanted.rpartition(".")[2], []) if wanted else []
            own = [d for d in classes if self.files[d.path].language == self.files[path].language]
            if len(own) == 1:
                if not inner:
                    return own[0]
                symbol = self.symbols(own[0].path).get(f"{own[0].symbol.qualname}.{inner}")
                return Definition(own[0].path, symbol) if symbol is not None else None
        return None
