"""Python."""

from __future__ import annotations

from backwright.kit.shapes import Language
from backwright.languages.python.extract import extract

LANGUAGE = Language(
    name="python",
    suffixes=(".py",),
    version=1,
    extract=extract,
    manifests=("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile"),
)
