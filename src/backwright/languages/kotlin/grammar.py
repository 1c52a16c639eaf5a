"""The node types of Kotlin."""

from __future__ import annotations

from backwright.kit.syntax import expressions as e
from backwright.kit.syntax import statements as s
from backwright.kit.syntax.grammar import Environment, Grammar, TestMarks
from backwright.languages.kotlin import definitions as d
from backwright.languages.kotlin import flow as f

_EXPRESSIONS = {
    "identifier": e.name,
    "this_expression": e.name,
    "super_expression": e.name,
    "number_literal": e.constant,
    "boolean_literal": e.constant,
    "character_literal": e.constant,
    "null": e.constant,
    "parenthesized_expression": e.through,
    "as_expression": e.through,
    "labeled_expression": e.through,
    "user_type": e.path,
    "nullable_type": e.through,
    "qualified_identifier": e.path,
    "variable_declaration": e.through,
    "value_argument": e.through,
    "navigation_expression": d.navigation,
    "index_expression": e.of_kind("subscript"),
    "call_expression": d.call,
    "constructor_invocation": d.call,
    "callable_reference": e.through,
    "string_literal": d.template,
    "multiline_string_literal": d.template,
    "binary_expression": e.binary(),
    "unary_expression": d.unary,
    "collection_literal": e.of_kind("sequence", "["),
    "lambda_literal": d.block,
    "annotated_lambda": e.through,
    "anonymous_function": e.function,
}

_STATEMENTS = {
    "import": d.imported,
    "class_declaration": d.class_,
    "object_declaration": d.class_,
    "companion_object": d.companion,
    "function_declaration": d.function,
    "property_declaration": d.variable,
    "assignment": s.assignment(),
    "return_expression": s.returned,
    "throw_expression": s.thrown,
    "for_statement": f.loop,
    "while_statement": s.while_loop(),
    "do_while_statement": s.while_loop(),
    "if_expression": f.condition,
    "when_expression": f.when,
    "try_expression": s.attempt("catch_block", frozenset({"user_type"})),
}

GRAMMAR = Grammar(
    name="kotlin",
    expressions=_EXPRESSIONS,
    statements=_STATEMENTS,
    blocks=frozenset(
        {
            "source_file",
            "block",
            "class_body",
            "enum_class_body",
            "function_body",
            "finally_block",
            "getter",
            "setter",
            "anonymous_initializer",
            "when_entry",
            "control_structure_body",
            "lambda_literal",
        }
    ),
    skipped=frozenset({"line_comment", "block_comment", "package_header", "file_annotation", "modifiers", "shebang"}),
    opaque=frozenset({"type_arguments", "type_parameters", "lambda_parameters", "secondary_constructor", "type_alias"}),
    iterators=frozenset({"map", "forEach", "filter", "flatMap", "mapNotNull", "any", "all", "associate", "onEach"}),
    environment=Environment(
        calls={
            "System.getenv": 0,
            "System.getProperty": 0,
            "environment.config.property": 0,
            "environment.config.propertyOrNull": 0,
        },
        defaults=frozenset({"?:"}),
    ),
    tests=TestMarks(decorators=frozenset({"Test", "ParameterizedTest"})),
    params=d.params,
    decorators=d.decorators,
    module=d.package,
    closures=False,
)
