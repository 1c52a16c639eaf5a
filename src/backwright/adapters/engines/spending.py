"""What an engine has spent, held against what it may."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from backwright.core.acting import Limits, Usage


@dataclass
class Meter:
    """Counts from its making on. `dollars` stays None until a price is known."""

    limits: Limits
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    dollars: float | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds until the limit, infinite without one."""
        return self.limits.seconds - self.seconds if self.limits.seconds else float("inf")

    def spent(self) -> str:
        """Which limit is reached, in words; `""` while there is something left."""
        limits = self.limits
        if limits.seconds and self.left <= 0:
            return f"{limits.seconds:g} seconds"
        if limits.requests and self.requests >= limits.requests:
            return f"{limits.requests} requests"
        if limits.tokens and self.input_tokens + self.output_tokens >= limits.tokens:
            return f"{limits.tokens} tokens"
        if limits.dollars and self.dollars is not None and self.dollars >= limits.dollars:
            return f"${limits.dollars:g}"
        return ""

    def usage(self) -> Usage:
        """What was spent so far."""
        return Usage(self.requests, self.input_tokens, self.output_tokens, self.dollars, round(self.seconds, 3))
