"""The node types of Go."""

from __future__ import annotations

from backwright.kit.syntax import expressions as e
from backwright.kit.syntax import statements as s
from backwright.kit.syntax.grammar import Environment, Grammar, TestMarks
from backwright.languages.go import definitions as d

_EXPRESSIONS = {
    "identifier": e.name,
    "field_identifier": e.name,
    "type_identifier": e.name,
    "package_identifier": e.name,
    "blank_identifier": e.name,
    "int_literal": e.constant,
    "float_literal": e.constant,
    "imaginary_literal": e.constant,
    "rune_literal": e.constant,
    "true": e.constant,
    "false": e.constant,
    "nil": e.constant,
    "iota": e.constant,
    "parenthesized_expression": e.through,
    "type_assertion_expression": e.through_field("operand"),
    "type_conversion_expression": e.through_field("operand"),
    "pointer_type": e.through,
    "selector_expression": e.attribute("operand", "field"),
    "qualified_type": e.attribute("package", "name"),
    "index_expression": e.of_kind("subscript"),
    "slice_expression": e.of_kind("subscript"),
    "call_expression": e.call("function"),
    "interpreted_string_literal": e.string(("interpreted_string_literal_content", "escape_sequence")),
    "raw_string_literal": e.string(("raw_string_literal_content",)),
    "binary_expression": e.binary(),
    "unary_expression": d.unary,
    "composite_literal": d.composite,
    "literal_value": d.literal_value,
    "literal_element": e.through,
    "expression_list": e.of_kind("sequence", "("),
    "func_literal": e.function,
}

_STATEMENTS = {
    "import_declaration": d.imported,
    "type_declaration": d.types,
    "function_declaration": d.function,
    "method_declaration": d.function,
    "var_spec": d.variables,
    "const_spec": d.variables,
    "short_var_declaration": s.assignments(),
    "assignment_statement": s.assignments(),
    "return_statement": s.returned,
    "for_statement": d.loop,
    "if_statement": s.branch(),
    "expression_switch_statement": s.arms,
    "type_switch_statement": s.arms,
    "select_statement": s.arms,
}

GRAMMAR = Grammar(
    name="go",
    expressions=_EXPRESSIONS,
    statements=_STATEMENTS,
    blocks=frozenset(
        {
            "source_file",
            "block",
            "statement_list",
            "expression_statement",
            "go_statement",
            "defer_statement",
            "labeled_statement",
            "var_declaration",
            "const_declaration",
            "var_spec_list",
            "expression_case",
            "type_case",
            "communication_case",
            "default_case",
            "receive_statement",
        }
    ),
    skipped=frozenset(
        {"comment", "package_clause", "break_statement", "continue_statement", "empty_statement", "label_name"}
    ),
    opaque=frozenset({"type_arguments", "type_parameter_list", "parameter_list", "struct_type", "interface_type"}),
    environment=Environment(
        calls={"os.Getenv": 0, "os.LookupEnv": 0, "syscall.Getenv": 0},
        methods=frozenset(
            {"Get", "GetString", "GetInt", "GetInt64", "GetBool", "GetFloat64", "GetDuration", "GetStringSlice"}
        ),
        holders=("viper",),
    ),
    tests=TestMarks(prefix="Test", calls=frozenset({"t.Run", "Describe", "It"})),
    params=d.params,
)
