"""What is known of libraries: the data of every language can be read, and its patterns are ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from backwright.engine.registry import Registry
from backwright.kit.blocking import Waits
from backwright.kit.libraries import Libraries, libraries

LANGUAGES = [language.name for language in Registry().languages]


def _patterns(known: object) -> Iterator[str]:
    """Every text that is no list of names and stands for itself: all of these are patterns. Those by package are `errors.raw`."""
    if isinstance(known, str):
        yield known
    elif isinstance(known, msgspec.Struct):
        for name in known.__struct_fields__:
            value = getattr(known, name)
            for inner in value if _holds_structs(value) else (value,):
                yield from _patterns(inner)


def _holds_structs(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], msgspec.Struct)


def test_all_patterns_are_looked_at() -> None:
    found = set(_patterns(libraries("typescript")))
    known = libraries("typescript")
    assert {known.graph.batching, known.state.types, known.transactions.gathering, known.stores[0].receivers} <= found


@pytest.mark.parametrize("language", LANGUAGES)
def test_data_can_be_read(language: str) -> None:
    known = libraries(language)
    for text in (*_patterns(known), *known.errors.raw.values(), *known.waiting.patterns.values()):
        re.compile(text)


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "scala"])
def test_every_store_says_what_it_is_and_what_it_does(language: str) -> None:
    known = libraries(language)
    assert known.stores
    for store in known.stores:
        assert store.reads or store.writes
        assert any(
            (store.receivers, store.types, store.models, store.made, store.entities, store.functions, store.given)
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_object_that_waits_can_be_met(language: str) -> None:
    """By its type or by what it is called; what it waits for is one of the kinds that findings know."""
    kinds = set(get_args(Waits))
    waiting = libraries(language).waiting
    assert kinds >= {*waiting.calls.values(), *waiting.patterns, *(w.what for w in waiting.objects)}
    for known in waiting.objects:
        assert known.methods
        assert known.types or (known.receivers and known.packages)


def test_a_language_without_data_has_none() -> None:
    assert libraries("cobol") == Libraries()
