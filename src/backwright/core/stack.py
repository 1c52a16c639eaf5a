"""What a project is built with; every claim carries its evidence."""

from __future__ import annotations

import msgspec

from backwright.core.facts import Span


class Detected(msgspec.Struct, frozen=True):
    """One claim. Kinds: language framework orm access database migrations validation auth tests package_manager linter

    formatter types settings. `access` is "sync" or "async". Confidence is 0..1.
    """

    kind: str
    name: str
    version: str = ""
    confidence: float = 1.0
    evidence: tuple[Span, ...] = ()


class Stack(msgspec.Struct, frozen=True):
    """The stack of one project (a sub-project of a monorepo has its own). `root` is relative to the repository."""

    root: str
    parts: tuple[Detected, ...] = ()

    def first(self, kind: str) -> Detected | None:
        """The most confident claim of this kind."""
        return next((p for p in self.parts if p.kind == kind), None)

    def name(self, kind: str) -> str:
        part = self.first(kind)
        return part.name if part else ""

    def has(self, kind: str, name: str) -> bool:
        return any(p.kind == kind and p.name == name for p in self.parts)
