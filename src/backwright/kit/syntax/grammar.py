"""What a language tells the walk: which of its node types mean what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tree_sitter import Node

from backwright.core.facts import Expr, Param

# The first argument is the `Walk`, which knows its grammar: here it has no name, so that neither needs the other.
ReadExpression = Callable[[Any, Node, int], Expr]
ReadStatement = Callable[[Any, Node], None]

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Environment:
    """How a language reads its environment.

    `calls` maps a callee to the number of the argument that names the variable (the next one is the default);
    `objects` are what holds variables as attributes or under keys: `process.env`. `methods` are called on whatever has a
    name that ends as one of `holders` (in small letters), which may also hold variables under keys: `_configuration["Url"]`.
    """

    calls: Mapping[str, int] = field(default_factory=dict)
    objects: frozenset[str] = NOTHING
    methods: frozenset[str] = NOTHING
    holders: tuple[str, ...] = ()
    defaults: frozenset[str] = frozenset({"||", "??"})  # operators that give a default: `process.env.PORT ?? 3000`


@dataclass(frozen=True)
class TestMarks:
    """How tests look: calls that hold one (`it`), decorators (`Test`), and names of functions (a prefix) that are one."""

    calls: frozenset[str] = NOTHING
    decorators: frozenset[str] = NOTHING
    prefix: str = ""


@dataclass(frozen=True, eq=False)  # there is one of a language: it is known by itself
class Grammar:
    """The tables of one language. What is in no table is an expression of kind `other` with its children.

    `expressions` read a node into an `Expr`, `statements` add facts. A statement met inside of an expression (`val x = if …`)
    is walked in its place.
    """

    name: str
    expressions: Mapping[str, ReadExpression]
    statements: Mapping[str, ReadStatement]
    blocks: frozenset[str]  # whose children are statements
    skipped: frozenset[str] = frozenset({"comment"})
    opaque: frozenset[str] = NOTHING  # not looked into
    iterators: frozenset[str] = NOTHING  # methods that run a function once per element
    environment: Environment = Environment()
    tests: TestMarks = TestMarks()
    params: Callable[[Any, Node], tuple[Param, ...]] = lambda walk, node: ()
    decorators: Callable[[Any, Node], tuple[Expr, ...]] = lambda walk, node: ()
    module: Callable[[Any, Node], str] = lambda walk, root: ""  # the package that a file says it is in
    closures: bool = True  # whether a block of code that is passed on has variables of its own
