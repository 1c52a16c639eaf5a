"""Whether the service runs and reaches its database: `plan health`."""

from __future__ import annotations

from collections.abc import Sequence

from backwright.core.errors import UsageError
from backwright.core.request import HealthCheck, Understood
from backwright.engine.request_vocabulary import pattern

EXAMPLE = "plan health"


def parse_health(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan health` is understood as: `live`, `ready`, or nothing for both. Raises UsageError."""
    return health_of_file(tokens, " ".join(("health", *tokens)))


def health_of_file(said: Sequence[str], words: str) -> Understood:
    """What `health: [live, ready]` of a feature file says. Raises UsageError."""
    other = next((word for word in said if word not in {"live", "ready"}), "")
    if other:
        raise UsageError(
            f"`health` knows `live` and `ready`, not `{other}`",
            hints=(f"for example: {EXAMPLE}", f"or: {EXAMPLE} ready"),
        )
    return _understood(live="live" in said, ready="ready" in said, words=words)


def health_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about health checks is understood as; None where it says anything else as well."""
    plain = sentence.strip(" .").lower()
    if not pattern("health_named").search(plain) or not pattern("health").fullmatch(plain):
        return None
    live, ready = (pattern(name).search(plain) is not None for name in ("health_live", "health_ready"))
    both = "health" in plain and not live  # a health check that asks the database is one beside the plain one
    return _understood(live=live or both, ready=ready or both, words=words)


def _understood(*, live: bool, ready: bool, words: str) -> Understood:
    check = HealthCheck() if live == ready else HealthCheck(("live",) if live else ("ready",))
    return Understood("health", words=words, health=check)
