"""Java."""

from __future__ import annotations

from backwright.core.facts import FileFacts
from backwright.kit.linking import Declared
from backwright.kit.shapes import Language


def _read(path: str, source: bytes, module: str) -> FileFacts:
    """The facts of one file. The parser is imported when the first file is read: most calls find all facts cached."""
    from backwright.languages.java.extract import extract

    return extract(path, source, module)


LANGUAGE = Language(
    name="java",
    suffixes=(".java",),
    version=3,
    extract=_read,
    manifests=("pom.xml", "build.gradle", "build.gradle.kts"),
    naming=lambda tree: Declared(),
)
