"""The node types of a grammar by their numbers, which cost a node much less to tell than their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from tree_sitter import Language

T = TypeVar("T")

_ERROR = 0xFFFF  # the number of what could not be parsed, in every grammar


class Kinds:
    """All node types of one grammar. A number has one name; a name has two numbers where it is a keyword as well."""

    def __init__(self, language: Language) -> None:
        count = language.node_kind_count
        self.names = {number: language.node_kind_for_id(number) or "" for number in range(count)} | {_ERROR: "ERROR"}

    def table(self, entries: Mapping[str, T], default: T) -> dict[int, T]:
        """What each number stands for, by its name in `entries`: complete, so that it is looked up without a question."""
        return {number: entries.get(name, default) for number, name in self.names.items()}

    def numbers(self, *names: str) -> frozenset[int]:
        """The numbers of these names."""
        return frozenset(number for number, name in self.names.items() if name in names)
