"""Starting the language server, on standard input and output."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from backwright.app.config import find_root
from backwright.surfaces.lsp.server import build


def serve(path: Path) -> None:
    """Serve the workspace that `path` is in until the editor goes away or we are interrupted."""
    build((find_root(path) or path).resolve(), version("backwright")).start_io()
