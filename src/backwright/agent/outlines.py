"""What of a file is shown: a symbol in full, or one line for each symbol."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property

from backwright.core.facts import Route, Symbol
from backwright.kit.index import FactIndex

SIGNATURE = 160  # characters of a line of an outline
FIELDS = 400  # of the line of a class's fields


class Shown:
    """The files of a project as text for a reader; every file is read once."""

    def __init__(self, index: FactIndex, read: Callable[[str], str | None]) -> None:
        self.index = index
        self._read = read
        self._files: dict[str, bytes] = {}

    def text(self, path: str) -> str:
        """The whole file; `""` where it cannot be read."""
        return self._bytes(path).decode("utf-8", "replace")

    def symbol(self, path: str, name: str) -> tuple[str, str]:
        """`path:first-last` and the source of a symbol, what decorates it included."""
        symbol = self.index.symbols(path)[name]
        lines = self.text(path).splitlines()
        first = min([symbol.loc.line, *(d.loc.line for d in symbol.decorators)])
        return f"{path}:{first}-{symbol.loc.end_line}", "\n".join(lines[first - 1 : symbol.loc.end_line])

    def outline(self, path: str, only: Collection[str] | None = None) -> str:
        """A line for each symbol, or for `only` those: its signature, route and lines; of a class its fields too."""
        return "\n".join(self._lines(path, only))

    def _lines(self, path: str, only: Collection[str] | None) -> Iterator[str]:
        routes = self._routes.get(path, {})
        for symbol in self.index.symbols(path).values():
            if only is not None and symbol.qualname not in only:
                continue
            if only is None and not _is_outlined(symbol, self.index.symbols(path)):
                continue
            depth = 0 if only is not None else symbol.qualname.count(".")
            route = f"  {routes[symbol.qualname]}" if symbol.qualname in routes else ""
            yield f"{'  ' * depth}{self.signature(path, symbol)}{route}  :{symbol.loc.line}"
            if symbol.kind == "class" and symbol.fields:
                fields = (f"{f.name}: {f.annotation}" if f.annotation else f.name for f in symbol.fields)
                yield f"{'  ' * (depth + 1)}{_short('; '.join(fields), FIELDS)}"

    def names(self, path: str, names: Collection[str]) -> str:
        """Names alone, on one line, those of a class together: `A: f, g; h`."""
        by_scope: dict[str, list[str]] = {}
        for name in names:
            scope, _, own = name.rpartition(".")
            by_scope.setdefault(scope, []).append(own)
        return "; ".join(f"{scope}: {', '.join(own)}" if scope else ", ".join(own) for scope, own in by_scope.items())

    def outlined(self, path: str) -> tuple[str, ...]:
        """The names of the symbols that an outline of a file has."""
        symbols = self.index.symbols(path)
        return tuple(name for name, symbol in symbols.items() if _is_outlined(symbol, symbols))

    def signature(self, path: str, symbol: Symbol) -> str:
        """What stands before the body, on one line."""
        end = symbol.body.start if symbol.body else symbol.loc.end
        text = self._bytes(path)[symbol.loc.start : end].decode("utf-8", "replace")
        if symbol.kind == "variable":
            text = text.partition("\n")[0]
        text = re.sub(r"\s+", " ", text).strip().removesuffix("{").removesuffix("=>").removesuffix(":").strip()
        return _short(text.replace("( ", "(").replace(", )", ")").replace(" )", ")"), SIGNATURE)

    @cached_property
    def _routes(self) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for path, route in self.index.routes():
            assert isinstance(route, Route)
            found.setdefault(path, {})[route.handler] = f"{route.method} {route.path}"
        return found

    def _bytes(self, path: str) -> bytes:
        if path not in self._files:
            self._files[path] = (self._read(path) or "").encode()
        return self._files[path]


def _is_outlined(symbol: Symbol, beside: Mapping[str, Symbol]) -> bool:
    """No variables within, and nothing within functions."""
    if symbol.kind == "variable":
        return not symbol.scope
    around = beside.get(symbol.scope)
    return around is None or around.kind == "class"


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
