"""A module is a file or folder, named from the root of its crate."""

from __future__ import annotations

from posixpath import dirname

from backwright.core.facts import Import
from backwright.kit.linking import Tree

_ROOTS = ("main", "lib")


class RustNaming:
    """`src/db/users.rs` of the crate in `api` is `api::db::users`; `mod.rs`, `lib.rs` and `main.rs` are their folder."""

    reexports = True

    def __init__(self, tree: Tree) -> None:
        self._crates = {dirname(p) for p in tree.paths if p == "Cargo.toml" or p.endswith("/Cargo.toml")}

    def module(self, path: str, declared: str) -> str:
        crate, parts = self._parts(path)
        return "::".join([crate or "crate", *parts])

    def _parts(self, path: str) -> tuple[str, list[str]]:
        folder = dirname(path)
        while folder and folder not in self._crates:
            folder = dirname(folder)
        inner = path[len(folder) :].strip("/").removesuffix(".rs").split("/")
        if inner[0] == "src":
            inner = inner[1:]
        if inner and (inner[-1] == "mod" or (len(inner) == 1 and inner[0] in _ROOTS)):
            inner = inner[:-1]
        return folder, inner

    def absolute(self, path: str, item: Import) -> str:
        if not item.level:
            return item.module
        crate, own = self._parts(path)
        first, *rest = item.module.split("::")
        base = [] if first == "crate" else own[:-1] if first == "super" else own
        while first == "super" and rest and rest[0] == "super":
            base, rest = base[:-1], rest[1:]
        return "::".join([crate or "crate", *base, *rest])
