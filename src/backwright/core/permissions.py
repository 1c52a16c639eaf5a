"""What the commands of a repository, and agents, may do beyond reading and writing their private copy."""

from __future__ import annotations

from typing import Literal

import msgspec

Network = Literal["none", "loopback", "host"]
NETWORKS: tuple[Network, ...] = ("none", "loopback", "host")  # from the least to the most


class Bounds(msgspec.Struct, frozen=True):
    """What one command may use up before it is stopped. Sizes in bytes, times in seconds."""

    wall: float = 600.0  # a step of the contract may say less or more
    cpu: int = 600  # of each process
    memory: int = 4 << 30  # of all its processes together
    processes: int = 512
    file_size: int = 1 << 30
    open_files: int = 4096
    growth: int = 2 << 30  # of what it may write to
    temporary: int = 512 << 20  # its /tmp


class Permissions(msgspec.Struct, frozen=True):
    """A policy by scope. CODEBASE is always one private copy of the tree, writable; the tree itself never is.

    LOCAL_FS: `read`, folders outside the copy that may be read. PROCESS: `bounds`, and `external`: no sandbox of ours, since a
    person said that the whole machine is one. CREDENTIALS: `environment`, names of our variables that are passed on.
    NETWORK: `none`, `loopback` (one of its own, the default) or `host` (everything that this machine can reach).
    """

    network: Network = "loopback"
    read: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    external: bool = False
    bounds: Bounds = Bounds()

    def grants(self) -> tuple[str, ...]:
        """What is allowed beyond the default, as it is written on the command line; consent covers exactly these."""
        found = [f"network={self.network}"] if self.network == "host" else []
        found += [f"read={folder}" for folder in self.read] + [f"env={name}" for name in self.environment]
        return (*found, "sandbox=external") if self.external else tuple(found)
