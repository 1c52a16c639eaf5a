"""Files that are routes by their place."""

from __future__ import annotations

import re

from backwright.core.facts import Loc, Route
from backwright.kit.index import FactIndex
from backwright.kit.patterns import Files
from backwright.kit.routes.called import Found

_EXPORTED = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def filed(index: FactIndex, pattern: Files) -> Found:
    """The routes of every file whose path has this shape."""
    shape = re.compile(pattern.pattern)
    for path in index.files:
        found = shape.search(path)
        if found is None:
            continue
        symbols = index.symbols(path)
        route = re.sub(r"/\([^)]*\)", "", "/" + (found["path"] or "").removesuffix("index").strip("/"))
        fixed = found.groupdict().get("method")
        if fixed is not None or (pattern.default and not any(name in symbols for name in _EXPORTED)):
            method = fixed.upper() if fixed else pattern.default
            yield path, Route(method, route, "default", Loc(1, 1, 1, 1, 0, 0), complete=True)
            continue
        for name in _EXPORTED:
            symbol = symbols.get(name)
            if symbol is not None:
                yield path, Route(name, route, name, symbol.loc, complete=True)
