"""Calls, pipes and literals."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Expr
from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.walking import Walk

_JOIN = "<>"


def atom(walk: Walk, node: Node, depth: int) -> Expr:
    """`:name`."""
    return Expr("string", walk.text(node).lstrip(":").strip('"'), walk.loc(node))


def call(walk: Walk, node: Node, depth: int) -> Expr:
    """`f(a, key: b) do … end`: the block is one more argument."""
    target = node.child_by_field_name("target")
    if target is None:
        return walk.other(node, depth)
    parts, keys = [walk.read(target, depth + 1)], [""]
    for child in node.named_children:
        if child.type == "arguments":
            e.add_arguments(walk, child, depth, parts, keys)
        elif child.type == "do_block":
            keys.append("&")
            parts.append(block(walk, child))
    return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))


def block(walk: Walk, node: Node) -> Expr:
    """`do … end`, walked where the call's facts are made."""
    walk.defer(node, node)
    return Expr("lambda", "", walk.loc(node))


def operator(walk: Walk, node: Node, depth: int) -> Expr:
    """`a |> f(b)` is `f(a, b)`; `a <> b` joins texts; anything else is binary."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    sign = walk.field(node, "operator") or next((walk.text(c) for c in node.children if not c.is_named), "")
    if left is None or right is None:
        return walk.other(node, depth)
    first, second = walk.read(left, depth + 1), walk.read(right, depth + 1)
    loc = walk.loc(node)
    if sign == "|>":
        callee, *given = second.parts if second.kind == "call" else (second,)
        keys = second.keys[1:] if second.kind == "call" else ()
        return Expr("call", "|>", loc, (callee, first, *given), ("", "", *keys))
    if sign == _JOIN:
        return Expr("concatenation", sign, loc, (first, second))
    return Expr("binary", sign, loc, (first, second))


def listed(walk: Walk, node: Node, depth: int) -> Expr:
    """`[a: 1]` is a mapping, `[1, 2]` a sequence."""
    children = [c for c in node.named_children if c.type not in walk.grammar.skipped]
    if len(children) == 1 and children[0].type == "keywords":
        return e.mapping(walk, children[0], depth)
    return Expr("sequence", "[", walk.loc(node), walk.children(node, depth))


def mapping(walk: Walk, node: Node, depth: int) -> Expr:
    """`%{a: 1, "b" => 2}`; `%User{a: 1}` makes one, as a call with keywords does."""
    kind = next((c for c in node.named_children if c.type == "struct"), None)
    content = next((c for c in node.named_children if c.type == "map_content"), None)
    parts: list[Expr] = []
    keys: list[str] = []
    for child in content.named_children if content is not None else ():
        if child.type == "keywords":
            inner = e.mapping(walk, child, depth + 1)
            parts += inner.parts
            keys += inner.keys
        elif child.type == "binary_operator":
            left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
            if left is not None and right is not None:
                keys.append(e.key_text(walk, left, depth))
                parts.append(walk.read(right, depth + 1))
    loc = walk.loc(node)
    if kind is not None and kind.named_child_count:
        made = walk.read(kind.named_children[0], depth + 1)
        return Expr("call", "new", loc, (made, *parts), ("", *keys))
    return Expr("mapping", "{", loc, tuple(parts), tuple(keys))
