"""Prompts and replies stay on this machine: a file of lines for each call of ACT, without secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_BYTES = 20 * 1024 * 1024  # of one transcript


@dataclass
class Transcript:
    """Appends to `path`, which is made when the first line comes; without a path nothing is kept."""

    path: Path | None
    redact: Callable[[str], str]
    _size: int = field(default=0)

    def add(self, kind: str, **body: Any) -> None:
        """One line; the last says that no more is kept when the file is full."""
        if self.path is None or self._size >= MAX_BYTES:
            return
        line = self.redact(json.dumps({"kind": kind, **body}, ensure_ascii=False, default=str)) + "\n"
        data = line.encode("utf-8", "replace")
        if self._size + len(data) >= MAX_BYTES:
            data = b'{"kind": "full"}\n'
            self._size = MAX_BYTES
        self._size += len(data)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(data)
