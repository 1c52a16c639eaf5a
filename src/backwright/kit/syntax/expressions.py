"""Readers of expressions, to be named in a language's table: `"member_expression": attribute("object", "property")`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tree_sitter import Node

from backwright.core.facts import Expr, ExprKind, Loc
from backwright.kit.syntax.grammar import ReadExpression
from backwright.kit.syntax.source import first_child

if TYPE_CHECKING:
    from backwright.kit.syntax.walking import Walk

# Argument nodes that wrap a value, perhaps behind a name; pairs that name their value; what spreads a sequence.
_ARGUMENTS = ("arguments", "argument_list", "token_tree", "initializer_list")
_WRAPPERS = frozenset({"argument", "value_argument", "attribute_argument", "literal_element"})
_PAIRS = frozenset({"pair", "element_value_pair", "named_argument", "keyword_argument"})
_SPREADS = frozenset(
    {
        "spread_element",
        "rest_pattern",
        "splat_argument",
        "hash_splat_argument",
        "variadic_unpacking",
        "variadic_argument",
    }
)
_KEYWORDS = frozenset({"true", "false", "null", "undefined", "import", "new"})  # that a chain begins with, no names
_SPECIAL = re.compile(r"[^\w \-./:,;!?()<>=*+@&]")
_BLOCKS = frozenset({"block_argument"})
_SHORT = frozenset(
    {
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
        "object_assignment_pattern",
        "identifier",
    }
)
_NAMES = frozenset({"identifier", "name", "simple_identifier"})


def leaf(kind: ExprKind) -> ReadExpression:
    """A name or a constant: its text."""

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        return Expr(kind, walk.cut(start, end), walk.loc_of(start, end))

    return read


name, constant = leaf("name"), leaf("constant")


def through(walk: Walk, node: Node, depth: int) -> Expr:
    """Parentheses, casts, assertions: what matters is the first expression in them."""
    child = first_child(node)
    return walk.read(child, depth + 1) if child is not None else Expr("other", node.type, walk.loc(node))


def through_field(field: str) -> ReadExpression:
    """As `through`, for a child with a field name."""

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        child = node.child_by_field_name(field) or first_child(node)
        return walk.read(child, depth + 1) if child is not None else Expr("other", node.type, walk.loc(node))

    return read


def cast(numbers: frozenset[str]) -> ReadExpression:
    """`(int) value`: a call of the type where that is a number, else the value."""

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        kind, value = node.child_by_field_name("type"), node.child_by_field_name("value") or first_child(node)
        if value is None:
            return Expr("other", node.type, walk.loc(node))
        if kind is None or walk.text(kind) not in numbers:
            return walk.read(value, depth + 1)
        loc = walk.loc(node)
        return Expr(
            "call", "", loc, (Expr("name", walk.text(kind), walk.loc(kind)), walk.read(value, depth + 1)), ("", "")
        )

    return read


def attribute(left: str, right: str, *, dotted: bool = False) -> ReadExpression:
    """`left.right`. With `dotted` a text of names and dots is what it seems, unless it begins with a keyword."""

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        if dotted:
            start = node.start_byte
            text = walk.cut(start, node.end_byte)
            names = text.split(".")
            if text.isascii() and names[0] not in _KEYWORDS and len(names) < 9 and all(map(str.isidentifier, names)):
                return _dotted(walk, names, start)
        children = node.children
        plain = len(children) == 3 and children[0].is_named and not children[1].is_named
        target = children[0] if plain else node.child_by_field_name(left)
        member = children[2] if plain else node.child_by_field_name(right)
        if member is None:
            return walk.other(node, depth)
        if target is None:
            return Expr("name", walk.text(member), walk.loc(node))
        return Expr("attribute", walk.text(member), walk.loc(node), (walk.read(target, depth + 1),))

    return read


def _dotted(walk: Walk, names: list[str], start: int) -> Expr:
    """`a.b.c`, by far the most frequent attribute, without a look at its nodes."""
    at = start + len(names[0])
    place = walk.loc_of(start, at)
    line, column = place.line, place.col
    expr = Expr("name", names[0], place)
    for name in names[1:]:
        at += len(name) + 1
        expr = Expr("attribute", name, Loc(line, column, line, column + at - start, start, at), (expr,))
    return expr


def path(walk: Walk, node: Node, depth: int) -> Expr:
    """`a.b.c` that the grammar keeps as a list of names: attributes of attributes."""
    parts = [child for child in node.named_children if child.child_count == 0 or child.type in _NAMES]
    if not parts:
        return walk.other(node, depth)
    expr = Expr("name", walk.text(parts[0]), walk.loc(parts[0]))
    for part in parts[1:]:
        expr = Expr("attribute", walk.text(part), walk.loc_of(node.start_byte, part.end_byte), (expr,))
    return expr


def call(function: str, arguments: str = "arguments") -> ReadExpression:
    """`function(arguments)`."""

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        children = node.children
        plain = len(children) == 2
        callee = children[0] if plain else node.child_by_field_name(function)
        if callee is None:
            return walk.other(node, depth)
        loc = walk.loc(node)
        parts, keys = [walk.read(callee, depth + 1)], [""]
        add_arguments(walk, children[1] if plain else node.child_by_field_name(arguments), depth, parts, keys)
        return Expr("call", "", loc, tuple(parts), tuple(keys))

    return read


def method_call(target: str, method: str, arguments: str = "arguments", block: str = "") -> ReadExpression:
    """`target.method(arguments)` where the grammar has no node for `target.method`."""

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        left, right = node.child_by_field_name(target), node.child_by_field_name(method)
        if right is None:
            return walk.other(node, depth)
        if left is None:
            callee = Expr("name", walk.text(right), walk.loc(right))
        else:
            inner = walk.read(left, depth + 1)
            callee = Expr("attribute", walk.text(right), walk.loc_of(node.start_byte, right.end_byte), (inner,))
        parts, keys = [callee], [""]
        add_arguments(walk, node.child_by_field_name(arguments), depth, parts, keys)
        trailing = node.child_by_field_name(block) if block else None
        if trailing is not None:
            parts.append(walk.read(trailing, depth + 1))
            keys.append("&")
        return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))

    return read


def new(kind: str, arguments: str = "arguments") -> ReadExpression:
    """`new Kind(arguments)`: a call of the class, its text is `new`."""

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        callee = node.child_by_field_name(kind) or first_child(node)
        if callee is None:
            return walk.other(node, depth)
        parts, keys = [walk.read(callee, depth + 1)], [""]
        given = node.child_by_field_name(arguments)
        if given is None:
            given = next((c for c in node.named_children if c.type in {"arguments", "argument_list"}), None)
        add_arguments(walk, given, depth, parts, keys)
        return Expr("call", "new", walk.loc(node), tuple(parts), tuple(keys))

    return read


def add_arguments(walk: Walk, arguments: Node | None, depth: int, parts: list[Expr], keys: list[str]) -> None:
    """The arguments in a list of them: values to `parts`, the names they are passed by to `keys`."""
    if arguments is None:
        return
    names = walk.names
    if not names[arguments.kind_id].endswith(_ARGUMENTS):
        parts.append(walk.read(arguments, depth + 1))
        keys.append("")
        return
    for argument in arguments.named_children:
        kind = names[argument.kind_id]
        if kind in walk.grammar.skipped:
            continue
        if kind in _SPREADS:
            keys.append("*")
            parts.append(through(walk, argument, depth))
        elif kind in _BLOCKS:
            keys.append("&")
            parts.append(through(walk, argument, depth))
        elif kind in _PAIRS:
            keyed(walk, argument, depth, parts, keys)
        elif kind in _WRAPPERS:
            _wrapped(walk, argument, depth, parts, keys)
        elif kind == "keywords":
            for pair in argument.named_children:
                keyed(walk, pair, depth, parts, keys)
        else:
            keys.append("")
            parts.append(walk.read(argument, depth + 1))


def keyed(walk: Walk, pair: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
    """`key: value`. A key that is an expression of its own (`"users" => …`) is the text of it."""
    children = pair.children
    plain = len(children) == 3 and children[0].is_named and not children[1].is_named and children[2].is_named
    key = children[0] if plain else pair.child_by_field_name("key")
    value = children[2] if plain else pair.child_by_field_name("value")
    if key is None or value is None:
        named = [c for c in pair.named_children if c.type not in walk.grammar.skipped]
        if len(named) < 2:
            if named:
                parts.append(walk.read(named[0], depth + 1))
                keys.append("")
            return
        key, value = named[0], named[-1]
    keys.append(key_text(walk, key, depth))
    parts.append(walk.read(value, depth + 1))


def key_text(walk: Walk, key: Node, depth: int) -> str:
    """What a key says, without quotes, colons or brackets."""
    reader = walk.grammar.expressions.get(walk.names[key.kind_id])
    if reader is not None:
        read = reader(walk, key, depth)
        return read.text if read.kind in {"string", "constant"} else read.dotted()
    return walk.text(key).strip().strip(":\"'[]")


def _wrapped(walk: Walk, argument: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
    named = [c for c in argument.named_children if c.type not in walk.grammar.skipped]
    if not named:
        return
    has_name = len(named) > 1 and named[0].type in _NAMES
    keys.append(walk.text(named[0]) if has_name else "")
    parts.append(walk.read(named[-1], depth + 1))


def string(contents: Iterable[str], holes: Iterable[str] = (), *, marks: str = "\"'`") -> ReadExpression:
    """A string literal; with holes in it an interpolation. Literals without a node for their content lose their quotes."""
    pieces, gaps = frozenset(contents), frozenset(holes)

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        plain = _plain(walk, node)
        if plain is not None:
            return plain
        names, children = walk.names, node.named_children
        if gaps and any(names[c.kind_id] in gaps for c in children):
            parts = []
            for child in children:
                if names[child.kind_id] in gaps:
                    inner = child if names[child.kind_id] in walk.grammar.expressions else first_child(child)
                    if inner is not None:
                        parts.append(walk.read(inner, depth + 1))
                elif names[child.kind_id] in pieces:
                    parts.append(Expr("string", walk.text(child), walk.loc(child)))
            return Expr("interpolation", "", walk.loc(node), tuple(parts))
        if any(names[c.kind_id] in pieces for c in children):
            return Expr("string", "".join(walk.text(c) for c in children), walk.loc(node))
        text = walk.text(node)
        return Expr("string", text.lstrip("@$rbL").lstrip("#").strip(marks).strip("#"), walk.loc(node))

    return read


def _plain(walk: Walk, node: Node) -> Expr | None:
    """A literal without escapes or anything that may be a hole, which most are: what stands between its quotes."""
    start, end = node.start_byte, node.end_byte
    text = walk.cut(start, end)
    if len(text) > 2 and text[0] in "'\"" and text[-1] == text[0] and not _SPECIAL.search(text, 1, len(text) - 1):
        return Expr("string", text[1:-1], walk.loc_of(start, end))
    return None


def binary(plus: Iterable[str] = ("+",), percent: str = "") -> ReadExpression:
    """`left operator right`; `plus` are the operators that join strings, `percent` the one that formats them."""
    joins = frozenset(plus)

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        children = node.children
        left: Node | None
        right: Node | None
        if len(children) == 3 and not children[1].is_named:
            left, right, sign = children[0], children[2], walk.text(children[1])
        else:
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            sign = _operator(walk, node)
        if left is None or right is None:
            return Expr("binary", sign, walk.loc(node), walk.children(node, depth))
        parts = (walk.read(left, depth + 1), walk.read(right, depth + 1))
        kind: ExprKind = "concatenation" if sign in joins else "percent" if sign and sign == percent else "binary"
        return Expr(kind, sign, walk.loc(node), parts)

    return read


def unary(walk: Walk, node: Node, depth: int) -> Expr:
    """`!x`, `-x`, `x++`."""
    return Expr("binary", _operator(walk, node), walk.loc(node), walk.children(node, depth))


def _operator(walk: Walk, node: Node) -> str:
    operator = node.child_by_field_name("operator")
    if operator is not None:
        return walk.text(operator)
    return next((walk.text(c) for c in node.children if not c.is_named), "")


def of_kind(kind: ExprKind, text: str = "") -> ReadExpression:
    """An expression of this kind with all its children as parts: `await`, `sequence`, `subscript`, `conditional`."""

    def read(walk: Walk, node: Node, depth: int) -> Expr:
        return Expr(kind, text, walk.loc(node), walk.children(node, depth))

    return read


def conditional(walk: Walk, node: Node, depth: int) -> Expr:
    """`condition ? then : else`; parts in the order of `Expr`."""
    parts = walk.children(node, depth)
    if len(parts) == 3:
        parts = (parts[1], parts[0], parts[2])
    return Expr("conditional", "", walk.loc(node), parts)


def mapping(walk: Walk, node: Node, depth: int) -> Expr:
    """An object or hash literal. Functions in it are named by their keys."""
    parts: list[Expr] = []
    keys: list[str] = []
    loc = walk.loc(node)
    for child in node.named_children:
        kind = walk.names[child.kind_id]
        if kind in walk.grammar.skipped:
            continue
        if kind in _SPREADS:
            keys.append("**")
            parts.append(through(walk, child, depth))
        elif kind in _SHORT:
            bound = (
                child.child_by_field_name("left") or child
            )  # `{ limit = 10 }` takes a value where it stands as a target
            keys.append(walk.text(bound))
            parts.append(Expr("name", walk.text(bound), walk.loc(bound)))
        elif kind == "method_definition":
            keys.append(walk.field(child, "name"))
            parts.append(function(walk, child, depth))
        elif kind in {"map_content", "keywords"}:
            inner = mapping(walk, child, depth + 1)
            keys += inner.keys
            parts += inner.parts
        else:
            keyed(walk, child, depth, parts, keys)
    return Expr("mapping", "{", loc, tuple(parts), tuple(keys))


def function(walk: Walk, node: Node, depth: int) -> Expr:
    """A function without a name: its parameters are keys. A body of statements is walked where the expression is used."""
    body = node.child_by_field_name("body")
    if body is None:
        body = next((c for c in reversed(node.named_children) if c.type in walk.grammar.blocks), None) or _last(node)
    names = tuple(p.name for p in walk.grammar.params(walk, node))
    loc = walk.loc(node)
    if body is None:
        return Expr("lambda", "", loc, (), names)
    walk.defer(node, body)
    if body.type in walk.grammar.blocks or body.type in walk.grammar.statements:
        return Expr("lambda", "", loc, (), names)
    return Expr("lambda", "", loc, (walk.read(body, depth + 1),), names)


def _last(node: Node) -> Node | None:
    return node.named_child(node.named_child_count - 1) if node.named_child_count else None
