"""The permissions of one call, from its configuration."""

from __future__ import annotations

from dataclasses import replace

from backwright.app.config import Allowed
from backwright.core.permissions import NETWORKS, Bounds, Permissions


def permissions_of(allowed: Allowed) -> Permissions:
    """What commands and agents may do."""
    network = next(name for name in NETWORKS if name == allowed.network)  # the configuration knows no other
    bounds = Bounds(memory=allowed.memory << 20)
    return Permissions(network, allowed.read, allowed.environment, allowed.external, bounds)


def permissions_of_agents(allowed: Allowed) -> Permissions:
    """What agents may do: what is granted to commands of the network and of our variables is not granted to them.

    They reach their provider through a broker; on the network of the machine everybody could reach the broker.
    """
    return permissions_of(replace(allowed, network="none" if allowed.network == "none" else "loopback", environment=()))
