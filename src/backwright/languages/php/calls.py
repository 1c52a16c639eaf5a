"""Names, arrays and attributes."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Expr
from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.source import first_child
from backwright.kit.syntax.walking import Walk

HOLES = (
    "variable_name",
    "member_access_expression",
    "subscript_expression",
    "dynamic_variable_name",
    "member_call_expression",
)


def variable(walk: Walk, node: Node, depth: int) -> Expr:
    """`$name`: without its dollar."""
    return Expr("name", walk.text(node).lstrip("$"), walk.loc(node))


def qualified(walk: Walk, node: Node, depth: int) -> Expr:
    r"""`ORM\Column`, `\App\User`: attributes of names."""
    loc = walk.loc(node)
    first, *rest = [part for part in walk.text(node).split("\\") if part] or [""]
    expr = Expr("name", first, loc)
    for part in rest:
        expr = Expr("attribute", part, loc, (expr,))
    return expr


def class_constant(walk: Walk, node: Node, depth: int) -> Expr:
    """`User::class`, `Method::GET`."""
    children = node.named_children
    if len(children) != 2:
        return walk.other(node, depth)
    return Expr("attribute", walk.text(children[1]), walk.loc(node), (walk.read(children[0], depth + 1),))


def array(walk: Walk, node: Node, depth: int) -> Expr:
    """`['a' => 1]` is a mapping, `[1, 2]` a sequence."""
    items = [c for c in node.named_children if c.type == "array_element_initializer"]
    if not any(c.named_child_count > 1 for c in items):
        parts = tuple(e.through(walk, c, depth) for c in items)
        return Expr("sequence", "[", walk.loc(node), parts)
    read: list[Expr] = []
    keys: list[str] = []
    for item in items:
        e.keyed(walk, item, depth, read, keys)
    return Expr("mapping", "{", walk.loc(node), tuple(read), tuple(keys))


def attribute(walk: Walk, node: Node, depth: int) -> Expr:
    """`#[Route('/x')]` as a call, `#[Test]` as a name."""
    named = first_child(node)
    if named is None:
        return walk.other(node, depth)
    callee = walk.read(named, depth + 1)
    listed = node.child_by_field_name("parameters")
    if listed is None:
        return callee
    parts, keys = [callee], [""]
    e.add_arguments(walk, listed, depth, parts, keys)
    return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))
