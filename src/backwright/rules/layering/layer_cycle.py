"""BW108: modules that are imported do not lead back to who imports them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from itertools import pairwise

from backwright.core.archmap import ArchMap
from backwright.core.facts import Import
from backwright.core.findings import Finding, Related
from backwright.kit.aside import Serving
from backwright.kit.findings import Voice, span_of
from backwright.kit.index import FactIndex
from backwright.kit.layers import LAYERS, layers_of
from backwright.kit.libraries import libraries
from backwright.kit.linking import within_any
from backwright.kit.shapes import Rule
from backwright.rules.layering._values_of_imports import kept

_VOICE = Voice("BW108", "layer-cycle", "error")
# What knows least stands first; a file without a role stands between what serves and what only declares.
_RANKS = {role: at for at, role in enumerate(("config", "error", "schema", *LAYERS, "app"))}
_UNKNOWN = _RANKS["repository"]
_PACKAGES = frozenset({"__init__.py", "index.ts", "index.js", "index.mts", "index.mjs"})
Edges = Mapping[str, Mapping[str, Import]]


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each group of files that import each other, at the import that points up."""
    edges = _edges(index, Serving(index, archmap))
    role = layers_of(index, archmap).role
    importers = Counter(target for targets in edges.values() for target in targets)
    for group in _groups(edges):
        cycle = _shortest(edges, group)
        steps = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))

        def rise(step: tuple[str, str]) -> tuple[bool, int, int, str]:
            source, target = step
            climbed = _RANKS.get(role.get(target, ""), _UNKNOWN) - _RANKS.get(role.get(source, ""), _UNKNOWN)
            lists_its_module = _is_own_package(target, source)  # what a package is there for
            return not lists_its_module, climbed, importers[source], source

        source, target = max(steps, key=rise)
        at = cycle.index(source)
        around = [*cycle[at:], *cycle[:at], source]
        more = f"; {len(group)} files hang together so" if len(group) > len(cycle) else ""
        yield _VOICE.finding(
            source,
            edges[source][target].loc,
            f"this import closes a cycle: {' → '.join(f'`{path}`' for path in around)}{more}",
            text=target,
            help="move what both need into a module that neither of them is, or pass it in as an argument",
            related=[Related(f"imports `{b}`", span_of(a, edges[a][b].loc)) for a, b in pairwise(around[1:])],
        )


def _edges(index: FactIndex, serving: Serving) -> dict[str, dict[str, Import]]:
    """File to the files that it imports when it is imported itself, with the first import of each."""
    out: dict[str, dict[str, Import]] = {}
    for path in sorted(index.files):
        if path not in serving or _is_interface(index, path):
            continue
        targets: dict[str, Import] = {}
        out[path] = targets
        for item in _loaded(index, path):
            target = index.imported_file(path, item)
            if not target or target == path or target not in serving or _is_interface(index, target):
                continue
            if not _is_own_package(path, target):
                targets.setdefault(target, item)
    return out


def _is_interface(index: FactIndex, path: str) -> bool:
    """Whether a file is of what people see in a browser, which may lie in the folder of the backend."""
    known = libraries(index.files[path].language).interfaces
    return path.endswith((".tsx", ".jsx")) or any(
        within_any(item.module, known) for item in index.imports(path) if not item.level
    )


def _loaded(index: FactIndex, path: str) -> Iterator[Import]:
    """The imports that are followed when a file is imported itself."""
    found = _above(index, path) if index.files[path].language == "python" else kept(index, path)
    yield from (i for i in found if not i.typing_only and not i.scope)


def _above(index: FactIndex, path: str) -> Iterator[Import]:
    """Those above the first definition."""
    begins = min((s.loc.start for s in index.symbols(path).values()), default=None)
    yield from (i for i in index.imports(path) if begins is None or i.loc.start <= begins)


def _is_own_package(path: str, target: str) -> bool:
    """Whether a file is imported from a package that it lies in."""
    folder, _, name = target.rpartition("/")
    return name in _PACKAGES and path.startswith(f"{folder}/")


def _groups(edges: Edges) -> list[list[str]]:
    """The files that all lead to each other, largest groups possible (Tarjan, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    found = []
    for root in edges:
        work = [(root, iter(edges[root]))] if root not in number else []
        while work:
            node, rest = work[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                stack.append(node)
                waiting.add(node)
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    cut = stack.index(node)
                    group, stack[cut:] = stack[cut:], []
                    waiting.difference_update(group)
                    if len(group) > 1:
                        found.append(sorted(group))
            elif following not in number:
                work.append((following, iter(edges[following])))
            elif following in waiting:
                low[node] = min(low[node], number[following])
    return sorted(found)


def _shortest(edges: Edges, group: list[str]) -> list[str]:
    """A shortest cycle of a group, the same every time."""
    inside = set(group)
    best: list[str] = []
    for start in group:
        way = _back_to(edges, inside, start)
        if way and (not best or len(way) < len(best)):
            best = way
    return best


def _back_to(edges: Edges, inside: set[str], start: str) -> list[str]:
    before: dict[str, str] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in edges[node]:
            if target == start:
                way = [node]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            if target in inside and target not in before:
                before[target] = node
                queue.append(target)
    return []


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
