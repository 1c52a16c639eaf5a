"""By which names the files of a project know each other, in languages that do not name modules as Python does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from backwright.core.facts import Import


@dataclass(frozen=True)
class Tree:
    """What names are made from: every path of the repository, and the texts of its manifests."""

    paths: frozenset[str]
    texts: Mapping[str, str]


class Naming(Protocol):
    """How one language names the modules of one project. `reexports`: what a module imports, others may import of it."""

    reexports: bool

    def module(self, path: str, declared: str) -> str:
        """The name of a file's module; several files may share one. `declared` is what the file says itself."""
        ...

    def absolute(self, path: str, item: Import) -> str:
        """The module that an import in the file `path` means, as `module` names it."""
        ...


class Declared:
    """Files declare their package, and imports name packages: Java, Kotlin, C#, PHP, Scala, Elixir, Ruby."""

    reexports = False

    def module(self, path: str, declared: str) -> str:
        return declared

    def absolute(self, path: str, item: Import) -> str:
        return item.module


def within(module: str, package: str) -> bool:
    """Whether a module is this package or lies in it, whichever sign separates the parts of its name."""
    return module.startswith(package) and (len(module) == len(package) or module[len(package)] in "./:\\")


@lru_cache(maxsize=65536)
def within_any(module: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of these packages or lies in one."""
    return any(
        module.startswith(p) and (len(module) == len(p) or module[len(p)] in "./:\\" or p[-1] in "./") for p in packages
    )


def split(module: str, name: str) -> Iterator[tuple[str, str]]:
    """The same place with a class taken for a module, or the other way round: `a.B` + `c` is `a` + `B.c`."""
    for sign in (".", "::", "\\"):
        outer, _, last = module.rpartition(sign)
        if last and outer:
            yield outer, f"{last}.{name}"
            if sign == ".":
                yield "", f"{module}.{name}"
    for sign in ("::", "/", "\\", ".") if module else ():
        inner, rest = module, name
        while "." in rest:
            head, _, rest = rest.partition(".")
            inner = f"{inner}{sign}{head}"
            yield inner, rest
    if module and "/" not in module:
        yield "", module if name == "default" else f"{module}.{name}"
