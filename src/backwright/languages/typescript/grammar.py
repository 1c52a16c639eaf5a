"""The node types of TypeScript (JavaScript's are among them)."""

from __future__ import annotations

from backwright.kit.syntax import expressions as e
from backwright.kit.syntax import statements as s
from backwright.kit.syntax.grammar import Environment, Grammar, TestMarks
from backwright.languages.typescript import definitions as d
from backwright.languages.typescript import modules as m

_EXPRESSIONS = {
    "identifier": e.name,
    "property_identifier": e.name,
    "private_property_identifier": e.name,
    "shorthand_property_identifier": e.name,
    "shorthand_property_identifier_pattern": e.name,
    "type_identifier": e.name,
    "this": e.name,
    "super": e.name,
    "import": e.name,
    "meta_property": e.name,
    "number": e.constant,
    "true": e.constant,
    "false": e.constant,
    "null": e.constant,
    "undefined": e.constant,
    "regex": e.constant,
    "parenthesized_expression": e.through,
    "non_null_expression": e.through,
    "as_expression": e.through,
    "satisfies_expression": e.through,
    "type_assertion": e.through,
    "instantiation_expression": e.through,
    "member_expression": e.attribute("object", "property", dotted=True),
    "subscript_expression": e.of_kind("subscript"),
    "call_expression": e.call("function"),
    "new_expression": e.new("constructor"),
    "await_expression": e.of_kind("await"),
    "string": e.string(("string_fragment", "escape_sequence")),
    "template_string": e.string(("string_fragment", "escape_sequence"), ("template_substitution",)),
    "binary_expression": e.binary(),
    "unary_expression": e.unary,
    "update_expression": e.unary,
    "ternary_expression": e.conditional,
    "array": e.of_kind("sequence", "["),
    "array_pattern": e.of_kind("sequence", "["),
    "object": e.mapping,
    "object_pattern": e.mapping,
    "arrow_function": e.function,
    "function_expression": e.function,
    "function": e.function,
    "generator_function": e.function,
}

_STATEMENTS = {
    "import_statement": m.imported,
    "export_statement": m.exported,
    "class_declaration": d.class_,
    "abstract_class_declaration": d.class_,
    "class": d.class_,
    "interface_declaration": d.interface,
    "enum_declaration": d.enum,
    "type_alias_declaration": d.type_alias,
    "function_declaration": d.function,
    "generator_function_declaration": d.function,
    "method_definition": d.method,
    "public_field_definition": d.field,
    "lexical_declaration": d.variables,
    "variable_declaration": d.variables,
    "assignment_expression": d.assigned,
    "augmented_assignment_expression": s.assignment(arithmetic=True),
    "update_expression": s.counted,
    "unary_expression": d.deleted,
    "return_statement": s.returned,
    "yield_expression": s.yielded,
    "throw_statement": s.thrown,
    "for_in_statement": s.for_each("left", "right"),
    "for_statement": s.while_loop(),
    "while_statement": s.while_loop(),
    "do_statement": s.while_loop(),
    "if_statement": s.branch(),
    "switch_statement": s.arms,
    "try_statement": s.attempt("catch_clause", frozenset({"type_annotation"})),
}

GRAMMAR = Grammar(
    name="typescript",
    expressions=_EXPRESSIONS,
    statements=_STATEMENTS,
    blocks=frozenset(
        {
            "program",
            "statement_block",
            "expression_statement",
            "class_body",
            "else_clause",
            "finally_clause",
            "switch_body",
            "switch_case",
            "switch_default",
            "labeled_statement",
            "internal_module",
            "module",
            "ambient_declaration",
            "class_static_block",
            "sequence_expression",
        }
    ),
    skipped=frozenset({"comment", "hash_bang_line", "empty_statement", "break_statement", "continue_statement"}),
    opaque=frozenset(
        {
            "jsx_element",
            "jsx_self_closing_element",
            "jsx_fragment",
            "type_annotation",
            "type_arguments",
            "decorator",
            "function_signature",
            "method_signature",
            "abstract_method_signature",
            "statement_identifier",
        }
    ),
    iterators=frozenset(
        {"map", "forEach", "filter", "reduce", "flatMap", "some", "every", "find", "findIndex", "sort"}
    ),
    environment=Environment(
        objects=frozenset({"process.env", "Bun.env", "import.meta.env", "env"}),
        calls={"Deno.env.get": 0},
        methods=frozenset({"get", "getOrThrow"}),
        holders=("configservice", ".config"),
    ),
    tests=TestMarks(calls=frozenset({"it", "test", "describe", "it.each", "test.each", "Deno.test", "t.test"})),
    params=d.params,
    decorators=d.decorators,
)
