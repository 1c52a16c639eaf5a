"""What stands at a place of a file, and which function a name in it leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from backwright.core.facts import Call, Import, Loc, Symbol
from backwright.kit.index import Definition, FactIndex

_MADE = re.compile(r"new\s+(\w+)\s*\(")


class Sources:
    """The texts of a project beside its facts. `read` gives a file's text, `""` where there is none."""

    def __init__(self, index: FactIndex, read: Callable[[str], str]) -> None:
        self.index = index
        self.read = read

    def at(self, path: str, loc: Loc) -> str:
        """The text of a place."""
        return self.between(path, loc.start, loc.end)

    def between(self, path: str, start: int, end: int) -> str:
        return self.read(path).encode()[start:end].decode()

    def statement(self, path: str, loc: Loc) -> tuple[int, int]:
        """The bytes of the whole lines in which a place lies."""
        body = self.read(path).encode()
        start = body.rfind(b"\n", 0, loc.start) + 1
        end = body.find(b"\n", loc.end)
        return start, len(body) if end < 0 else end

    def calls_within(self, path: str, loc: Loc) -> Iterator[Call]:
        """The calls that stand inside of a place."""
        return (c for c in self.index.calls(path) if loc.start <= c.loc.start and c.loc.end <= loc.end)

    def function(self, path: str, dotted: str) -> Definition | None:
        """The function that `createVenue`, `venueService.create` or `this.service.create` is, through what is imported."""
        found = self.index.resolve(path, dotted)
        if found is not None and found.symbol.kind != "class":
            return found
        head, _, name = dotted.rpartition(".")
        if not head:
            return None
        owner = head.removeprefix("this.")
        for item in self.index.imports(path):
            if item.alias == owner.split(".")[0]:
                target = self.index.imported_file(path, item)
                return self._named(target, name) if target else None
        made = re.search(rf"\b{re.escape(owner)}\b[^;\n]*?{_MADE.pattern}", self.read(path))
        typed = re.search(rf"\b{re.escape(owner)}\s*[:?]+\s*(\w+)", self.read(path))
        kind = made[1] if made is not None else typed[1] if typed is not None else ""
        of_class = self.index.resolve(path, kind) if kind else None
        if of_class is not None:
            return self._named(of_class.path, name)
        return self._named(path, name) if "." not in owner else None

    def _named(self, path: str, name: str) -> Definition | None:
        symbols = self.index.symbols(path)
        own = (
            s for s in symbols.values() if s.name == name and (s.kind in {"function", "method"} or s.value is not None)
        )
        found = next(own, None)
        return Definition(path, found) if found is not None else None

    def body_of(self, definition: Definition) -> Symbol | None:
        """The function that a definition is, or that it hands to a wrapper: what has parameters and a body."""
        symbol = definition.symbol
        if symbol.body is not None and symbol.kind != "class":
            return symbol
        inside = [
            s
            for s in self.index.symbols(definition.path).values()
            if s.body is not None
            and s.kind == "function"
            and symbol.loc.start <= s.loc.start
            and s.loc.end <= symbol.loc.end
        ]
        return min(inside, key=lambda s: s.loc.start, default=None)

    def import_of(self, path: str, name: str) -> Import | None:
        """The import that binds a name in a file."""
        return next((i for i in self.index.imports(path) if i.alias == name), None)
