"""BW103: models, repositories and services know nothing of the layers above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Import
from backwright.core.findings import Finding
from backwright.kit.bodies import bodies, walk
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.layers import LAYERS, Layers, layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW103", "upward-import", "error")
# Fewer files than this are no style.
_STYLE = 3
_MOUNTING = ("use", "register", "mount", "route", "include_router", "register_blueprint")


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each file below that imports a file above; one for two layers where most files of one do so."""
    layers = layers_of(index, archmap)
    sizes = Counter(layers.layer.values())
    crossings: dict[tuple[str, str], list[Finding]] = {}
    for own, above, finding in _crossings(index, layers):
        crossings.setdefault((own, above), []).append(finding)
    for (own, above), found in crossings.items():
        files = index.counts.of(f"BW103 {own} imports {above}", len({f.span.path for f in found}))
        size = index.counts.of(f"BW103 {own}", sizes[own])
        if files >= _STYLE and files * 2 > size:
            yield _VOICE.style(
                found,
                f"{files} of {size} files of the {own} layer import the {above} above it",
                help=_help(own, above),
            )
        else:
            yield from found


def _crossings(index: FactIndex, layers: Layers) -> Iterator[tuple[str, str, Finding]]:
    role = layers.layer
    rank = {name: at for at, name in enumerate(LAYERS)}
    for path in sorted(index.files):
        own = role.get(path, "")
        if own not in rank or own == "router":
            continue
        seen: set[str] = set()
        for item in index.imports(path):
            target = _imported(index, path, item)
            above = role.get(target, "")
            if item.typing_only or not target or target in seen or rank.get(above, -1) <= rank[own]:
                continue
            if above == "service" and not _is_domain(layers, target):
                continue
            if above == "router" and (_is_mounted(index, path, item.alias) or not _serves(layers, target)):
                continue
            seen.add(target)
            name = item.name or item.module
            yield (
                own,
                above,
                _VOICE.finding(
                    path,
                    item.loc,
                    f"this {own} imports `{name}` from the {above} `{target}` above it",
                    scope=item.scope,
                    text=f"{target} {name}",
                    help=_help(own, above),
                ),
            )


def _imported(index: FactIndex, path: str, item: Import) -> str:
    """The file that really defines what is imported: re-exports by a package are seen through."""
    target = index.imported_file(path, item)
    if target.endswith("/__init__.py") and item.name not in {"", "*"}:
        found = index.resolve(target, item.name)
        return found.path if found is not None else target
    return target


def _is_domain(layers: Layers, path: str) -> bool:
    """Whether a service is about this domain (leads to data, knows models or repositories), no technical helper."""
    if layers.leads_to_data(path):
        return True
    index = layers.index
    known = (layers.layer.get(_imported(index, path, item)) for item in index.imports(path) if not item.typing_only)
    return any(layer in {"model", "repository"} for layer in known)


def _serves(layers: Layers, path: str) -> bool:
    """Whether a file has routes; elsewhere than in Python, what is only called like a router may be a helper of one."""
    return layers.index.files[path].language == "python" or any(h.path == path for h in layers.handlers)


def _is_mounted(index: FactIndex, path: str, alias: str) -> bool:
    """Whether a router is only put into an application here, whatever the file is called."""
    links = (link for link in bodies(index).called(_MOUNTING) if link.body.path == path)
    return any(part.kind == "name" and part.text == alias for link in links for part in walk(link.expr))


def _help(own: str, above: str) -> str:
    if above == "router":
        return f"move what both need below the {own}, or pass it in as an argument"
    return f"let the {above} call the {own}: pass values in, or move what both need into a module of its own"


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "java", "kotlin"), check)
