"""BW802: which service a repository or service class talks to is said from outside."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.addresses import clients, made_by, without_credentials
from backwright.kit.aside import Serving
from backwright.kit.callgraph import Hop
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW802", "fixed-backing-service", "warning")


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each client that a service or repository builds with an address of its own."""
    role = layers_of(index, archmap).role
    serving = Serving(index, archmap)
    for built in sorted(clients(index), key=lambda b: (b.body.path, b.link.loc.start)):
        body = built.body
        if role.get(body.path) not in {"service", "repository"} or body.path not in serving:
            continue
        address = without_credentials(built.address)
        elsewhere = built.path != body.path or built.literal.loc.start < built.link.loc.start
        yield _VOICE.finding(
            body.path,
            built.link.loc,
            f"`{made_by(built)}` is built here for `{address}`: no other environment can give it another one",
            scope=body.scope,
            text=f"{made_by(built)} {address}",
            help="take the client as a parameter, or its address from the settings",
            related=[Hop(built.path, built.literal.loc, "the address").related()] if elsewhere else [],
        )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
