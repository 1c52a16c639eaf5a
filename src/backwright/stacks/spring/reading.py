"""What stands at a place of a Java project, and which class a name in it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from backwright.core.facts import Expr, Loc, Symbol
from backwright.kit.index import Definition, FactIndex
from backwright.kit.testfiles import is_test_file

_TYPE = re.compile(r"[A-Z]\w*")


class Sources:
    """The texts of a project beside its facts. `read` gives a file's text, `""` where there is none."""

    def __init__(self, index: FactIndex, read: Callable[[str], str]) -> None:
        self.index = index
        self.read = read
        self.classes: dict[str, list[Definition]] = {}
        for found in index.classes():
            if found.path.endswith(".java") and not is_test_file(found.path):
                self.classes.setdefault(found.symbol.name, []).append(found)

    def at(self, path: str, loc: Loc) -> str:
        """The text of a place."""
        return self.between(path, loc.start, loc.end)

    def between(self, path: str, start: int, end: int) -> str:
        return self.read(path).encode()[start:end].decode()

    def text_of(self, definition: Definition) -> str:
        """A whole class or method, its annotations included."""
        return self.at(definition.path, definition.symbol.loc)

    def package(self, path: str) -> str:
        """The package that a file declares."""
        return self.index.files[path].module if path in self.index.files else ""

    def named(self, name: str, near: str = "") -> Definition | None:
        """The class of this simple name that the file `near` means: imported, of its own package, or the only one."""
        found = self.classes.get(name, [])
        if len(found) < 2:
            return found[0] if found else None
        imported = {f"{i.module}.{i.name}" for i in self.index.imports(near)} if near else set()
        package = self.package(near)
        return next(
            (d for d in found if f"{self.package(d.path)}.{name}" in imported),
            next((d for d in found if self.package(d.path) == package), None),
        )

    def members(self, definition: Definition) -> list[Symbol]:
        """The methods and constructors of a class, in order."""
        own = definition.symbol.qualname
        found = [s for s in self.index.symbols(definition.path).values() if s.scope == own and s.kind == "method"]
        return sorted(found, key=lambda s: s.loc.start)

    def whole(self, definition: Definition, symbol: Symbol) -> str:
        """The lines of a member, with its annotations, without indentation of the first."""
        return self.at(definition.path, symbol.loc)


def marks(decorators: tuple[Expr, ...]) -> dict[str, Expr]:
    """The annotations of a declaration by their simple names."""
    found = {}
    for mark in decorators:
        head = mark.parts[0] if mark.kind == "call" else mark
        found[head.text or head.dotted().rpartition(".")[2]] = mark
    return found


def types_in(text: str) -> Iterator[str]:
    """The names of classes in the text of a type: `ResponseEntity<Page<Owner>>`."""
    return iter(_TYPE.findall(text))


def generic(text: str) -> tuple[str, str]:
    """The outer type and what stands between its brackets: `Page`, `Owner`."""
    found = re.fullmatch(r"\s*([\w.]+)\s*(?:<(.*)>)?\s*", text, re.DOTALL)
    return (found[1].rpartition(".")[2], (found[2] or "").strip()) if found is not None else (text.strip(), "")
