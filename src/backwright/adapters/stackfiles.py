"""Writes the files of `stack/`, each whole or not at all, and never through a link that a repository laid out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from backwright.adapters.state import machine_error
from backwright.core.errors import MachineError


def write_files(root: Path, texts: Mapping[str, str]) -> None:
    """Write these texts below `root`. Raises `MachineError` where a folder is a link or nothing can be written."""
    for path, text in sorted(texts.items()):
        folder = _folder(root, path)
        target = root / path
        scratch = folder / f".{target.name}.backwright"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(scratch, flags, 0o644), "wb") as file:
                file.write(text.encode())
            scratch.replace(target)
        except OSError as cause:
            scratch.unlink(missing_ok=True)
            raise machine_error("write the stack", cause, where=path) from cause


def _folder(root: Path, path: str) -> Path:
    folder = root
    for name in path.split("/")[:-1]:
        folder /= name
        try:
            folder.mkdir(exist_ok=True)
        except OSError as cause:
            raise machine_error("make the folder", cause, where=str(folder.relative_to(root))) from cause
        if folder.is_symlink():
            raise MachineError(
                "this folder is a link", where=str(folder.relative_to(root)), hints=("move it away first",)
            )
    return folder
