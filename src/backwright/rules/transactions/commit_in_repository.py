"""BW401: who begins a transaction ends it; a repository only takes part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import Hop
from backwright.kit.database import DbCall, database
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW401", "commit-in-repository", "warning")
_ENDING = re.compile(r"^(a?commit|save_changes|__a?exit__|complete)$")
_STYLE = 3


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Commits in repositories where somebody above commits; one advice where repositories are the only ones."""
    layers = layers_of(index, archmap)
    serving = Serving(index, archmap)
    inside: list[DbCall] = []
    above: list[DbCall] = []
    boundary: DbCall | None = None
    for key, calls in sorted(database(index).calls.items()):
        body = bodies(index).get(*key)
        commit = next((c for c in calls if c.method == "commit"), None)
        if body is None or commit is None or body.symbol is None or body.path not in serving:
            continue
        if _is_boundary(body):
            boundary = boundary or commit
        elif layers.layer.get(body.path) == "repository":
            inside.append(commit)
        elif layers.role.get(body.path) in {"service", "router"}:
            above.append(commit)
    if boundary is not None:
        yield from (_one(c, boundary, "already ends the transaction") for c in inside)
    elif len(above) > len(inside):
        yield from (_one(c, above[0], "ends it, as most of this project do") for c in inside)
    elif len(inside) >= _STYLE:
        yield _VOICE.style(
            [_one(c, c, "") for c in inside],
            f"{len(inside)} functions of repositories commit by themselves: two of them are never one transaction",
            help="let the session's provider or the service commit, and `flush` in repositories",
        )


def _is_boundary(body: Body) -> bool:
    """A provider that hands out a session and commits after it, or the end of a unit of work."""
    assert body.symbol is not None
    return any(r.is_yield for r in body.returns) or bool(_ENDING.match(body.symbol.name))


def _one(call: DbCall, above: DbCall, what: str) -> Finding:
    return _VOICE.finding(
        call.body.path,
        call.link.loc,
        f"`{call.shown}` ends a transaction that this repository did not begin",
        scope=call.body.scope,
        text=call.shown,
        help="`flush` where the database's values are needed, and leave the commit to who began",
        related=[Hop(above.body.path, above.link.loc, f"`{above.body.scope}` {what}").related()] if what else [],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python",), check)
