"""The node types of Rust."""

from __future__ import annotations

from backwright.kit.syntax import expressions as e
from backwright.kit.syntax import statements as s
from backwright.kit.syntax.grammar import Environment, Grammar, TestMarks
from backwright.languages.rust import definitions as d
from backwright.languages.rust import macros as m
from backwright.languages.rust import modules as u

_EXPRESSIONS = {
    "identifier": e.name,
    "field_identifier": e.name,
    "type_identifier": e.name,
    "primitive_type": e.name,
    "shorthand_field_identifier": e.name,
    "self": e.name,
    "super": e.name,
    "crate": e.name,
    "integer_literal": e.constant,
    "float_literal": e.constant,
    "boolean_literal": e.constant,
    "char_literal": e.constant,
    "unit_expression": e.constant,
    "parenthesized_expression": e.through,
    "reference_expression": e.through_field("value"),
    "try_expression": e.through,
    "type_cast_expression": e.through_field("value"),
    "match_pattern": e.through,
    "generic_function": e.through_field("function"),
    "generic_type": e.through_field("type"),
    "generic_type_with_turbofish": e.through_field("type"),
    "reference_type": e.through_field("type"),
    "mut_pattern": e.through,
    "field_expression": e.attribute("value", "field"),
    "scoped_identifier": e.attribute("path", "name"),
    "scoped_type_identifier": e.attribute("path", "name"),
    "index_expression": e.of_kind("subscript"),
    "call_expression": e.call("function"),
    "macro_invocation": m.macro,
    "await_expression": e.of_kind("await"),
    "string_literal": e.string(("string_content", "escape_sequence")),
    "raw_string_literal": e.string(("string_content",)),
    "binary_expression": e.binary(),
    "unary_expression": e.unary,
    "array_expression": e.of_kind("sequence", "["),
    "tuple_expression": e.of_kind("sequence", "("),
    "tuple_pattern": e.of_kind("sequence", "("),
    "struct_expression": d.built,
    "closure_expression": e.function,
    "async_block": d.async_block,
    "let_condition": d.let_condition,
}

_STATEMENTS = {
    "use_declaration": u.imported,
    "extern_crate_declaration": u.extern_crate,
    "mod_item": u.module,
    "struct_item": d.struct,
    "enum_item": d.enum,
    "trait_item": d.trait,
    "impl_item": d.implementation,
    "function_item": d.function,
    "function_signature_item": d.function,
    "const_item": d.constant,
    "static_item": d.constant,
    "let_declaration": s.assignment("pattern", "value"),
    "assignment_expression": s.assignment(),
    "compound_assignment_expr": s.assignment(),
    "return_expression": s.returned,
    "for_expression": s.for_each("pattern", "value"),
    "while_expression": s.while_loop(),
    "loop_expression": s.while_loop(),
    "if_expression": s.branch(),
    "match_expression": s.arms,
    "match_arm": d.match_arm,
}

GRAMMAR = Grammar(
    name="rust",
    expressions=_EXPRESSIONS,
    statements=_STATEMENTS,
    blocks=frozenset(
        {
            "source_file",
            "block",
            "expression_statement",
            "declaration_list",
            "else_clause",
            "match_block",
            "unsafe_block",
            "foreign_mod_item",
            "const_block",
            "labeled_expression",
        }
    ),
    skipped=frozenset(
        {"line_comment", "block_comment", "attribute_item", "inner_attribute_item", "empty_statement", "label"}
    ),
    opaque=frozenset({"type_arguments", "type_parameters", "macro_definition", "type_item", "visibility_modifier"}),
    iterators=frozenset({"map", "for_each", "filter", "filter_map", "flat_map", "fold", "any", "all"}),
    environment=Environment(
        calls={
            "std.env.var": 0,
            "env.var": 0,
            "env.var_os": 0,
            "dotenvy.var": 0,
            "dotenv.var": 0,
            "env!": 0,
            "option_env!": 0,
        }
    ),
    tests=TestMarks(decorators=frozenset({"test", "tokio.test", "actix_web.test", "rstest", "sqlx.test"})),
    params=d.params,
    decorators=u.decorators,
)
