"""Where what a project shows does not decide: claims of one kind that speak equally, and what settles them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backwright.core.stack import Detected
from backwright.engine.stack_claims import Claim, as_detected
from backwright.engine.stack_kinds import serves

_SEVERAL = 3  # files; what fewer use is tried out, or on its way out
_CERTAIN = 0.9


def undecided(standing: Sequence[Claim], managers: Sequence[Detected]) -> Iterator[tuple[Detected, ...]]:
    """The groups that a person must choose from, each with the likeliest first."""
    for kind in ("framework", "orm"):
        rivals = [c for c in standing if c.tool.kind == kind and not c.tool.weak and c.uses >= _SEVERAL]
        rivals = [c for c in rivals if kind != "framework" or (serves(c) and not c.tool.full_stack)]
        most = max((c.uses for c in rivals), default=0)
        yield from _group([as_detected(c) for c in rivals if c.uses * 2 >= most])
    migrations = [c for c in standing if c.tool.kind == "migration" and not c.tool.weak and c.score >= _CERTAIN]
    proven = [c for c in migrations if c.uses or c.version or len(c.evidence) > 1]  # by more than where files lie
    yield from _group([as_detected(c) for c in proven])
    yield from _group(managers)


def _group(rivals: Sequence[Detected]) -> Iterator[tuple[Detected, ...]]:
    if len({claim.id for claim in rivals}) > 1:
        yield tuple(rivals)
