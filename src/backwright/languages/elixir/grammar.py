"""The node types of Elixir, where nearly everything is a call."""

from __future__ import annotations

from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.grammar import Environment, Grammar, TestMarks
from backwright.languages.elixir import calls as c
from backwright.languages.elixir import definitions as d

_EXPRESSIONS = {
    "identifier": e.name,
    "alias": e.name,
    "integer": e.constant,
    "float": e.constant,
    "boolean": e.constant,
    "nil": e.constant,
    "char": e.constant,
    "atom": c.atom,
    "quoted_atom": c.atom,
    "dot": e.attribute("left", "right"),
    "call": c.call,
    "access_call": e.of_kind("subscript"),
    "string": e.string(("quoted_content", "escape_sequence"), ("interpolation",)),
    "charlist": e.string(("quoted_content", "escape_sequence"), ("interpolation",)),
    "sigil": e.string(("quoted_content", "escape_sequence"), ("interpolation",)),
    "binary_operator": c.operator,
    "unary_operator": e.unary,
    "list": c.listed,
    "keywords": e.mapping,
    "tuple": e.of_kind("sequence", "("),
    "map": c.mapping,
    "anonymous_function": e.function,
    "do_block": e.function,
}

_STATEMENTS = {
    "call": d.called,
    "binary_operator": d.matched,
    "unary_operator": d.module_attribute,
    "stab_clause": d.clause,
    "rescue_block": d.rescued,
}

GRAMMAR = Grammar(
    name="elixir",
    expressions=_EXPRESSIONS,
    statements=_STATEMENTS,
    blocks=frozenset({"source", "body", "block", "else_block", "after_block", "catch_block"}),
    opaque=frozenset({"operator_identifier"}),
    iterators=frozenset({"each", "map", "flat_map", "filter", "reduce", "reject", "map_reduce"}),
    environment=Environment(
        calls={
            "System.get_env": 0,
            "System.fetch_env!": 0,
            "System.fetch_env": 0,
            "Application.get_env": 1,
            "Application.fetch_env!": 1,
            "Application.compile_env": 1,
            "Application.compile_env!": 1,
        },
        defaults=frozenset({"||"}),
    ),
    tests=TestMarks(calls=frozenset({"test", "describe", "property"})),
    closures=False,
    params=d.params,
)
