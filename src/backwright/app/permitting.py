"""The permissions of one call, from its configuration."""

from __future__ import annotations

from backwright.app.config import Allowed
from backwright.core.permissions import NETWORKS, Bounds, Permissions


def permissions_of(allowed: Allowed) -> Permissions:
    """What commands and agents may do."""
    network = next(name for name in NETWORKS if name == allowed.network)  # the configuration knows no other
    bounds = Bounds(memory=allowed.memory << 20)
    return Permissions(network, allowed.read, allowed.environment, allowed.external, bounds)
