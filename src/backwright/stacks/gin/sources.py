"""What stands at a place of a Go file, and which function a call leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from posixpath import dirname

from backwright.core.facts import Expr, Import, Loc, Symbol
from backwright.kit.index import Definition, FactIndex
from backwright.languages.go.definitions import package_alias

_MADE_FOR_TESTS = re.compile(
    r"(^|/)(mocks?|stubs?|fakes?|testutils?|testdata)(/|$)|_mock\.go$|_stub\.go$|mock_\w+\.go$"
)


def is_code(path: str) -> bool:
    """Whether a file is part of the program: no test, no stand-in for one."""
    return path.endswith(".go") and not path.endswith("_test.go") and _MADE_FOR_TESTS.search(path) is None


class Sources:
    """The texts of a project beside its facts. `read` gives a file's text, `""` where there is none."""

    def __init__(self, index: FactIndex, read: Callable[[str], str]) -> None:
        self.index = index
        self.read = read

    def at(self, path: str, loc: Loc) -> str:
        """The text of a place."""
        return self.read(path).encode()[loc.start : loc.end].decode()

    def package(self, path: str) -> str:
        """The name of the package that a file is part of."""
        found = re.search(r"^package\s+(\w+)", self.read(path), re.MULTILINE)
        return found[1] if found is not None else ""

    def package_of(self, folder: str) -> str:
        """The name of the package of a folder, that of the folder where there is no file yet."""
        for path in self.index.files:
            if dirname(path) == folder and is_code(path):
                return self.package(path)
        return folder.rpartition("/")[2].replace("-", "")

    def module_of(self, folder: str) -> str:
        """How the package of a folder is imported."""
        for path in self.index.files:
            module = self.index.module(path)
            here = dirname(path)
            if here == folder:
                return module
            if here and module.endswith(f"/{here}"):
                return f"{module.removesuffix(here)}{folder}".rstrip("/")
            if not here:
                return f"{module}/{folder}"
        return folder

    def alias(self, item: Import) -> str:
        """What an import is called in its file: as its package is named, where that is not what its path ends in."""
        if item.alias != package_alias(item.module):
            return item.alias
        for path in self.index.files:
            if self.index.module(path) == item.module and is_code(path):
                return self.package(path)
        return item.alias

    @cached_property
    def _functions(self) -> dict[str, list[Definition]]:
        found: dict[str, list[Definition]] = {}
        for definition in self.index.all_symbols():
            symbol = definition.symbol
            if symbol.kind in {"function", "method"} and symbol.body is not None and is_code(definition.path):
                found.setdefault(symbol.name, []).append(definition)
        return found

    def functions(self, name: str) -> list[Definition]:
        """All functions and methods of this name, tests aside."""
        return self._functions.get(name, [])

    def types(self, name: str = "") -> Iterator[Definition]:
        """All types, or those of one name, tests aside."""
        for definition in self.index.classes():
            if is_code(definition.path) and name in {"", definition.symbol.name}:
                yield definition

    def enclosing(self, path: str, loc: Loc) -> Definition | None:
        """The function at the top of a file in which a place lies."""
        for symbol in self.index.symbols(path).values():
            if symbol.kind in {"function", "method"} and symbol.loc.start <= loc.start and loc.end <= symbol.loc.end:
                return Definition(path, symbol)
        return None

    def calls_within(self, definition: Definition) -> Iterator[Expr]:
        """The calls of a function, in their order."""
        loc = definition.symbol.body or definition.symbol.loc
        found = (c for c in self.index.calls(definition.path) if loc.start <= c.loc.start and c.loc.end <= loc.end)
        return iter(sorted((c.expr for c in found), key=lambda e: (e.loc.start, -e.loc.end)))

    def comment_above(self, path: str, symbol: Symbol) -> str:
        """The lines of comment right above a declaration."""
        lines = self.read(path).splitlines()[: symbol.loc.line - 1]
        found: list[str] = []
        while lines and lines[-1].startswith("//"):
            found.insert(0, lines.pop())
        return "\n".join(found)

    def declared(self, path: str, symbol: Symbol) -> str:
        """A type or a function whole: with its keyword, without its comment."""
        text = self.at(path, symbol.loc)
        return text if symbol.kind != "class" or text.startswith("type ") else f"type {text}"

    def imports_of(self, path: str) -> dict[str, str]:
        """What a file calls the packages that it imports, to how they are imported."""
        return {self.alias(i): i.module for i in self.index.imports(path) if i.alias not in {"_", "*"}}
