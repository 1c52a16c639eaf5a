"""A package is a folder, named by the module of its go.mod."""

from __future__ import annotations

import re
from posixpath import basename, dirname

from backwright.core.facts import Import
from backwright.kit.linking import Tree

_MODULE = re.compile(r"^\s*module\s+(\S+)", re.MULTILINE)


class GoNaming:
    """All files of a folder are one package."""

    reexports = False

    def __init__(self, tree: Tree) -> None:
        found = {p: _MODULE.search(text) for p, text in tree.texts.items() if basename(p) == "go.mod"}
        self._modules = {dirname(path): match[1].strip('"') for path, match in found.items() if match is not None}

    def module(self, path: str, declared: str) -> str:
        folder = dirname(path)
        root = folder
        while root not in self._modules:
            if not root:
                return folder
            root = dirname(root)
        inner = folder[len(root) :].strip("/")
        return f"{self._modules[root]}/{inner}" if inner else self._modules[root]

    def absolute(self, path: str, item: Import) -> str:
        return item.module
