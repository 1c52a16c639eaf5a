"""What a project is: a backend, or something else that a backend's repository may hold too."""

from __future__ import annotations

from collections.abc import Sequence

from backwright.core.facts import Span
from backwright.engine.stack_claims import Claim
from backwright.engine.stack_knowledge import places
from backwright.engine.stack_paths import Paths, is_example, is_template, place_of
from backwright.engine.stack_units import Unit

_SEVERAL = 3
_PART = 12  # a program that others install is a server if one in so many of its files has to do with that
_SHARE = 4  # one file in so many of the program itself, whatever the size of the libraries that are built with it
_MANY, _RARE = 10, 60  # a framework used by fewer files than this, or by fewer than one in so many, is no framework
_SHOWN = 0.9  # by a file or by code, not only by a manifest
_DATA = frozenset({"orm", "query_layer", "driver", "queue", "api_framework"})
_ASKED = frozenset({"node", "ruby", "php"})  # here packages ask for what they are built on
_ENTERED = frozenset({"go", "rust", "jvm", "dotnet"})  # here a server needs a program's entry


def kind_of(
    own: Sequence[Unit],
    claims: Sequence[Claim],
    paths: Paths,
    *,
    entered: bool,
    root: str,
    examples: bool = False,
    shared: bool = False,
) -> tuple[str, tuple[Span, ...]]:
    """The kind of a project, and what shows it.

    `entered` says that it has a program's entry, `root` is the folder that it is built from, `examples` says that what looks
    like an example is to be judged as any other, `shared` that other projects of the repository are made with it.
    """
    unit = own[0]
    docs = next((c for c in claims if c.tool.kind == "docs"), None)
    if is_template(unit.root) or ((is_example(unit.root) or _tries(unit)) and not examples):
        if docs is not None:
            return "docs", tuple(docs.evidence[:1])
        return "example", (Span(unit.manifests[0] if unit.manifests else unit.sources[0], 1),)
    deployed = paths.first(unit.root, places("deployed")) or entry_file(unit, paths)
    if not deployed and root != unit.root:
        deployed = paths.first(root, places("deployed"))
    web = _server(own, claims, paths, deployed, entered=entered)
    on_a_desk = next((c for c in claims if c.tool.kind in {"mobile", "desktop"} and c.score >= 0.9), None)
    if on_a_desk is not None and unit.ecosystem.name in {"rust", "dotnet", "jvm"}:
        return on_a_desk.tool.kind, tuple(on_a_desk.evidence[:1])
    if on_a_desk is not None and web is not None and on_a_desk.uses > web.uses and not deployed:
        return on_a_desk.tool.kind, tuple(on_a_desk.evidence[:1])  # it listens for itself
    framework_itself = any(tool.kind == "framework" for member in own for tool in member.itself)
    if framework_itself and own[0].manifests:
        return "library", (Span(sorted(unit.manifests, key=len)[0], 1),)
    if web is not None and shared and unit.ecosystem.name == "node" and not (deployed or "runs" in unit.marks):
        return "library", (Span(sorted(unit.manifests, key=len)[0], 1),)  # a part of the servers that it is built into
    if (
        web is not None
        and (entered or unit.ecosystem.name not in _ENTERED)
        and not _is_library(unit, deployed, claims, paths, shared)
    ):
        return "backend", tuple(web.evidence[:2])
    page = _served_page(unit, claims, paths) if unit.ecosystem.name == "php" else ""
    if page:
        return "backend", (Span(page, 1),)
    return _otherwise(own[0], claims, paths, deployed, entered=entered)


def _server(
    own: Sequence[Unit], claims: Sequence[Claim], paths: Paths, deployed: str, *, entered: bool
) -> Claim | None:
    """The framework that the project serves with, where that is what it is about."""
    started = bool(deployed) or (entered and own[0].ecosystem.name in _ENTERED)
    chosen = (c for c in claims if c.tool.kind == "framework" and not _is_optional(c, own))
    serving = (c for c in chosen if serves(c) or (started and is_basis(c)))
    web = next((c for c in serving if _matters(c, own, claims, deployed)), None)
    if web is None and not any(c.tool.kind == "framework" for c in claims):  # some interfaces bring a server
        web = next((c for c in claims if c.tool.kind == "api_framework" and c.app and c.uses), None)
    return None if web is not None and web.tool.weak and _serves_aside(own[0], deployed, claims, paths) else web


def _otherwise(
    unit: Unit, claims: Sequence[Claim], paths: Paths, deployed: str, *, entered: bool
) -> tuple[str, tuple[Span, ...]]:
    """The kind of a project that is no server."""
    by_kind: dict[str, Claim] = {}
    for claim in claims:
        by_kind.setdefault(claim.tool.kind, claim)
    for kind in ("mobile", "desktop"):
        if kind in by_kind:
            return kind, tuple(by_kind[kind].evidence[:1])
    if "docs" in by_kind and not entered and unit.usage.production < 200 and "framework" not in by_kind:
        return "docs", tuple(by_kind["docs"].evidence[:1])
    if "frontend" in by_kind and not _is_published(unit, by_kind["frontend"]):
        return "frontend", tuple(by_kind["frontend"].evidence[:1])
    if unit.ecosystem.name == "node" and not unit.marks & {"published", "bin"} and (page := _page(unit, paths)):
        return "frontend", (Span(page, 1),)
    if "queue" in by_kind and by_kind["queue"].uses and (deployed or entered) and not unit.marks & {"published"}:
        return "worker", tuple(by_kind["queue"].evidence[:1])
    where = (Span(sorted(unit.manifests, key=len)[0], 1),) if unit.manifests else ()
    if "bin" in unit.marks or (entered and unit.ecosystem.name in _ENTERED and "cli" in by_kind):
        return "cli", tuple(by_kind["cli"].evidence[:1]) if "cli" in by_kind else where
    if unit.marks & {"published", "library"} or (
        unit.ecosystem.name in _ENTERED and not entered and unit.usage.production
    ):
        return "library", where
    return "other", where


def _tries(unit: Unit) -> bool:
    """Whether a project is there to try the library that holds it: it depends on the package of a folder around it."""
    return "published" not in unit.marks and any(
        other.marks & {"published", "library"} and (not other.root or unit.root.startswith(f"{other.root}/"))
        for other in unit.locals
        if other.root != unit.root and "workspace" not in other.marks
    )


def _is_optional(claim: Claim, own: Sequence[Unit]) -> bool:
    """Whether a package for others works with a framework that it does not ask for."""
    asked = [unit.declared.get((claim.tool.kind, claim.tool.id)) for unit in own]
    if own[0].ecosystem.name == "rust":  # a part of the program that one may leave out
        return {one.entry.scope for one in asked if one is not None} == {"peer"}
    if not any(unit.marks & {"published", "named"} for unit in own) or own[0].ecosystem.name not in _ASKED:
        return False
    return not claim.tool.only_files and all(one is None or one.entry.scope != "main" for one in asked)


def serves(claim: Claim) -> bool:
    """Whether production code makes or starts a server with this framework."""
    if claim.tool.only_files:
        return claim.score >= 0.9
    if not claim.tool.verified and claim.score >= 0.9:
        return True
    return claim.uses > 0 and (claim.app or claim.tool.app is None)


def is_basis(claim: Claim) -> bool:
    """Whether so much of the code uses a framework that it must be made for it."""
    return claim.uses >= _SEVERAL and not claim.tool.only_files and not claim.tool.weak


def has_entry(unit: Unit, paths: Paths) -> bool:
    """Whether a program starts here."""
    if unit.usage.entry is not None or unit.marks & {"application", "bin"}:
        return True
    return bool(entry_file(unit, paths))


def entry_file(unit: Unit, paths: Paths) -> str:
    """A file whose name says that a program starts there, and that is no example's."""
    inner = len(unit.root) + 1 if unit.root else 0
    found = (path for glob in unit.ecosystem.entries if paths.may_find(glob) for path in paths.find(unit.root, glob))
    return next((path for path in found if place_of(path[inner:]) == "production"), "")


def _matters(web: Claim, own: Sequence[Unit], claims: Sequence[Claim], deployed: str) -> bool:
    """Whether the server is what the project is about: not a health check, not two routes of a site without data."""
    data = [c for c in claims if c.tool.kind in _DATA and (c.uses or c.score >= _SHOWN)]
    if web.tool.full_stack:
        return bool(data)
    looked = sum(unit.usage.looked for unit in own)
    if own[0].marks >= {"published", "bin"} and "start" not in own[0].marks and web.uses * _PART < looked and not data:
        return False  # a tool that shows pages of its own
    often = web.uses >= _MANY or web.uses * _RARE >= looked
    often = often or (web.uses >= _SEVERAL and web.uses * _SHARE >= own[0].usage.looked)
    return often or not web.tool.verified or (web.app and bool(data) and (web.uses >= _SEVERAL or bool(deployed)))


def _serves_aside(unit: Unit, deployed: str, claims: Sequence[Claim], paths: Paths) -> bool:
    """Whether a server made with no more than the language has is a loose script's, or a part of a command line's tool."""
    if unit.ecosystem.name not in _ENTERED:
        return not unit.manifests and not entry_file(unit, paths)
    kinds = {claim.tool.kind for claim in claims}
    return "cli" in kinds and not deployed and kinds.isdisjoint({"orm", "query_layer", "driver", "migration", "queue"})


def _served_page(unit: Unit, claims: Sequence[Claim], paths: Paths) -> str:
    """The file that a web server runs, of a program that keeps data and needs no framework for its pages."""
    keeps = any(claim.tool.kind in {"orm", "query_layer", "driver"} for claim in claims)
    return entry_file(unit, paths) if keeps and not unit.marks & {"published", "named"} else ""


def _page(unit: Unit, paths: Paths) -> str:
    """A file that only a browser needs, where it is a good part of the project."""
    views = [p for p in unit.sources if p.endswith((".tsx", ".jsx"))]
    if len(views) * 3 > len(unit.sources):
        return views[0]
    return paths.first(
        unit.root, ("css/*.css", "css/*.scss", "src/*.css", "styles/*.css", "*.css", "index.html", "src/index.html")
    )


def _is_published(unit: Unit, shown: Claim) -> bool:
    """Whether this is a package for other people's sites rather than a site."""
    declared = unit.declared.get((shown.tool.kind, shown.tool.id))
    used_by_all = declared is not None and declared.entry.scope == "main"
    return not used_by_all and "published" in unit.marks and "private" not in unit.marks


def _is_library(unit: Unit, deployed: str, claims: Sequence[Claim], paths: Paths, shared: bool) -> bool:
    if "bin" in unit.marks and any(claim.tool.kind == "migration" for claim in claims):
        return False  # a program that keeps tables of its own is installed to be run
    if "named" in unit.marks and not deployed:
        return True
    if "library" in unit.marks and not has_entry(unit, paths):
        return True  # what is deployed is a sample of it
    if unit.ecosystem.name == "node" and {"start", "runs"} <= unit.marks and not shared:
        return False
    if deployed or unit.marks & {"private", "application"} or unit.marks & {"start", "published"} == {"start"}:
        return False
    return "library" in unit.marks or (
        "published" in unit.marks and unit.ecosystem.name in {"node", "ruby", "php", "elixir"}
    )
