"""Structs, traits, implementations and functions."""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Symbol
from backwright.kit.syntax.statements import branched
from backwright.kit.syntax.walking import Walk
from backwright.languages.rust.modules import decorators, is_for_tests, leave_tests


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a function or closure."""
    listed = node.child_by_field_name("parameters")
    found = []
    for child in listed.named_children if listed is not None else ():
        if child.type == "parameter":
            pattern = walk.field(child, "pattern").removeprefix("mut ")
            found.append(Param(pattern, walk.field(child, "type"), "", "positional", walk.loc(child)))
        elif child.type in {"self_parameter", "identifier", "tuple_pattern"}:
            found.append(Param(walk.text(child).lstrip("&"), "", "", "positional", walk.loc(child)))
    return tuple(found)


def struct(walk: Walk, node: Node) -> None:
    """`struct User { … }`."""
    _type(walk, node, _fields(walk, node.child_by_field_name("body")), "struct")


def enum(walk: Walk, node: Node) -> None:
    """`enum Kind { … }`: its variants are fields."""
    body = node.child_by_field_name("body")
    variants = [c for c in (body.named_children if body is not None else ()) if c.type == "enum_variant"]
    fields = tuple(Field(walk.field(c, "name"), "", walk.text(c), walk.loc(c)) for c in variants)
    _type(walk, node, fields, "enum")


def trait(walk: Walk, node: Node) -> None:
    """`trait Store { … }`."""
    body = node.child_by_field_name("body")
    symbol = _type(walk, node, (), "trait")
    if body is not None:
        walk.inside(symbol.qualname, body, in_class=True)


def _type(walk: Walk, node: Node, fields: tuple[Field, ...], modifier: str) -> Symbol:
    body = node.child_by_field_name("body")
    symbol = Symbol(
        kind="class",
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        decorators=decorators(walk, node),
        fields=fields,
        body=walk.loc(body) if body is not None else None,
        modifiers=(modifier,),
    )
    walk.facts.append(symbol)
    for decorator in symbol.decorators:
        walk.emit(decorator)
    return symbol


def _fields(walk: Walk, body: Node | None) -> tuple[Field, ...]:
    listed = body.named_children if body is not None else ()
    return tuple(
        Field(walk.field(c, "name"), walk.field(c, "type"), "", walk.loc(c), decorators=decorators(walk, c))
        for c in listed
        if c.type == "field_declaration"
    )


def implementation(walk: Walk, node: Node) -> None:
    """`impl Trait for Type { … }`: its functions are methods of the type."""
    kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
    if kind is None or body is None:
        return
    owner = walk.read(kind).dotted().rpartition(".")[2] or walk.text(kind)
    walk.inside(f"{walk.at.scope}.{owner}" if walk.at.scope else owner, body, in_class=True)


def function(walk: Walk, node: Node) -> None:
    """`fn f(…) { … }`."""
    body = node.child_by_field_name("body")
    modifiers = next((walk.text(c) for c in node.children if c.type == "function_modifiers"), "")
    kind: Literal["method", "function"] = "method" if walk.at.in_class else "function"
    symbol = Symbol(
        kind=kind,
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        decorators=decorators(walk, node),
        params=params(walk, node),
        returns=walk.field(node, "return_type"),
        is_async="async" in modifiers.split(),
        body=walk.loc(body) if body is not None else None,
        modifiers=("pub",) if any(c.type == "visibility_modifier" for c in node.children) else (),
    )
    before = len(walk.facts)
    walk.define(symbol, body)
    if len(walk.facts) > before and _is_test(walk, symbol):
        leave_tests(walk, before)


def _is_test(walk: Walk, symbol: Symbol) -> bool:
    marks = (mark.parts[0].dotted() if mark.kind == "call" else mark.dotted() for mark in symbol.decorators)
    return any(mark in walk.grammar.tests.decorators for mark in marks) or any(map(is_for_tests, symbol.decorators))


def constant(walk: Walk, node: Node) -> None:
    """`const NAME: Type = value;`."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is not None:
        read = walk.read(value) if value is not None else None
        walk.assign(walk.read(name), read, walk.loc(node), annotation=walk.field(node, "type"))


def built(walk: Walk, node: Node, depth: int) -> Expr:
    """`User { name, age: 3 }` makes one, as a call with keywords does."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        return walk.other(node, depth)
    parts, keys = [walk.read(name, depth + 1)], [""]
    for child in body.named_children:
        field, value = child.child_by_field_name("field"), child.child_by_field_name("value")
        if child.type == "shorthand_field_initializer":
            keys.append(walk.text(child))
            parts.append(Expr("name", walk.text(child), walk.loc(child)))
        elif value is not None:
            keys.append(walk.text(field) if field is not None else "")
            parts.append(walk.read(value, depth + 1))
    return Expr("call", "new", walk.loc(node), tuple(parts), tuple(keys))


def async_block(walk: Walk, node: Node, depth: int) -> Expr:
    """`async move { … }`: its statements."""
    body = next((c for c in node.named_children if c.type == "block"), node)
    walk.defer(node, body)
    return Expr("other", node.type, walk.loc(node))


def let_condition(walk: Walk, node: Node, depth: int) -> Expr:
    """`if let Some(x) = value`: the value."""
    value = node.child_by_field_name("value")
    return walk.read(value, depth + 1) if value is not None else walk.other(node, depth)


def match_arm(walk: Walk, node: Node) -> None:
    """One arm of a `match`; with a guard it is a condition."""
    pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
    guard = pattern.child_by_field_name("condition") if pattern is not None else None
    if guard is not None:
        branched(walk, guard, value, [])
    else:
        walk.arm(value)
