"""Namespaces, imports, classes and functions."""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Symbol
from backwright.kit.syntax.declaring import class_symbol
from backwright.kit.syntax.statements import looped
from backwright.kit.syntax.walking import Walk


def package(walk: Walk, root: Node) -> str:
    """The first namespace of a file."""
    declared = next((c for c in root.named_children if c.type == "namespace_definition"), None)
    return walk.field(declared, "name") if declared is not None else ""


def namespace(walk: Walk, node: Node) -> None:
    """`namespace A { … }`."""
    body = node.child_by_field_name("body")
    if body is not None:
        walk.block(body)


def imported(walk: Walk, node: Node) -> None:
    r"""`use A\B;`, `use A\{B, C as D};`, `use function A\f;`."""
    prefix = next((walk.text(c) for c in node.named_children if c.type == "namespace_name"), "")
    stack = list(node.named_children)
    while stack:
        child = stack.pop(0)
        if child.type == "namespace_use_group":
            stack = child.named_children + stack
        elif child.type in {"namespace_use_clause", "namespace_use_group_clause"}:
            named = next(
                (c for c in child.named_children if c.type in {"qualified_name", "name", "namespace_name"}), None
            )
            if named is None:
                continue
            whole = "\\".join(part for part in (prefix, walk.text(named)) if part).strip("\\")
            module, _, name = whole.rpartition("\\")
            alias = walk.field(child, "alias") or name
            walk.add_import(node, module or name, name if module else "", alias)


def required(walk: Walk, node: Node) -> None:
    """`require __DIR__ . '/x.php'`: an import of a file beside this one."""
    value = walk.expression(node.named_child(0) if node.named_child_count else None)
    text = ""
    if value is not None and value.kind == "string":
        text = value.text
    elif value is not None and value.kind == "concatenation" and value.parts[1].kind == "string":
        text = value.parts[1].text.lstrip("/")
    if text:
        walk.add_import(node, f"./{text}", "*", "*", 1)


def decorators(walk: Walk, node: Node) -> tuple[Expr, ...]:
    """The attributes of a declaration."""
    listed = node.child_by_field_name("attributes")
    groups = listed.named_children if listed is not None else ()
    return tuple(walk.read(a) for g in groups for a in g.named_children if a.type == "attribute")


def modifiers(walk: Walk, node: Node) -> tuple[str, ...]:
    """`public`, `static`, `abstract` …"""
    return tuple(walk.text(c) for c in node.children if c.type.endswith("_modifier"))


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a function."""
    listed = node.child_by_field_name("parameters")
    found = []
    for child in listed.named_children if listed is not None else ():
        if child.type not in {"simple_parameter", "variadic_parameter", "property_promotion_parameter"}:
            continue
        value = child.child_by_field_name("default_value")
        found.append(
            Param(
                name=walk.field(child, "name").lstrip("$"),
                annotation=walk.field(child, "type"),
                default=walk.text(value) if value is not None else "",
                kind="var_positional" if child.type == "variadic_parameter" else "positional",
                loc=walk.loc(child),
                default_expr=walk.read(value) if value is not None else None,
                decorators=decorators(walk, child),
            )
        )
    return tuple(found)


def class_(walk: Walk, node: Node) -> None:
    """A class, interface, trait or enumeration; traits that it uses are bases."""
    body = node.child_by_field_name("body")
    bases: list[Expr] = []
    fields: list[Field] = []
    for child in node.named_children:
        if child.type in {"base_clause", "class_interface_clause"}:
            bases += [walk.read(c) for c in child.named_children]
    for child in body.named_children if body is not None else ():
        if child.type == "use_declaration":
            bases += [walk.read(c) for c in child.named_children if c.type in {"name", "qualified_name"}]
        fields += _fields(walk, child)
    kind = node.type.partition("_")[0]
    symbol = class_symbol(
        walk,
        node,
        body,
        bases,
        fields,
        decorators=decorators(walk, node),
        doc=_doc(walk, node),
        modifiers=(*modifiers(walk, node), *((kind,) if kind != "class" else ())),
    )
    walk.define(symbol, body)


def _doc(walk: Walk, node: Node) -> str:
    """The comment in front: annotations used to stand there."""
    before = node.prev_named_sibling
    text = walk.text(before) if before is not None and before.type == "comment" else ""
    return text if text.startswith("/**") else ""


def _fields(walk: Walk, node: Node) -> list[Field]:
    if node.type == "method_declaration" and walk.field(node, "name") == "__construct":
        listed = node.child_by_field_name("parameters")
        kept = [c for c in (listed.named_children if listed else ()) if c.type == "property_promotion_parameter"]
        return [
            Field(
                walk.field(c, "name").lstrip("$"),
                walk.field(c, "type"),
                "",
                walk.loc(c),
                decorators=decorators(walk, c),
            )
            for c in kept
        ]
    if node.type == "enum_case":
        return [Field(walk.field(node, "name"), "", walk.field(node, "value"), walk.loc(node))]
    if node.type != "property_declaration":
        return []
    found = []
    for element in node.named_children:
        if element.type != "property_element":
            continue
        value = element.child_by_field_name("default_value")
        found.append(
            Field(
                name=walk.field(element, "name").lstrip("$"),
                annotation=walk.field(node, "type"),
                value=walk.text(value) if value is not None else "",
                loc=walk.loc(node),
                value_expr=walk.read(value) if value is not None else None,
                decorators=decorators(walk, node),
            )
        )
    return found


def function(walk: Walk, node: Node) -> None:
    """A function or method."""
    body = node.child_by_field_name("body")
    kind: Literal["method", "function"] = "method" if walk.at.in_class else "function"
    symbol = Symbol(
        kind=kind,
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        decorators=decorators(walk, node),
        params=params(walk, node),
        returns=walk.field(node, "return_type"),
        body=walk.loc(body) if body is not None else None,
        doc=_doc(walk, node),
        modifiers=modifiers(walk, node),
    )
    walk.define(symbol, body)


def property_(walk: Walk, node: Node) -> None:
    """Properties of a class: their values."""
    for mark in decorators(walk, node):
        walk.emit(mark)
    for element in node.named_children:
        name, value = element.child_by_field_name("name"), element.child_by_field_name("default_value")
        if name is not None and value is not None:
            walk.assign(walk.read(name), walk.read(value), walk.loc(node))


def constant(walk: Walk, node: Node) -> None:
    """`const NAME = value`."""
    if node.named_child_count == 2:
        name, value = node.named_children
        walk.assign(walk.read(name), walk.read(value), walk.loc(node))


def foreach(walk: Walk, node: Node) -> None:
    """`foreach ($xs as $k => $x)`."""
    body = node.child_by_field_name("body")
    found = [c for c in node.named_children if c != body and c.type != "comment"]
    if len(found) < 2:
        walk.block(node)
        return
    target = found[1].named_children[-1] if found[1].type == "pair" and found[1].named_child_count else found[1]
    looped(walk, node, target, found[0], body)
