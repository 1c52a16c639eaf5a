"""What the configuration allows, as a policy."""

from __future__ import annotations

from backwright.app.config import Allowed
from backwright.app.permitting import permissions_of, permissions_of_agents
from backwright.core.permissions import Bounds, Permissions


def test_the_default_grants_nothing() -> None:
    assert permissions_of(Allowed()) == Permissions()
    assert permissions_of(Allowed()).grants() == ()


def test_what_is_granted_is_said_as_it_is_written() -> None:
    given = permissions_of(Allowed("host", ("/srv/a",), ("TOKEN",), 1024, external=True))
    assert given.grants() == ("network=host", "read=/srv/a", "env=TOKEN", "sandbox=external")
    assert given.bounds == Bounds(memory=1 << 30)


def test_agents_get_neither_the_network_nor_our_variables() -> None:
    agents = permissions_of_agents(Allowed("host", ("/srv/a",), ("TOKEN",)))
    assert (agents.network, agents.environment, agents.read) == ("loopback", (), ("/srv/a",))
    assert permissions_of_agents(Allowed("none")).network == "none"
