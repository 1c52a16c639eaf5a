"""The node types of Scala, as far as it takes to see what a project is built with."""

from __future__ import annotations

from backwright.kit.syntax import expressions as e
from backwright.kit.syntax import statements as s
from backwright.kit.syntax.grammar import Environment, Grammar, TestMarks
from backwright.languages.scala import definitions as d

_EXPRESSIONS = {
    "identifier": e.name,
    "type_identifier": e.name,
    "operator_identifier": e.name,
    "integer_literal": e.constant,
    "floating_point_literal": e.constant,
    "boolean_literal": e.constant,
    "null_literal": e.constant,
    "parenthesized_expression": e.through,
    "generic_type": e.through,
    "stable_identifier": e.path,
    "stable_type_identifier": e.path,
    "field_expression": e.attribute("value", "field"),
    "call_expression": e.call("function"),
    "instance_expression": e.new("type"),
    "annotation": d.annotation,
    "string": e.string(()),
    "interpolated_string_expression": d.interpolated,
    "infix_expression": e.binary(),
    "tuple_expression": e.of_kind("sequence", "("),
    "lambda_expression": e.function,
}

_STATEMENTS = {
    "import_declaration": d.imported,
    "class_definition": d.class_,
    "object_definition": d.class_,
    "trait_definition": d.class_,
    "function_definition": d.function,
    "function_declaration": d.function,
    "val_definition": s.assignment("pattern", "value"),
    "var_definition": s.assignment("pattern", "value"),
    "assignment_expression": s.assignment(),
    "return_expression": s.returned,
    "throw_expression": s.thrown,
    "while_expression": s.while_loop(),
    "if_expression": s.branch(),
    "for_expression": d.loop,
    "match_expression": s.arms,
}

GRAMMAR = Grammar(
    name="scala",
    expressions=_EXPRESSIONS,
    statements=_STATEMENTS,
    blocks=frozenset(
        {
            "compilation_unit",
            "template_body",
            "block",
            "case_block",
            "case_clause",
            "indented_block",
            "catch_clause",
            "try_expression",
            "finally_clause",
            "package_object",
            "enumerators",
            "with_template_body",
            "indented_cases",
        }
    ),
    skipped=frozenset({"comment", "block_comment", "package_clause", "modifiers"}),
    opaque=frozenset({"type_parameters", "type_arguments", "parameters", "class_parameters", "extends_clause"}),
    iterators=frozenset({"map", "foreach", "filter", "flatMap"}),
    environment=Environment(calls={"sys.env.get": 0, "sys.env": 0, "System.getenv": 0}),
    tests=TestMarks(calls=frozenset({"test", "describe", "it"}), decorators=frozenset({"Test"})),
    params=d.params,
    decorators=d.decorators,
    module=d.package,
    closures=False,
)
