"""The dotted name by which a file will be imported, be it there or not."""

from __future__ import annotations

from backwright.kit.index import FactIndex


def module_of(path: str, index: FactIndex) -> str:
    """The dotted name of a file that may not exist yet: told by a neighbour that does."""
    known = index.module(path)
    if known:
        return known
    folder, _, file = path.rpartition("/")
    stem = file.removesuffix(".py")
    for other in index.files:
        if other.rpartition("/")[0] == folder and index.module(other) and not other.endswith("__init__.py"):
            parent = index.module(other).rpartition(".")[0]
            return f"{parent}.{stem}" if parent else stem
        if other == f"{folder}/__init__.py":
            return f"{index.module(other)}.{stem}"
    if not folder:
        return stem
    return f"{module_of(f'{folder}.py', index)}.{stem}"
