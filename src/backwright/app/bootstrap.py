"""The only wiring: which extensions and which adapters the verbs work with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from backwright.adapters.formatter import RuffFormatter
from backwright.core.facts import Fact
from backwright.core.ports import Formatter
from backwright.engine.registry import Registry
from backwright.kit.index import FactIndex


@cache
def registry() -> Registry:
    """The installed extensions."""
    return Registry()


def formatter() -> Formatter:
    """What formats new source text."""
    return RuffFormatter()


def with_frameworks(index: FactIndex) -> FactIndex:
    """The index with the facts that all frameworks derive from it."""
    merged: dict[str, tuple[Fact, ...]] = {}
    for framework in registry().frameworks:
        derived: Mapping[str, tuple[Fact, ...]] = framework.facts(index) if framework.facts else {}
        for path, facts in derived.items():
            merged[path] = merged.get(path, ()) + facts
    return index.with_added(merged)
