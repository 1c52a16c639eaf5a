"""Writes the configuration file, and never over one that is there."""

from __future__ import annotations

import os
from pathlib import Path

from backwright.adapters.state import machine_error
from backwright.core.errors import UsageError


def write_config(path: Path, text: str) -> None:
    """Create the file. Raises `UsageError` where it exists, `MachineError` where it cannot be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    except FileExistsError:
        hints = ("change it, or remove it first",)
        raise UsageError("there is a configuration already", where=path.name, hints=hints) from None
    except OSError as cause:
        raise machine_error("write the configuration", cause, where=str(path)) from cause
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
