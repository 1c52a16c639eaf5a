"""Imports and exports: ES modules, CommonJS, and what is passed on from another module."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Expr, Symbol
from backwright.kit.syntax.source import first_child
from backwright.kit.syntax.walking import Walk


def is_relative(module: str) -> int:
    """1 for a module named by its place, 0 for one named by its package."""
    return 1 if module.startswith((".", "/")) else 0


def imported(walk: Walk, node: Node) -> None:
    """`import a, { b as c } from "module"`."""
    module = _source(walk, node)
    if not module:
        required = next((c for c in node.named_children if c.type == "import_require_clause"), None)
        if required is not None:
            module = _source(walk, required)
            walk.add_import(node, module, "", walk.text(required.named_children[0]), is_relative(module))
        return
    level, typing = is_relative(module), any(c.type == "type" for c in node.children)
    clause = next((c for c in node.named_children if c.type == "import_clause"), None)
    if clause is None:
        walk.add_import(node, module, "", "", level)
        return
    for part in clause.named_children:
        match part.type:
            case "identifier":
                walk.add_import(node, module, "default", walk.text(part), level, typing_only=typing)
            case "namespace_import":
                alias = walk.text(part.named_children[0]) if part.named_children else ""
                walk.add_import(node, module, "", alias, level, typing_only=typing)
            case "named_imports":
                for item in part.named_children:
                    name = walk.field(item, "name")
                    alone = typing or any(c.type == "type" for c in item.children)
                    alias = walk.field(item, "alias") or name
                    walk.add_import(node, module, name, alias, level, typing_only=alone)


def exported(walk: Walk, node: Node) -> None:
    """`export …`: a declaration, names of this file, or names of another module."""
    module = _source(walk, node)
    if module:
        _passed_on(walk, node, module)
        return
    declaration = node.child_by_field_name("declaration")
    default = any(c.type == "default" for c in node.children)
    if declaration is not None:
        walk.statement(declaration)
        return
    value = node.child_by_field_name("value")
    if value is not None and value.type == "class":
        walk.statement(value)
    elif value is not None:
        walk.assign(Expr("name", "default", walk.loc(node)), walk.read(value), walk.loc(node))
    elif default or any(c.type == "=" for c in node.children):
        for child in node.named_children:
            walk.assign(Expr("name", "default", walk.loc(node)), walk.read(child), walk.loc(node))
    for clause in node.named_children:
        for item in clause.named_children if clause.type == "export_clause" else ():
            name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
            if name is not None and alias is not None and walk.text(alias) == "default":
                loc = walk.loc(item)
                walk.facts.append(Symbol("variable", "default", "", loc, value=walk.read(name)))


def _passed_on(walk: Walk, node: Node, module: str) -> None:
    level = is_relative(module)
    clause = next((c for c in node.named_children if c.type == "export_clause"), None)
    if clause is None:
        space = next((c for c in node.named_children if c.type == "namespace_export"), None)
        if space is None:
            walk.add_import(node, module, "*", "*", level)
        elif space.named_children:
            walk.add_import(node, module, "", walk.text(space.named_children[0]), level)
        return
    for item in clause.named_children:
        name = walk.field(item, "name")
        walk.add_import(node, module, name, walk.field(item, "alias") or name, level)


def required(walk: Walk, node: Node, target: Node, value: Node | None) -> bool:
    """`const { a, b: c } = require("module")`, `await import("module")`: whether it was one."""
    member = ""
    while value is not None and value.type in {"await_expression", "parenthesized_expression", "member_expression"}:
        if value.type == "member_expression":
            member = walk.field(value, "property")
            value = value.child_by_field_name("object")
        else:
            value = first_child(value)
    module = required_module(walk, value)
    if not module:
        return False
    level = is_relative(module)
    if target.type == "identifier":
        walk.add_import(node, module, member, walk.text(target), level)
    elif target.type == "object_pattern":
        for item in target.named_children:
            if item.type == "pair_pattern":
                walk.add_import(node, module, walk.field(item, "key"), walk.field(item, "value"), level)
            else:
                name = walk.text(item).partition("=")[0].strip()
                walk.add_import(node, module, name, name, level)
    else:
        return False
    return True


def required_module(walk: Walk, value: Node | None) -> str:
    """The module that `require("module")` or `import("module")` names, `""` if this is none."""
    if value is None or value.type != "call_expression":
        return ""
    arguments = value.child_by_field_name("arguments")
    if walk.field(value, "function") not in {"require", "import"} or arguments is None:
        return ""
    first = arguments.named_child(0) if arguments.named_child_count else None
    return walk.text(first)[1:-1] if first is not None and first.type == "string" else ""


def _source(walk: Walk, node: Node) -> str:
    return walk.field(node, "source")[1:-1]
