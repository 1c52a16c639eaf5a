"""Python."""

from __future__ import annotations

from backwright.core.facts import FileFacts
from backwright.kit.shapes import Language


def extract(path: str, source: bytes, module: str) -> FileFacts:
    """The facts of one file. The parser is imported when the first file is read: most calls find all facts cached."""
    from backwright.languages.python.extract import extract as read

    return read(path, source, module)


LANGUAGE = Language(
    name="python",
    suffixes=(".py",),
    version=1,
    extract=extract,
    manifests=("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile"),
)
