"""What a command finds in the sandbox: the folders it sees, the ports it reaches, its home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backwright.adapters import shell

HOME = "/home/sandbox"


@dataclass(frozen=True)
class Space:
    """Folders and files are seen at the paths they have outside; what is named nowhere is not there.

    `kept` is read-only although it lies in something `writable`, and `open` is writable although it lies in something
    kept. `relays` lead from a port of the sandbox's own 127.0.0.1 to a Unix socket outside. `home` is what its new, empty
    home directory has in it: paths relative to it. Folders that are no folder are left out, but for the writable ones.
    """

    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    open: tuple[Path, ...] = ()
    relays: Mapping[int, Path] = field(default_factory=dict)
    home: Mapping[str, bytes] = field(default_factory=dict)
    home_size: int = 64 << 20  # bytes


RunIn = Callable[[Space], shell.Run]
"""How commands are run in a space: `Sandbox.run_in`, or `unheld`."""


def unheld(_space: Space) -> shell.Run:
    """No sandbox: for programs of ours, and where a person said that the machine is one."""
    return shell.run
