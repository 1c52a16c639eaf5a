"""Folders whose files are all mounted by one call: `app.register(autoload, { dir: join(__dirname, "routes") })`."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from backwright.core.facts import Expr
from backwright.kit.chains import argument, joined, text_of
from backwright.kit.index import FactIndex
from backwright.kit.patterns import Folders
from backwright.kit.testfiles import is_test_file


def mounted_files(index: FactIndex, pattern: Folders, path: str, link: Expr) -> Iterator[tuple[str, str]]:
    """Every file that a call mounts, with its prefix below the call's own."""
    plugin = argument(link, 0)
    imported = any(
        item.module == pattern.package and plugin is not None and item.alias == plugin.dotted().partition(".")[0]
        for item in index.imports(path)
    )
    given = argument(link, pattern.folder) if imported else None
    if given is None:
        return
    folder = normpath(join(dirname(path), "/".join(t.strip("/") for t in _texts(given) if t.strip("./"))))
    prefix = next((t for place in pattern.prefix if (t := _text(index, path, link, place)) is not None), "")
    for file in index.files:
        if file.startswith(f"{folder}/") and not is_test_file(file):
            variable = index.symbols(file).get(pattern.variable) if pattern.variable else None
            own = text_of(index, file, variable.value) if variable is not None else None
            yield file, joined(prefix, own if own is not None else dirname(file[len(folder) :]))


def _text(index: FactIndex, path: str, link: Expr, place: int | str) -> str | None:
    """A text under a key of the options, or under a dotted one in what lies in them: `options.prefix`."""
    outer, _, inner = str(place).partition(".")
    given = argument(link, outer)
    return text_of(index, path, given.keyword(inner) if given is not None and inner else given)


def _texts(expr: Expr) -> Iterator[str]:
    if expr.kind == "string":
        yield expr.text
    for part in expr.parts:
        yield from _texts(part)
