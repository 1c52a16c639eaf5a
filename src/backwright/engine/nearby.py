"""The files that have to do with a file: what it imports, who imports it, and theirs; by names, before anything is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import dirname, normpath

from backwright.core.facts import Import

_SEGMENTS = re.compile(r"[./\\:]+")
_DOTTED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
_WRITTEN = re.compile(r"\.([cm]?[jt]sx?|rb|php)$")  # suffixes that imports name
_STANDS_FOR_FOLDER = ("__init__", "index", "mod", "lib")
PERHAPS = ".:"  # before a module and a name that is imported from it: `.:app.services` may be a file of its own
_AT_MOST = 3  # files that one import may mean


class Imports:
    """Which file of a tree an import leads to, as far as the names tell; `modules` are the names each file imports."""

    def __init__(self, modules: Mapping[str, Sequence[str]]) -> None:
        self._by_last: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._folders: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}
        for path in modules:
            segments = _of_path(path)
            if segments:
                self._by_last.setdefault(segments[-1], []).append((segments, path))
            folder = tuple(dirname(path).split("/"))
            if folder[-1]:
                self._folders.setdefault(folder[-1], []).append((folder, path))
        self.of = {path: tuple(self._all(path, names)) for path, names in modules.items()}
        self.importers: dict[str, list[str]] = {}
        for path, targets in self.of.items():
            for target in targets:
                self.importers.setdefault(target, []).append(path)

    def led_to(self, path: str, item: Import) -> Sequence[str]:
        """The files that one imported name may come from: the submodule where the name is one, else the module."""
        own = dirname(path)
        if item.level == 0 and item.name not in ("", "*"):
            inner = self._submodule(own, f"{item.module}.{item.name}")
            if inner:
                return inner
        name = spelt(item)
        found = self._remembered(own, name)
        if not found and name.startswith(".") and "/" in name.strip("./"):
            found = self._remembered(own, name.rpartition("/")[0])  # a name of the module, not a module of the package
        return found

    def _submodule(self, own: str, name: str) -> tuple[str, ...]:
        """The files that a module and a name in it mean where that is a module too; none where it is something that it defines."""
        found = self._remembered(own, name)
        return found if found and _of_path(found[0])[-1:] == (name.rpartition(".")[2],) else ()

    def _remembered(self, own: str, name: str) -> tuple[str, ...]:
        key = (own if name.startswith(".") else "", name)
        if key not in self._known:
            self._known[key] = tuple(self._targets(own, name))
        return self._known[key]

    def _all(self, path: str, names: Iterable[str]) -> Iterator[str]:
        own = dirname(path)
        for name in names:
            perhaps = name.startswith(PERHAPS)
            found = self._submodule(own, name[len(PERHAPS) :]) if perhaps else self._remembered(own, name)
            yield from (target for target in found if target != path)

    def _targets(self, own: str, name: str) -> list[str]:
        if name.startswith("."):  # a path, whose names may have points: `./users.service`
            segments = _of_path(_WRITTEN.sub("", normpath(f"{own}/{name}")) + ".")
        else:
            segments = tuple(s for s in _SEGMENTS.split(name) if s not in ("", "@", "~", "crate", "super", "self"))
        if not segments:
            return []
        best: list[str] = []
        most = 0
        for wanted in (segments, segments[:-1]):
            for table in (self._by_last, self._folders):
                for have, path in table.get(wanted[-1], ()) if wanted else ():
                    shared = _shared(wanted, have)
                    if shared < min(2, len(segments), len(have)):
                        continue
                    if shared > most:
                        best, most = [], shared
                    if shared == most and len(best) < _AT_MOST and path not in best:
                        best.append(path)
            if best:
                break
        return best


def spelt(item: Import) -> str:
    """A module by its name; one that is named from the file's place as a path from there: `./models/user`."""
    if not item.level or item.module.startswith("."):
        return item.module
    upwards = "../" * (item.level - 1) or "./"
    names = [name for name in (item.module.replace(".", "/"), item.name.strip("*")) if name]
    return upwards + "/".join(names)


def all_spelt(items: Sequence[Import]) -> tuple[str, ...]:
    """The modules that a file imports, sorted; with the names of Python's that may be modules themselves."""
    names = {spelt(item) for item in items}
    names |= {
        f"{PERHAPS}{item.module}.{item.name}"
        for item in items
        if not item.level and item.module and _may_be_module(item)
    }
    return tuple(sorted(names - {""}))


def _may_be_module(item: Import) -> bool:
    return item.name.islower() and item.name.isidentifier() and set(item.module) <= _DOTTED


def users(seed: str, imports: Imports, at_most: int) -> tuple[str, ...]:
    """The files that import a file, those that import them, and so on, nearest first, no more than `at_most`."""
    found = {seed: None}
    ring = [seed]
    while ring and len(found) <= at_most:
        following = (user for path in ring for user in imports.importers.get(path, ()))
        ring = [path for path in dict.fromkeys(following) if path not in found][: at_most + 1 - len(found)]
        found.update(dict.fromkeys(ring))
    return tuple(found)[1:]


def _of_path(path: str) -> tuple[str, ...]:
    stem = path.rsplit(".", 1)[0] if "." in path.rsplit("/", 1)[-1] else path
    segments = stem.split("/")
    return tuple(segments[:-1] if segments[-1] in _STANDS_FOR_FOLDER and len(segments) > 1 else segments)


def _shared(wanted: Sequence[str], have: Sequence[str]) -> int:
    """How many names both end with."""
    count = 0
    for one, other in zip(reversed(wanted), reversed(have), strict=False):
        if one != other:
            break
        count += 1
    return count
