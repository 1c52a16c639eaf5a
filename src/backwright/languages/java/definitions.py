"""Packages, imports, classes and methods."""

from __future__ import annotations

import re

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Setting, Symbol
from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.declaring import class_symbol
from backwright.kit.syntax.source import first_child
from backwright.kit.syntax.walking import Walk

_PLACEHOLDER = re.compile(r"\$\{([^:}]+)(?::([^}]*))?\}")


def package(walk: Walk, root: Node) -> str:
    """The package that a file declares."""
    declared = next((c for c in root.named_children if c.type == "package_declaration"), None)
    named = [c for c in declared.named_children if c.type.endswith("identifier")] if declared is not None else []
    return walk.text(named[0]) if named else ""


def imported(walk: Walk, node: Node) -> None:
    """`import a.b.C;`, `import static a.b.C.d;`, `import a.b.*;`."""
    named = first_child(node)
    if named is None:
        return
    dotted = walk.text(named)
    if any(c.type == "asterisk" for c in node.named_children):
        walk.add_import(node, dotted, "*", "*")
    else:
        module, _, name = dotted.rpartition(".")
        walk.add_import(node, module, name, name)


def annotation(walk: Walk, node: Node, depth: int) -> Expr:
    """`@GetMapping("/x")` as a call, `@Test` as a name."""
    named, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
    if named is None:
        return walk.other(node, depth)
    callee = walk.read(named, depth + 1)
    if arguments is None:
        return callee
    parts, keys = [callee], [""]
    e.add_arguments(walk, arguments, depth, parts, keys)
    return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))


def _modifiers(node: Node) -> Node | None:
    return next((c for c in node.children if c.type == "modifiers"), None)


def decorators(walk: Walk, node: Node) -> tuple[Expr, ...]:
    """The annotations of a declaration."""
    listed = _modifiers(node)
    found = listed.named_children if listed is not None else ()
    return tuple(annotation(walk, c, 0) for c in found if c.type in {"annotation", "marker_annotation"})


def modifiers(walk: Walk, node: Node) -> tuple[str, ...]:
    """`public`, `static`, `abstract` …"""
    listed = _modifiers(node)
    return tuple(c.type for c in listed.children if not c.is_named) if listed is not None else ()


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a method or lambda."""
    listed = node.child_by_field_name("parameters")
    if listed is not None and listed.type == "identifier":
        return (Param(walk.text(listed), "", "", "positional", walk.loc(listed)),)
    found = []
    for child in listed.named_children if listed is not None else ():
        if child.type == "formal_parameter":
            name, kind = walk.field(child, "name"), walk.field(child, "type")
            found.append(Param(name, kind, "", "positional", walk.loc(child), decorators=decorators(walk, child)))
        elif child.type == "spread_parameter":
            named = next((c for c in child.named_children if c.type == "variable_declarator"), None)
            name = walk.field(named, "name") if named is not None else ""
            found.append(Param(name, "", "", "var_positional", walk.loc(child)))
        elif child.type == "identifier":
            found.append(Param(walk.text(child), "", "", "positional", walk.loc(child)))
    return tuple(found)


def class_(walk: Walk, node: Node) -> None:
    """A class, record, interface or enumeration."""
    body = node.child_by_field_name("body")
    bases = [b for c in node.named_children for b in _bases(walk, c)]
    kind = node.type.partition("_")[0]
    fields = [Field(p.name, p.annotation, "", p.loc, decorators=p.decorators) for p in params(walk, node)]
    for child in body.named_children if body is not None else ():
        if child.type in {"field_declaration", "constant_declaration"}:
            fields += _fields(walk, child)
        elif child.type == "enum_constant":
            fields.append(Field(walk.field(child, "name"), "", walk.text(child), walk.loc(child)))
    symbol = class_symbol(
        walk,
        node,
        body,
        bases,
        fields,
        decorators=decorators(walk, node),
        modifiers=(*modifiers(walk, node), *((kind,) if kind != "class" else ())),
    )
    walk.define(symbol, body)


def _bases(walk: Walk, node: Node) -> list[Expr]:
    """What a class extends or implements; type arguments are kept as a subscript."""
    if node.type not in {"superclass", "super_interfaces", "extends_interfaces", "type_list"}:
        return []
    found: list[Expr] = []
    for child in node.named_children:
        if child.type == "type_list":
            found += _bases(walk, child)
        elif child.type == "generic_type" and child.named_child_count > 1:
            given = tuple(walk.read(c) for c in child.named_children[1].named_children)
            found.append(Expr("subscript", "", walk.loc(child), (walk.read(child.named_children[0]), *given)))
        else:
            found.append(walk.read(child))
    return found


def _fields(walk: Walk, node: Node) -> list[Field]:
    found = []
    marks = decorators(walk, node)
    for declared in node.children_by_field_name("declarator"):
        value = declared.child_by_field_name("value")
        found.append(
            Field(
                name=walk.field(declared, "name"),
                annotation=walk.field(node, "type"),
                value=walk.text(value) if value is not None else "",
                loc=walk.loc(node),
                value_expr=walk.read(value) if value is not None else None,
                decorators=marks,
            )
        )
    return found


def method(walk: Walk, node: Node) -> None:
    """A method or constructor."""
    body = node.child_by_field_name("body")
    symbol = Symbol(
        kind="method",
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        decorators=decorators(walk, node),
        params=params(walk, node),
        returns=walk.field(node, "type"),
        body=walk.loc(body) if body is not None else None,
        modifiers=modifiers(walk, node),
    )
    walk.define(symbol, body)
    for param in symbol.params:
        for mark in param.decorators:
            _setting(walk, mark)


def variables(walk: Walk, node: Node) -> None:
    """Variables and fields with a value; `@Value("${name}")` reads a setting."""
    for mark in decorators(walk, node):
        walk.emit(mark)
        _setting(walk, mark)
    for declared in node.children_by_field_name("declarator"):
        name, value = declared.child_by_field_name("name"), declared.child_by_field_name("value")
        if name is not None and value is not None:
            walk.assign(walk.read(name), walk.read(value), walk.loc(node), annotation=walk.field(node, "type"))


def _setting(walk: Walk, mark: Expr) -> None:
    if mark.kind == "call" and mark.parts[0].text in {"Value", "ConfigProperty", "Property"} and len(mark.parts) > 1:
        given = mark.keyword("name") or mark.keyword("value") or mark.parts[1]
        found = _PLACEHOLDER.search(given.text)
        if found is not None:
            walk.facts.append(Setting(found[1], mark.loc, found[2] or "", required=found[2] is None))
        elif mark.parts[0].text == "ConfigProperty":
            walk.facts.append(Setting(given.text, mark.loc))


def resource(walk: Walk, node: Node) -> None:
    """`try (var x = open())`."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is not None and value is not None:
        walk.assign(walk.read(name), walk.read(value), walk.loc(node), "with")
    else:
        walk.block(node)
