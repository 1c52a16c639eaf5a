"""Namespaces, usings, classes and methods."""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Symbol
from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.source import first_child
from backwright.kit.syntax.walking import Walk

_NAMESPACES = frozenset({"file_scoped_namespace_declaration", "namespace_declaration"})


def package(walk: Walk, root: Node) -> str:
    """The first namespace that a file declares."""
    declared = next((c for c in root.named_children if c.type in _NAMESPACES), None)
    return walk.field(declared, "name") if declared is not None else ""


def namespace(walk: Walk, node: Node) -> None:
    """`namespace A { … }`: what is in it keeps its own name."""
    body = node.child_by_field_name("body")
    if body is not None:
        walk.block(body)


def imported(walk: Walk, node: Node) -> None:
    """`using A.B;`, `using X = A.B;`, `using static A.B;`."""
    alias = walk.field(node, "name")
    named = [c for c in node.named_children if c.type in {"identifier", "qualified_name", "generic_name"}]
    if not named:
        return
    dotted = walk.text(named[-1])
    if alias and len(named) > 1:
        module, _, name = dotted.rpartition(".")
        walk.add_import(node, module, name, alias)
    else:
        walk.add_import(node, dotted, "*", "*")


def attribute(walk: Walk, node: Node, depth: int) -> Expr:
    """`[HttpGet("x")]` as a call, `[ApiController]` as a name."""
    named = node.child_by_field_name("name")
    listed = next((c for c in node.named_children if c.type == "attribute_argument_list"), None)
    if named is None:
        return walk.other(node, depth)
    callee = walk.read(named, depth + 1)
    if listed is None:
        return callee
    parts, keys = [callee], [""]
    e.add_arguments(walk, listed, depth, parts, keys)
    return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))


def decorators(walk: Walk, node: Node) -> tuple[Expr, ...]:
    """The attributes of a declaration."""
    lists = [c for c in node.children if c.type == "attribute_list"]
    return tuple(attribute(walk, a, 0) for c in lists for a in c.named_children if a.type == "attribute")


def modifiers(walk: Walk, node: Node) -> tuple[str, ...]:
    """`public`, `static`, `async` …"""
    return tuple(walk.text(c) for c in node.children if c.type == "modifier")


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a method, record or lambda."""
    listed = node.child_by_field_name("parameters")
    if listed is None:
        listed = next((c for c in node.named_children if c.type == "parameter_list"), None)
    if listed is None:
        return ()
    if listed.type in {"implicit_parameter", "identifier"}:
        return (Param(walk.text(listed), "", "", "positional", walk.loc(listed)),)
    return tuple(_param(walk, c) for c in listed.named_children if c.type in {"parameter", "implicit_parameter"})


def _param(walk: Walk, node: Node) -> Param:
    name = walk.field(node, "name") or walk.text(node)
    last = node.named_children[-1] if node.named_child_count else None
    named = (node.child_by_field_name("name"), node.child_by_field_name("type"))
    value = last if last is not None and last not in named and any(c.type == "=" for c in node.children) else None
    return Param(
        name=name,
        annotation=walk.field(node, "type"),
        default=walk.text(value) if value is not None else "",
        kind="positional",
        loc=walk.loc(node),
        default_expr=walk.read(value) if value is not None else None,
        decorators=decorators(walk, node),
    )


def class_(walk: Walk, node: Node) -> None:
    """A class, record, struct, interface or enumeration."""
    body = node.child_by_field_name("body")
    listed = next((c for c in node.named_children if c.type == "base_list"), None)
    bases = [_base(walk, c) for c in (listed.named_children if listed is not None else ()) if c.type != "argument_list"]
    kind = node.type.partition("_")[0]
    fields = [Field(p.name, p.annotation, p.default, p.loc, decorators=p.decorators) for p in params(walk, node)]
    for child in body.named_children if body is not None else ():
        fields += _fields(walk, child)
    symbol = Symbol(
        kind="class",
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        bases=tuple((b.parts[0] if b.kind in {"subscript", "call"} else b).dotted() for b in bases),
        base_exprs=tuple(bases),
        base_keys=("",) * len(bases),
        decorators=decorators(walk, node),
        params=params(walk, node),
        fields=tuple(fields),
        body=walk.loc(body) if body is not None else None,
        modifiers=(*modifiers(walk, node), *((kind,) if kind != "class" else ())),
    )
    walk.define(symbol, body)


def _base(walk: Walk, node: Node) -> Expr:
    if node.type == "primary_constructor_base_type" and node.named_child_count:
        return walk.read(node.named_children[0])
    return walk.read(node)


def generic(walk: Walk, node: Node, depth: int) -> Expr:
    """`DbSet<User>`: a subscript."""
    named = first_child(node)
    given = next((c for c in node.named_children if c.type == "type_argument_list"), None)
    if named is None or given is None:
        return walk.other(node, depth)
    inner = tuple(walk.read(c, depth + 1) for c in given.named_children)
    return Expr("subscript", "", walk.loc(node), (walk.read(named, depth + 1), *inner))


def member(walk: Walk, node: Node, depth: int) -> Expr:
    """`a.b`, `a.B<T>` (the type arguments are left out)."""
    left, right = node.child_by_field_name("expression"), node.child_by_field_name("name")
    if left is None or right is None:
        return walk.other(node, depth)
    named = right.named_child(0) if right.type == "generic_name" and right.named_child_count else right
    return Expr("attribute", walk.text(named), walk.loc(node), (walk.read(left, depth + 1),))


def conditional_access(walk: Walk, node: Node, depth: int) -> Expr:
    """`a?.b`: as `a.b`."""
    target = node.child_by_field_name("condition")
    binding = node.named_child(node.named_child_count - 1)
    if target is None or binding is None or binding.type != "member_binding_expression":
        return walk.other(node, depth)
    return Expr("attribute", walk.field(binding, "name"), walk.loc(node), (walk.read(target, depth + 1),))


def postfix(walk: Walk, node: Node, depth: int) -> Expr:
    """`a!` is `a`."""
    if node.child_count and node.children[-1].type == "!":
        return e.through(walk, node, depth)
    return e.unary(walk, node, depth)


def interpolated(walk: Walk, node: Node, depth: int) -> Expr:
    """`$"a {x}"`."""
    parts: list[Expr] = []
    for child in node.named_children:
        if child.type == "interpolation":
            inner = next((c for c in child.named_children if not c.type.startswith("interpolation_")), None)
            if inner is not None:
                parts.append(walk.read(inner, depth + 1))
        elif child.type == "string_content":
            parts.append(Expr("string", walk.text(child), walk.loc(child)))
    return Expr("interpolation", "", walk.loc(node), tuple(parts))


def created(walk: Walk, node: Node, depth: int) -> Expr:
    """`new User(x) { Name = y }`: what the initializer sets are keywords."""
    made = e.new("type")(walk, node, depth)
    initializer = node.child_by_field_name("initializer")
    parts, keys = list(made.parts), list(made.keys)
    for child in initializer.named_children if initializer is not None else ():
        name, value = child.child_by_field_name("left"), child.child_by_field_name("right")
        if child.type == "assignment_expression" and name is not None and value is not None:
            keys.append(walk.text(name))
            parts.append(walk.read(value, depth + 1))
    return Expr("call", "new", made.loc, tuple(parts), tuple(keys))


def _fields(walk: Walk, node: Node) -> list[Field]:
    if node.type == "property_declaration":
        value = node.child_by_field_name("value")
        name, kind = walk.field(node, "name"), walk.field(node, "type")
        text = walk.text(value) if value is not None else ""
        return [Field(name, kind, text, walk.loc(node), decorators=decorators(walk, node))]
    if node.type == "enum_member_declaration":
        return [Field(walk.field(node, "name"), "", walk.text(node), walk.loc(node))]
    declared = next((c for c in node.named_children if c.type == "variable_declaration"), None)
    if node.type != "field_declaration" or declared is None:
        return []
    kind = walk.field(declared, "type")
    return [
        Field(walk.field(c, "name"), kind, walk.text(c), walk.loc(c), decorators=decorators(walk, node))
        for c in declared.named_children
        if c.type == "variable_declarator"
    ]


def method(walk: Walk, node: Node) -> None:
    """A method, constructor or local function."""
    body = node.child_by_field_name("body")
    if body is None:
        body = next((c for c in node.named_children if c.type == "arrow_expression_clause"), None)
    marks = modifiers(walk, node)
    kind: Literal["method", "function"] = "method" if walk.at.in_class else "function"
    symbol = Symbol(
        kind=kind,
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        decorators=decorators(walk, node),
        params=params(walk, node),
        returns=walk.field(node, "returns") or walk.field(node, "type"),
        is_async="async" in marks,
        body=walk.loc(body) if body is not None else None,
        modifiers=marks,
    )
    walk.define(symbol, body)


def property_(walk: Walk, node: Node) -> None:
    """A property: its attributes, its value, its accessors."""
    for mark in decorators(walk, node):
        walk.emit(mark)
    name = walk.field(node, "name")
    walk.expression(node.child_by_field_name("value"), name)
    accessors = node.child_by_field_name("accessors")
    if accessors is not None:
        walk.block(accessors)


def variables(walk: Walk, node: Node) -> None:
    """`var a = …, b = …`."""
    kind = walk.field(node, "type")
    for declared in node.named_children:
        name = declared.child_by_field_name("name")
        if declared.type != "variable_declarator" or name is None:
            continue
        value = declared.named_children[-1] if declared.named_child_count > 1 else None
        read = walk.read(value) if value is not None else None
        walk.assign(walk.read(name), read, walk.loc(node), annotation="" if kind == "var" else kind)
