"""Python."""

from __future__ import annotations

from backwright.core.facts import FileFacts
from backwright.kit.shapes import Language


def _read(path: str, source: bytes, module: str) -> FileFacts:
    """The facts of one file. The parser is imported when the first file is read: most calls find all facts cached."""
    from backwright.languages.python.extract import extract

    return extract(path, source, module)


LANGUAGE = Language(
    name="python",
    suffixes=(".py",),
    version=6,
    extract=_read,
    manifests=("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile"),
)
