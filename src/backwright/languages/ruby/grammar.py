"""The node types of Ruby."""

from __future__ import annotations

from backwright.kit.syntax import expressions as e
from backwright.kit.syntax import statements as s
from backwright.kit.syntax.grammar import Environment, Grammar, TestMarks
from backwright.languages.ruby import definitions as d

_EXPRESSIONS = {
    "identifier": e.name,
    "constant": e.name,
    "instance_variable": e.name,
    "class_variable": e.name,
    "global_variable": e.name,
    "self": e.name,
    "super": e.name,
    "integer": e.constant,
    "float": e.constant,
    "true": e.constant,
    "false": e.constant,
    "nil": e.constant,
    "regex": e.constant,
    "parenthesized_statements": e.through,
    "scope_resolution": e.attribute("scope", "name"),
    "element_reference": e.of_kind("subscript"),
    "call": d.call,
    "string": e.string(("string_content", "escape_sequence"), ("interpolation",)),
    "heredoc_beginning": d.heredoc,
    "heredoc_body": e.string(("heredoc_content", "escape_sequence"), ("interpolation",)),
    "subshell": e.string(("string_content",), ("interpolation",)),
    "simple_symbol": d.symbol,
    "hash_key_symbol": d.symbol,
    "bare_symbol": d.symbol,
    "bare_string": e.string(("string_content",), ("interpolation",)),
    "delimited_symbol": e.string(("string_content",), ("interpolation",)),
    "binary": e.binary(),
    "unary": e.unary,
    "conditional": e.conditional,
    "array": e.of_kind("sequence", "["),
    "string_array": e.of_kind("sequence", "["),
    "symbol_array": e.of_kind("sequence", "["),
    "hash": e.mapping,
    "lambda": e.function,
    "do_block": e.function,
    "block": e.function,
}

_STATEMENTS = {
    "class": d.class_,
    "module": d.class_,
    "singleton_class": d.singleton_class,
    "method": d.method,
    "singleton_method": d.method,
    "assignment": s.assignment(),
    "operator_assignment": s.assignment(),
    "return": d.returned,
    "yield": s.yielded,
    "for": d.loop,
    "while": s.while_loop(),
    "until": s.while_loop(),
    "while_modifier": s.while_loop(),
    "until_modifier": s.while_loop(),
    "if": s.branch(),
    "elsif": s.branch(),
    "unless": s.branch(),
    "if_modifier": s.branch(then="body"),
    "unless_modifier": s.branch(then="body"),
    "case": s.arms,
    "begin": s.attempt("rescue", frozenset({"constant", "scope_resolution"})),
    "body_statement": d.body,
}

GRAMMAR = Grammar(
    name="ruby",
    expressions=_EXPRESSIONS,
    statements=_STATEMENTS,
    blocks=frozenset(
        {
            "program",
            "block_body",
            "then",
            "else",
            "ensure",
            "do",
            "when",
            "in_clause",
            "begin_block",
            "end_block",
            "rescue",
        }
    ),
    skipped=frozenset(
        {"comment", "empty_statement", "redo", "retry", "break", "next", "heredoc_end", "block_parameters"}
    ),
    opaque=frozenset({"alias", "undef", "uninterpreted", "method_parameters", "heredoc_body"}),
    iterators=frozenset(
        {"each", "map", "flat_map", "select", "filter", "reject", "each_with_index", "each_with_object", "times"}
    ),
    environment=Environment(calls={"ENV.fetch": 0}, objects=frozenset({"ENV"}), defaults=frozenset({"||", "or"})),
    tests=TestMarks(
        calls=frozenset({"it", "describe", "context", "test", "RSpec.describe", "specify"}), prefix="test_"
    ),
    params=d.params,
    closures=False,
)
