"""Classes, functions and variables."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Symbol
from backwright.kit.syntax.declaring import class_symbol
from backwright.kit.syntax.walking import Walk
from backwright.languages.typescript.modules import required, required_module

_MODIFIERS = frozenset({"static", "abstract", "readonly", "override", "get", "set", "declare"})
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "function"})
_MEMBERS = frozenset({"public_field_definition", "property_signature"})


def decorators(walk: Walk, node: Node) -> tuple[Expr, ...]:
    """The decorators of a class or member: inside its node, in front of it, or in front of its `export`."""
    if not walk.has_decorators:
        return ()
    found = [c for c in node.children if c.type == "decorator"]
    before = node.prev_named_sibling
    while before is not None and before.type in {"decorator", "comment"}:
        if before.type == "decorator":
            found.insert(0, before)
        before = before.prev_named_sibling
    parent = node.parent
    if parent is not None and parent.type == "export_statement":
        found = [c for c in parent.children if c.type == "decorator"] + [c for c in found if c.parent != parent]
    return tuple(walk.read(c.named_children[0]) for c in found if c.named_child_count)


def annotation(walk: Walk, node: Node, field: str = "type") -> str:
    """The type that a node is annotated with."""
    return walk.field(node, field).lstrip(":").strip()


def modifiers(walk: Walk, node: Node) -> tuple[str, ...]:
    """`export`, `default`, `static`, `private` …"""
    found = [walk.text(c) for c in node.children if c.type in _MODIFIERS or c.type == "accessibility_modifier"]
    parent = node.parent
    if parent is not None and parent.type == "export_statement":
        found += [c.type for c in parent.children if c.type in {"export", "default"}]
    return tuple(found)


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a function."""
    one = node.child_by_field_name("parameter")
    if one is not None:
        return (Param(walk.text(one), "", "", "positional", walk.loc(one)),)
    listed = node.child_by_field_name("parameters")
    return tuple(_param(walk, c) for c in listed.named_children if c.type.endswith("parameter")) if listed else ()


def _param(walk: Walk, node: Node) -> Param:
    pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
    rest = pattern is not None and pattern.type == "rest_pattern"
    return Param(
        name=walk.text(pattern).lstrip(".") if pattern is not None else walk.text(node),
        annotation=annotation(walk, node),
        default=walk.text(value) if value is not None else "",
        kind="var_positional" if rest else "positional",
        loc=walk.loc(node),
        default_expr=walk.read(value) if value is not None else None,
        decorators=decorators(walk, node) if node.child_count > 1 else (),
    )


def class_(walk: Walk, node: Node) -> None:
    """A class: its fields are those of its body and the parameters of its constructor that are kept."""
    body = node.child_by_field_name("body")
    heritage = next((c for c in node.named_children if c.type == "class_heritage"), None)
    bases: list[Expr] = []
    for clause in heritage.named_children if heritage is not None else ():
        named = [clause] if clause.type in {"identifier", "member_expression", "call_expression"} else []
        named += clause.named_children if clause.type in {"extends_clause", "implements_clause"} else []
        bases += [_base(walk, c) for c in named if c.type != "type_arguments"]
    symbol = class_symbol(
        walk,
        node,
        body,
        bases,
        _fields(walk, body),
        name=walk.field(node, "name") or "default",
        decorators=decorators(walk, node),
        modifiers=modifiers(walk, node),
    )
    walk.define(symbol, body)


def _base(walk: Walk, node: Node) -> Expr:
    return walk.read(node.child_by_field_name("name") or node) if node.type == "generic_type" else walk.read(node)


def _fields(walk: Walk, body: Node | None) -> tuple[Field, ...]:
    found = []
    for child in body.named_children if body is not None else ():
        if child.type in _MEMBERS:
            found.append(_field(walk, child))
        elif child.type == "method_definition" and walk.field(child, "name") == "constructor":
            listed = child.child_by_field_name("parameters")
            kept = [c for c in listed.named_children if modifiers(walk, c)] if listed is not None else []
            found += [Field(p.name, p.annotation, p.default, p.loc) for p in (_param(walk, c) for c in kept)]
    return tuple(found)


def _field(walk: Walk, node: Node) -> Field:
    value = node.child_by_field_name("value")
    is_function = value is not None and value.type in _FUNCTIONS
    optional = "?" if any(c.type == "?" for c in node.children) else ""
    return Field(
        name=walk.field(node, "name"),
        annotation=annotation(walk, node) + optional,
        value=walk.text(value) if value is not None and not is_function else "",
        loc=walk.loc(node),
        value_expr=walk.read(value) if value is not None and not is_function else None,
        decorators=decorators(walk, node),
    )


def interface(walk: Walk, node: Node) -> None:
    """An interface: a class that only declares fields."""
    _shape(walk, node, node.child_by_field_name("body"), "interface")


def type_alias(walk: Walk, node: Node) -> None:
    """`type User = {…}`: as an interface."""
    value = node.child_by_field_name("value")
    if value is not None and value.type == "object_type":
        _shape(walk, node, value, "type")


def enum(walk: Walk, node: Node) -> None:
    """An enumeration."""
    body = node.child_by_field_name("body")
    walk.facts.append(
        Symbol(
            kind="class",
            name=walk.field(node, "name"),
            scope=walk.at.scope,
            loc=walk.loc(node),
            fields=tuple(
                Field(walk.field(c, "name") or walk.text(c), "", walk.field(c, "value"), walk.loc(c))
                for c in (body.named_children if body is not None else ())
                if c.type in {"enum_assignment", "property_identifier"}
            ),
            modifiers=(*modifiers(walk, node), "enum"),
        )
    )


def _shape(walk: Walk, node: Node, body: Node | None, kind: str) -> None:
    walk.facts.append(
        Symbol(
            kind="class",
            name=walk.field(node, "name"),
            scope=walk.at.scope,
            loc=walk.loc(node),
            fields=tuple(_field(walk, c) for c in (body.named_children if body else ()) if c.type in _MEMBERS),
            modifiers=(*modifiers(walk, node), kind),
        )
    )


def function(walk: Walk, node: Node) -> None:
    """`function f() {}`."""
    _function(walk, node, walk.field(node, "name") or "default", "function")


def method(walk: Walk, node: Node) -> None:
    """A method of a class."""
    _function(walk, node, walk.field(node, "name"), "method" if walk.at.in_class else "function")


def _function(walk: Walk, node: Node, name: str, kind: str, owner: Node | None = None) -> None:
    body = node.child_by_field_name("body")
    outer = owner or node
    symbol = Symbol(
        kind="method" if kind == "method" else "function",
        name=name,
        scope=walk.at.scope,
        loc=walk.loc(outer),
        decorators=decorators(walk, outer),
        params=params(walk, node),
        returns=annotation(walk, node, "return_type"),
        is_async=any(c.type == "async" for c in node.children),
        body=walk.loc(body) if body is not None else None,
        modifiers=modifiers(walk, outer),
    )
    if body is not None and body.type != "statement_block":
        walk.define(symbol, None)
        saved, walk.at = walk.at, type(walk.at)(symbol.qualname)
        walk.expression(body, "return")
        walk.at = saved
    else:
        walk.define(symbol, body)


def field(walk: Walk, node: Node) -> None:
    """A field of a class: its value's facts; an arrow function is a method."""
    value = node.child_by_field_name("value")
    for decorator in decorators(walk, node):
        walk.emit(decorator)
    if value is not None and value.type in _FUNCTIONS:
        _function(walk, value, walk.field(node, "name"), "method", node)
    else:
        walk.expression(value, walk.field(node, "name"))


def variables(walk: Walk, node: Node) -> None:
    """`const a = …, b = …`."""
    for declarator in node.named_children:
        target, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if declarator.type != "variable_declarator" or target is None:
            continue
        if required(walk, node, target, value):
            continue
        if value is not None and value.type in _FUNCTIONS and target.type == "identifier":
            _function(walk, value, walk.text(target), "function", node)
            continue
        read = walk.read(value) if value is not None else None
        walk.assign(walk.read(target), read, walk.loc(node), annotation=annotation(walk, declarator))


def deleted(walk: Walk, node: Node) -> None:
    """`delete target`; any other operator makes a plain expression."""
    inner = node.child_by_field_name("argument")
    if walk.field(node, "operator") != "delete" or inner is None:
        walk.expression(node)
        return
    target = walk.read(inner)
    walk.assign(target, Expr("constant", "undefined", target.loc), walk.loc(node), "delete")


def assigned(walk: Walk, node: Node) -> None:
    """`target = value`; `module.exports = …` and `exports.name = …` are what others import."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        walk.block(node)
        return
    target = walk.read(left)
    dotted = target.dotted()
    if dotted in {"module.exports", "exports"} and not walk.at.scope:
        module = required_module(walk, right)
        if module:
            walk.add_import(node, module, "*", "*", 1 if module.startswith(".") else 0)
            return
        walk.assign(Expr("name", "default", target.loc), walk.read(right), walk.loc(node))
        return
    owner, _, name = dotted.rpartition(".")
    module = required_module(walk, right) if owner in {"exports", "module.exports"} and not walk.at.scope else ""
    if module:
        walk.add_import(node, module, "", name, 1 if module.startswith(".") else 0)
        return
    if right.type in _FUNCTIONS and owner in {"exports", "module.exports"} and not walk.at.scope:
        _function(walk, right, name, "function", node)
        return
    if right.type == "call_expression" and owner in {"exports", "module.exports"} and not walk.at.scope:
        target = Expr("name", name, target.loc)  # `exports.list = asyncHandler(…)`
    walk.assign(target, walk.read(right), walk.loc(node))
