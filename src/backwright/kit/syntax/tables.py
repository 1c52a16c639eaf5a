"""A language's tables by the numbers of its node types, made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tree_sitter import Language

from backwright.kit.syntax.grammar import Grammar, ReadExpression, ReadStatement
from backwright.kit.syntax.kinds import Kinds


@dataclass(frozen=True)
class Tables:
    """What to do at each node type of a language. Two parsers of one language number its types differently."""

    grammar: Grammar
    names: Mapping[int, str]
    readers: Mapping[int, ReadExpression]
    handlers: Mapping[int, ReadStatement]
    skipped: frozenset[int]
    marks: frozenset[str]  # the last parts of the dotted names that tests and the environment are known by


@cache
def tables(walk: Any, grammar: Grammar, language: Language) -> Tables:
    """The tables of `grammar` for nodes of `language`; `walk` is the class that reads what they do not name."""
    kinds = Kinds(language)
    asides = dict.fromkeys((*grammar.statements, *grammar.blocks), walk.statements)
    opaque = dict.fromkeys(grammar.opaque, walk.leaf)
    silent = dict.fromkeys((*grammar.skipped, *grammar.opaque), walk.nothing)
    blocks = dict.fromkeys((*grammar.blocks, "ERROR"), walk.block)
    environment = grammar.environment
    marked = (*grammar.tests.calls, *environment.calls, *environment.objects, *environment.methods)
    return Tables(
        grammar,
        kinds.names,
        kinds.table({**opaque, **asides, **grammar.expressions}, walk.other),
        kinds.table({**silent, **blocks, **grammar.statements}, walk.expression),
        kinds.numbers(*grammar.skipped),
        frozenset(name.rpartition(".")[2] for name in marked),
    )
