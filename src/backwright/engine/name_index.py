"""Things found by the names of many resources: each resource looks at those that may be its own, not at all there are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from backwright.kit.imitation import spellings
from backwright.kit.naming import NameForms

T = TypeVar("T")


class NameIndex(Generic[T]):
    """Things in an order, each with its name and with words that stand for it as they are."""

    def __init__(self, things: Iterable[tuple[T, str, Iterable[str]]]) -> None:
        self._things: list[T] = []
        self._starts: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        texts = []
        length = 0
        for number, (thing, name, words) in enumerate(things):
            text = _letters(name)
            self._things.append(thing)
            self._starts.append(length)
            texts.append(text)
            length += len(text) + 1
            for word in words:
                self._by_word.setdefault(word, []).append(number)
        self._text = "\n".join(texts)

    def near(self, name: NameForms, words: Iterable[str] = ()) -> Iterator[T]:
        """In their order: all whose name has a spelling of `name` in it (some others may come along), all with one of `words`."""
        numbers = {number for word in words for number in self._by_word.get(word, ())}
        for needle in {_letters(spelling) for spelling, _, _ in spellings(name)}:
            at = self._text.find(needle) if needle else -1
            while at >= 0:
                number = bisect_right(self._starts, at) - 1
                numbers.add(number)
                after = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
                at = self._text.find(needle, after)
        return (self._things[number] for number in sorted(numbers))


def _letters(text: str) -> str:
    """What all spellings of a name have in common."""
    return re.sub(r"[\W_]+", "", text).lower()
