"""Macros and attributes: their tokens are no syntax tree, so they are read as far as they look like arguments."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Expr
from backwright.kit.syntax.walking import Walk

# Macros that hold declarations of a language of their own: their text is kept.
_DECLARING = frozenset({"table", "joinable", "allow_tables_to_appear_in_same_query", "html", "rsx", "quote", "path"})
_MAX_TOKENS = 400


def macro(walk: Walk, node: Node, depth: int) -> Expr:
    """`name!(arguments)` as a call of `name!`."""
    named = node.child_by_field_name("macro")
    tree = next((c for c in node.named_children if c.type == "token_tree"), None)
    if named is None:
        return Expr("other", node.type, walk.loc(node))
    read = walk.read(named, depth + 1)
    callee = Expr(read.kind, f"{read.text}!", read.loc, read.parts)
    parts, keys = [callee], [""]
    if tree is not None and read.text in _DECLARING:
        parts.append(Expr("other", walk.text(tree), walk.loc(tree)))
        keys.append("")
    elif tree is not None:
        arguments(walk, tree, depth, parts, keys)
    return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))


def attribute(walk: Walk, node: Node) -> Expr:
    """`#[get("/x")]` as a call of `get`, `#[test]` as a name."""
    inner = node.named_child(0) if node.named_child_count else None
    if inner is None or not inner.named_child_count:
        return Expr("other", node.type, walk.loc(node))
    callee = walk.read(inner.named_children[0])
    tree = inner.child_by_field_name("arguments")
    value = inner.child_by_field_name("value")
    if tree is None and value is None:
        return callee
    parts, keys = [callee], [""]
    if tree is not None:
        arguments(walk, tree, 0, parts, keys)
    if value is not None:
        parts.append(walk.read(value))
        keys.append("")
    return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))


def arguments(walk: Walk, tree: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
    """The arguments in a tree of tokens, between its commas: `"text"`, `a.b`, `name = value`, `name(…)`."""
    group: list[Node] = []
    for token in tree.children[1:-1][:_MAX_TOKENS]:
        if token.type == ",":
            _argument(walk, group, depth, parts, keys)
            group = []
        elif token.type not in walk.grammar.skipped:
            group.append(token)
    _argument(walk, group, depth, parts, keys)


def _argument(walk: Walk, tokens: list[Node], depth: int, parts: list[Expr], keys: list[str]) -> None:
    if not tokens:
        return
    key = ""
    if len(tokens) > 2 and tokens[1].type == "=" and tokens[0].type == "identifier":
        key = walk.text(tokens[0])
        tokens = tokens[2:]
    keys.append(key)
    parts.append(_value(walk, tokens, depth))


def _value(walk: Walk, tokens: list[Node], depth: int) -> Expr:
    """One argument: a literal, a path, a call; anything else is kept as its text with the literals and calls in it."""
    tokens = [t for t in tokens if t.type not in {"&", "mut", "mutable_specifier"}] or tokens
    whole = walk.loc_of(tokens[0].start_byte, tokens[-1].end_byte)
    if len(tokens) == 1 and tokens[0].type != "token_tree":
        return walk.read(tokens[0], depth + 1)
    names = [t for t in tokens if t.type in {"identifier", "self", "crate", "super", "type_identifier"}]
    joints = [t for t in tokens if t.type in {".", "::"}]
    last = tokens[-1]
    is_call = last.type == "token_tree" and len(names) + len(joints) + 1 == len(tokens) and bool(names)
    if names and (is_call or len(names) + len(joints) == len(tokens)):
        expr = Expr("name", walk.text(names[0]), walk.loc(names[0]))
        for name in names[1:]:
            loc = walk.loc_of(tokens[0].start_byte, name.end_byte)
            expr = Expr("attribute", walk.text(name), loc, (expr,))
        if not is_call or depth > 20:
            return expr
        inner, keys = [expr], [""]
        arguments(walk, last, depth + 1, inner, keys)
        return Expr("call", "", whole, tuple(inner), tuple(keys))
    kept = tuple(walk.read(t, depth + 1) for t in tokens if t.type.endswith("literal"))
    return Expr("other", "tokens", whole, kept)
