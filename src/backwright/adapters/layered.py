"""A tree with other texts of some files laid over it, which are nowhere on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from backwright.adapters.files import RepositoryTree
from backwright.core.ports import SourceFile


class LayeredTree(RepositoryTree):
    """`under`, with `texts` in place of what it has; None is a file that is gone. Closing it is its owner's task."""

    def __init__(self, under: RepositoryTree, texts: Mapping[str, str | None]) -> None:
        self.__dict__.update(under.__dict__)
        self._under = under
        self._texts = dict(texts)
        gone = {path for path, text in texts.items() if text is None}
        self._files = tuple(sorted({*under.files(), *texts} - gone))

    def close(self) -> None:
        return None

    def read(self, path: str) -> SourceFile:
        if path not in self._texts:
            return self._under.read(path)
        text = self._texts[path]
        if text is None:
            return SourceFile(path, 0, "", None, "absent")
        data = text.encode()
        encoding = "utf-8-sig" if text.startswith("\ufeff") else "utf-8"
        return SourceFile(path, len(data), hashlib.sha256(data).hexdigest(), text.removeprefix("\ufeff"), "", encoding)
