"""What a project is built with; every claim carries its evidence."""

from __future__ import annotations

import msgspec

from backwright.core.facts import Span


class Detected(msgspec.Struct, frozen=True):
    """One claim. Kinds: language runtime framework api orm queries access database migrations validation auth settings tests

    package_manager linter formatter types queue cache mail style. `access` is "sync" or "async". Confidence is 0..1.
    `id` is the name as files and programs write it, `name` as people do.
    """

    kind: str
    name: str
    version: str = ""
    confidence: float = 1.0
    evidence: tuple[Span, ...] = ()
    id: str = ""


class Stack(msgspec.Struct, frozen=True):
    """The stack of one project (a sub-project of a monorepo has its own). `root` is relative to the repository.

    `kind` is backend, worker, frontend, mobile, desktop, docs, cli, library, example or other; `because` shows why.
    `unused` is what the manifests declare and the production code does not use. `undecided` are claims of one kind that
    speak for themselves equally: a person must say which it is, and the first stands until then.
    """

    root: str
    parts: tuple[Detected, ...] = ()
    kind: str = "backend"
    because: tuple[Span, ...] = ()
    unused: tuple[Detected, ...] = ()
    files: int = 0  # of production code
    undecided: tuple[tuple[Detected, ...], ...] = ()

    def first(self, kind: str) -> Detected | None:
        """The most confident claim of this kind."""
        return next((p for p in self.parts if p.kind == kind), None)

    def name(self, kind: str) -> str:
        part = self.first(kind)
        return part.name if part else ""

    def has(self, kind: str, name: str) -> bool:
        return any(p.kind == kind and p.name == name for p in self.parts)

    def ids(self, kind: str) -> tuple[str, ...]:
        """The ids of all claims of this kind, the most confident first."""
        return tuple(p.id or p.name for p in self.parts if p.kind == kind)
