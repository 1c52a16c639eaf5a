"""The only wiring: which extensions and which adapters the verbs work with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from backwright.adapters.formatter import RuffFormatter
from backwright.core.facts import Fact, Route, Table
from backwright.core.ports import Formatter
from backwright.engine.registry import Registry
from backwright.kit.index import FactIndex
from backwright.kit.linking import Tree


@cache
def registry() -> Registry:
    """The installed extensions."""
    return Registry()


def formatter() -> Formatter:
    """What formats new source text."""
    return RuffFormatter()


def with_frameworks(index: FactIndex) -> FactIndex:
    """The index with the facts that all frameworks derive from it."""
    spoken = {file.language for file in index.files.values()}
    named = {language.name: language.naming for language in registry().languages if language.name in spoken}
    tree = Tree(frozenset(index.paths), index.texts)
    namings = {name: naming(tree) for name, naming in named.items() if naming is not None}
    index = index.with_namings(namings) if namings else index
    merged: dict[str, tuple[Fact, ...]] = {}
    for framework in sorted(registry().frameworks, key=lambda framework: framework.last):
        if framework.last and any(isinstance(fact, Table) for facts in merged.values() for fact in facts):
            continue
        derived: Mapping[str, tuple[Fact, ...]] = framework.facts(index) if framework.facts else {}
        for path, facts in derived.items():
            known = merged.get(path, ())
            merged[path] = known + _new(facts, known)
    return index.with_added(merged)


def _new(facts: tuple[Fact, ...], known: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The facts without routes that another framework, whose calls look the same, has found at the same place."""
    taken = {(f.method, f.path, f.loc.start) for f in known if isinstance(f, Route)}
    return tuple(f for f in facts if not isinstance(f, Route) or (f.method, f.path, f.loc.start) not in taken)
