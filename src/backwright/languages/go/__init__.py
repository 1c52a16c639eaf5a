"""Go."""

from __future__ import annotations

from backwright.core.facts import FileFacts
from backwright.kit.linking import Naming, Tree
from backwright.kit.shapes import Language


def _read(path: str, source: bytes, module: str) -> FileFacts:
    """The facts of one file. The parser is imported when the first file is read: most calls find all facts cached."""
    from backwright.languages.go.extract import extract

    return extract(path, source, module)


def _naming(tree: Tree) -> Naming:
    from backwright.languages.go.naming import GoNaming

    return GoNaming(tree)


LANGUAGE = Language(
    name="go",
    suffixes=(".go",),
    version=3,
    extract=_read,
    manifests=("go.mod",),
    naming=_naming,
)
