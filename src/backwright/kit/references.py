"""From a name used in one file to the import that brings it into another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.house import Ref
from backwright.kit.index import FactIndex


def ref_of(index: FactIndex, path: str, name: str) -> Ref | None:
    """The import that makes `name`, as used in `path`, available elsewhere; None for builtins and local names.

    Follows what the file itself does: a name it defines is imported from it, a name it imports is imported the same way.
    """
    found = re.match(r"\w+", name)
    head = found.group() if found is not None else name
    for item in index.imports(path):
        if item.alias != head or item.scope:
            continue
        module = index.absolute(path, item)
        if item.name:
            return Ref(name, module, original=item.name if item.alias != item.name else "")
        renamed = f"{module} as {item.alias}" if item.alias != module.split(".")[0] else module
        return Ref(name, renamed, whole=True)
    if head in index.symbols(path):
        return Ref(name, index.module(path))
    return None


def names_in(expr: Expr | None) -> Iterator[str]:
    """The names an expression needs, attribute chains by their head."""
    if expr is None:
        return
    if expr.kind == "name":
        yield expr.text
    for part in expr.parts:
        yield from names_in(part)


def refs_of_source(index: FactIndex, path: str, source: str) -> tuple[Ref, ...]:
    """The imports that a piece of a file's source needs elsewhere; more than it needs where names stand in its texts."""
    names = dict.fromkeys(re.findall(r"(?<![\w.])[A-Za-z_]\w*", source))
    found = (ref_of(index, path, name) for name in names)
    return tuple(r for r in found if r is not None)


def refs_in(index: FactIndex, path: str, expr: Expr | None) -> tuple[Ref, ...]:
    """The imports an expression needs when it is written elsewhere."""
    found = (ref_of(index, path, name) for name in dict.fromkeys(names_in(expr)))
    return tuple(r for r in found if r is not None)
