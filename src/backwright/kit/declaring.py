"""Frameworks that are known by patterns: which count for a project, and the facts that they add to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from backwright.core.facts import Fact
from backwright.kit.entities import entities
from backwright.kit.index import FactIndex
from backwright.kit.linking import within_any
from backwright.kit.patterns import Patterns, read_patterns
from backwright.kit.routing import routes
from backwright.kit.shapes import Framework


def declared(
    module: str, *, name: str, kind: str, packages: Mapping[str, str] | None = None, entries: tuple[str, ...] = ()
) -> Framework:
    """A framework that is known by the patterns in `framework.toml` beside the file `module`."""
    file = Path(module).with_name("framework.toml")

    def facts(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
        patterns = read_patterns(file)
        if not _counts(patterns, index):
            return {}
        own = index.only(patterns.languages)
        found: list[tuple[str, Fact]] = [*routes(own, patterns), *entities(own, patterns, name.lower())]
        out: dict[str, list[Fact]] = {}
        for path, fact in found:
            out.setdefault(path, []).append(fact)
        return {path: tuple(facts) for path, facts in out.items()}

    return Framework(name=name, kind=kind, packages=packages or {}, entries=entries, facts=facts)


def _counts(patterns: Patterns, index: FactIndex) -> bool:
    spoken = index.derived(_languages)
    if spoken.isdisjoint(patterns.languages):
        return False
    if not patterns.packages and not patterns.files:
        return True
    modules = index.derived(_modules)
    if any(within_any(module, patterns.packages) for module in modules):
        return True
    if patterns.unless and any(within_any(module, patterns.unless) for module in modules):
        return False
    return any(path.endswith(file) for file in patterns.files for path in index.paths)


def _languages(index: FactIndex) -> frozenset[str]:
    return frozenset(file.language for file in index.files.values())


def _modules(index: FactIndex) -> frozenset[str]:
    """Every module that is imported by its name; in languages that load by name, what classes descend from."""
    bases = {base for d in index.classes() if index.files[d.path].language == "ruby" for base in d.symbol.bases}
    return frozenset(bases) | frozenset(
        f"{item.module}.{item.name}" if item.name not in {"", "*", "default"} else item.module
        for path in index.files
        for item in index.imports(path)
        if not item.level
    )
