"""The node types of Java."""

from __future__ import annotations

from backwright.kit.syntax import expressions as e
from backwright.kit.syntax import statements as s
from backwright.kit.syntax.grammar import Environment, Grammar, TestMarks
from backwright.languages.java import definitions as d

_NUMBERS = frozenset({"int", "long", "double", "short"})
_EXPRESSIONS = {
    "identifier": e.name,
    "type_identifier": e.name,
    "integral_type": e.name,
    "this": e.name,
    "super": e.name,
    "decimal_integer_literal": e.constant,
    "hex_integer_literal": e.constant,
    "decimal_floating_point_literal": e.constant,
    "character_literal": e.constant,
    "true": e.constant,
    "false": e.constant,
    "null_literal": e.constant,
    "parenthesized_expression": e.through,
    "cast_expression": e.cast(_NUMBERS),
    "generic_type": e.through,
    "annotated_type": e.through,
    "field_access": e.attribute("object", "field"),
    "scoped_identifier": e.attribute("scope", "name"),
    "scoped_type_identifier": e.path,
    "class_literal": e.through,
    "array_access": e.of_kind("subscript"),
    "method_invocation": e.method_call("object", "name"),
    "object_creation_expression": e.new("type"),
    "method_reference": e.path,
    "annotation": d.annotation,
    "marker_annotation": d.annotation,
    "string_literal": e.string(("string_fragment", "multiline_string_fragment", "escape_sequence")),
    "binary_expression": e.binary(),
    "unary_expression": e.unary,
    "update_expression": e.unary,
    "ternary_expression": e.conditional,
    "array_initializer": e.of_kind("sequence", "["),
    "element_value_array_initializer": e.of_kind("sequence", "["),
    "array_creation_expression": e.through_field("value"),
    "lambda_expression": e.function,
}

_STATEMENTS = {
    "import_declaration": d.imported,
    "class_declaration": d.class_,
    "record_declaration": d.class_,
    "interface_declaration": d.class_,
    "enum_declaration": d.class_,
    "annotation_type_declaration": d.class_,
    "method_declaration": d.method,
    "constructor_declaration": d.method,
    "compact_constructor_declaration": d.method,
    "field_declaration": d.variables,
    "constant_declaration": d.variables,
    "local_variable_declaration": d.variables,
    "assignment_expression": s.assignment(),
    "return_statement": s.returned,
    "yield_statement": s.yielded,
    "throw_statement": s.thrown,
    "enhanced_for_statement": s.for_each("name", "value"),
    "for_statement": s.while_loop(),
    "while_statement": s.while_loop(),
    "do_statement": s.while_loop(),
    "if_statement": s.branch(),
    "switch_expression": s.arms,
    "switch_statement": s.arms,
    "try_statement": s.attempt("catch_clause", frozenset({"type_identifier", "scoped_type_identifier"})),
    "try_with_resources_statement": s.attempt("catch_clause", frozenset({"type_identifier", "scoped_type_identifier"})),
    "resource": d.resource,
}

GRAMMAR = Grammar(
    name="java",
    expressions=_EXPRESSIONS,
    statements=_STATEMENTS,
    blocks=frozenset(
        {
            "program",
            "block",
            "constructor_body",
            "class_body",
            "interface_body",
            "enum_body",
            "enum_body_declarations",
            "annotation_type_body",
            "expression_statement",
            "labeled_statement",
            "switch_block",
            "switch_block_statement_group",
            "switch_rule",
            "finally_clause",
            "resource_specification",
            "synchronized_statement",
            "static_initializer",
            "class_declaration_body",
            "enum_constant",
            "explicit_constructor_invocation",
        }
    ),
    skipped=frozenset(
        {
            "line_comment",
            "block_comment",
            "package_declaration",
            "break_statement",
            "continue_statement",
            "switch_label",
        }
    ),
    opaque=frozenset(
        {"type_arguments", "type_parameters", "modifiers", "dimensions", "annotation_type_element_declaration"}
    ),
    iterators=frozenset({"map", "forEach", "filter", "flatMap", "mapToObj", "anyMatch", "allMatch", "reduce"}),
    environment=Environment(
        calls={"System.getenv": 0, "System.getenv().get": 0, "System.getProperty": 0},
        methods=frozenset({"getProperty", "getRequiredProperty"}),
        holders=("env", "environment"),
    ),
    tests=TestMarks(decorators=frozenset({"Test", "ParameterizedTest", "RepeatedTest"})),
    params=d.params,
    decorators=d.decorators,
    module=d.package,
)
