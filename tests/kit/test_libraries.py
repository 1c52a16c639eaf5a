"""What is known of libraries: the data of every language can be read, and its patterns are ones."""

from __future__ import annotations

import re

import pytest

from backwright.engine.registry import Registry
from backwright.kit.libraries import Libraries, libraries

LANGUAGES = [language.name for language in Registry().languages]


def _patterns(known: Libraries) -> list[str]:
    texts = [p for store in known.stores for p in (store.receivers, store.functions, store.unless, store.given)]
    texts += [p for text in known.texts for p in (text.receivers, text.skip)]
    texts += [known.request.body, known.request.values, known.request.validators]
    texts += [
        known.transactions.calls,
        known.transactions.decorators,
        known.transactions.handles,
        known.waiting.pattern,
    ]
    return [*texts, known.errors.answers]


@pytest.mark.parametrize("language", LANGUAGES)
def test_data_can_be_read(language: str) -> None:
    for text in _patterns(libraries(language)):
        re.compile(text)


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name not in {"python", "scala"}])
def test_every_store_says_what_it_is_and_what_it_does(language: str) -> None:
    known = libraries(language)
    assert known.stores
    for store in known.stores:
        assert store.reads or store.writes
        assert any(
            (store.receivers, store.types, store.models, store.made, store.entities, store.functions, store.given)
        )


def test_a_language_without_data_has_none() -> None:
    assert libraries("cobol") == Libraries()
