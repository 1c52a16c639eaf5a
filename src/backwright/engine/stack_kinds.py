"""What a project is: a backend, or something else that a backend's repository may hold too."""

from __future__ import annotations

from collections.abc import Sequence

from backwright.core.facts import Span
from backwright.engine.stack_claims import Claim
from backwright.engine.stack_paths import Paths, is_example
from backwright.engine.stack_units import Unit

_DEPLOYED = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "docker/Dockerfile", "docker/*Dockerfile*", "Procfile", "fly.toml", "app.json", "wrangler.toml", "compose.y*ml", "docker-compose.y*ml", "vercel.json", "serverless.y*ml", "config.ru")
_LOOSE = ("library", "published")
_ENTERED = frozenset({"go", "rust", "jvm", "dotnet"})  # here a server needs a program's entry


def kind_of(unit: Unit, claims: Sequence[Claim], paths: Paths, *, entered: bool) -> tuple[str, tuple[Span, ...]]:
    """The kind of a project, and what shows it. `entered` says that the project has a program's entry."""
    if is_example(unit.root):
        return "example", (Span(unit.manifests[0] if unit.manifests else unit.sources[0], 1),)
    web = next((c for c in claims if c.tool.kind == "framework" and serves(c)), None)
    deployed = paths.first(unit.root, (*_DEPLOYED, *unit.ecosystem.entries))
    if web is not None and (entered or unit.ecosystem.name not in _ENTERED) and not _is_library(unit, deployed):
        return "backend", tuple(web.evidence[:2])
    by_kind: dict[str, Claim] = {}
    for claim in claims:
        by_kind.setdefault(claim.tool.kind, claim)
    for kind in ("mobile", "desktop"):
        if kind in by_kind:
            return kind, tuple(by_kind[kind].evidence[:1])
    if "docs" in by_kind and not entered and unit.usage.production < 200 and "framework" not in by_kind:
        return "docs", tuple(by_kind["docs"].evidence[:1])
    if "frontend" in by_kind and not (unit.marks & {"published"} and "private" not in unit.marks):
        return "frontend", tuple(by_kind["frontend"].evidence[:1])
    if "queue" in by_kind and by_kind["queue"].uses and (deployed or entered) and not unit.marks & {"published"}:
        return "worker", tuple(by_kind["queue"].evidence[:1])
    where = (Span(sorted(unit.manifests, key=len)[0], 1),) if unit.manifests else ()
    if "bin" in unit.marks or (entered and unit.ecosystem.name in _ENTERED and "cli" in by_kind):
        return "cli", tuple(by_kind["cli"].evidence[:1]) if "cli" in by_kind else where
    if unit.marks & {"published", "library"} or (unit.ecosystem.name in _ENTERED and not entered and unit.usage.production):
        return "library", where
    return "other", where


def serves(claim: Claim) -> bool:
    """Whether production code makes or starts a server with this framework."""
    if claim.tool.only_files:
        return claim.score >= 0.9  # noqa: PLR2004 - the score of a file that proves it
    return claim.uses > 0 and (claim.app or claim.tool.app is None)


def has_entry(unit: Unit, paths: Paths) -> bool:
    """Whether a program starts here."""
    if unit.usage.entry is not None or unit.marks & {"application", "bin"}:
        return True
    return bool(unit.ecosystem.entries and paths.first(unit.root, unit.ecosystem.entries))


def _is_library(unit: Unit, deployed: str) -> bool:
    if deployed or unit.marks & {"private", "start", "application"}:
        return False
    return "library" in unit.marks or ("published" in unit.marks and unit.ecosystem.name in {"node", "ruby", "php", "elixir"})
