"""TypeScript and JavaScript."""

from __future__ import annotations

from backwright.core.facts import FileFacts
from backwright.kit.linking import Naming, Tree
from backwright.kit.shapes import Language


def _read(path: str, source: bytes, module: str) -> FileFacts:
    """The facts of one file. The parser is imported when the first file is read: most calls find all facts cached."""
    from backwright.languages.typescript.extract import extract

    return extract(path, source, module)


def _naming(tree: Tree) -> Naming:
    from backwright.languages.typescript.naming import TypeScriptNaming

    return TypeScriptNaming(tree)


LANGUAGE = Language(
    name="typescript",
    suffixes=(".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"),
    version=6,
    extract=_read,
    manifests=("package.json",),
    naming=_naming,
)
