"""Python expressions into the neutral `Expr`.

Here a reader spends most of its time, so nodes are asked for little: for their number, their bounds and their children once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from tree_sitter import Node

from backwright.core.facts import Expr, ExprKind, Loc
from backwright.kit.syntax.source import SourceText
from backwright.languages.python.grammar import KINDS

# Beyond this nesting an expression is kept as an opaque leaf: a repository may be hostile, a human never writes this.
MAX_DEPTH = 120

_TRANSPARENT = KINDS.numbers("parenthesized_expression", "type", "pattern_list_item", "expression_statement")
(_IDENTIFIER,) = KINDS.numbers("identifier")
_COMMENT = KINDS.numbers("comment")
_GENERATOR = KINDS.numbers("generator_expression")
_INTERPOLATION = KINDS.numbers("interpolation")
_CONTENT = KINDS.numbers("string_content")
_PAIR = KINDS.numbers("pair")
_SPLAT = KINDS.numbers("dictionary_splat")
_SIGNS = KINDS.numbers("not in", "is not")
_TYPE_PARAMETERS = KINDS.numbers("type_parameter")

_LONG_TEXT = 100_000  # characters: from here on a literal is data, kept as it is written
_QUOTES = frozenset("'\"")
_RAW_OR_TEXT = frozenset("rRuU")
_NO_NAMES = frozenset({"None", "True", "False"})
_KIND_OF_SIGN: dict[str, ExprKind] = {"+": "concatenation", "%": "percent"}

Reader = Callable[["ExpressionReader", Node, int], Expr]
ReadArgument = Callable[["ExpressionReader", Node, int, list[Expr], list[str]], None]


class ExpressionReader(SourceText):
    """Reads the expressions of one source text."""

    def __init__(self, source: bytes) -> None:
        super().__init__(source)
        self._kept: dict[tuple[int, int], Expr] = {}

    def kept(self, node: Node) -> Expr:
        """The expression at `node`, kept for when the walk comes by it again."""
        return self._kept.setdefault((node.start_byte, node.end_byte), self.read(node))

    def value(self, node: Node) -> Expr:
        """The expression at `node`, which is read once only where it was `kept`."""
        kept = self._kept.pop((node.start_byte, node.end_byte), None) if self._kept else None
        return kept if kept is not None else self.read(node)

    def read(self, node: Node, depth: int = 0) -> Expr:
        """The expression at `node`; parentheses are seen through."""
        if depth > MAX_DEPTH:
            return self._opaque(self._inner(node), depth)
        kind = node.kind_id
        if kind != _IDENTIFIER:
            return _READERS[kind](self, node, depth)
        start, end = node.start_byte, node.end_byte
        begin, line = self._begin, self._line
        if not begin <= start < end < self._next:
            return Expr("name", self.cut(start, end), self.loc_of(start, end))
        loc = Loc(line, start - begin + 1, line, end - begin + 1, start, end)  # in a line of ASCII, as most are
        return Expr("name", self._bytes[start:end], loc)

    def _inner(self, node: Node) -> Node:
        while node.kind_id in _TRANSPARENT and node.named_child_count == 1:
            node = node.named_children[0]
        return node

    def _through(self, node: Node, depth: int) -> Expr:
        node = self._inner(node)
        return self._other(node, depth) if node.kind_id in _TRANSPARENT else self.read(node, depth)

    def _children(self, node: Node, depth: int) -> tuple[Expr, ...]:
        read, depth = self.read, depth + 1
        return tuple([read(c, depth) for c in node.named_children if c.kind_id not in _COMMENT])

    def _opaque(self, node: Node, depth: int) -> Expr:
        return Expr("other", KINDS.names[node.kind_id], self.loc(node))

    def _other(self, node: Node, depth: int) -> Expr:
        return Expr("other", KINDS.names[node.kind_id], self.loc(node), self._children(node, depth))

    def _constant(self, node: Node, depth: int) -> Expr:
        return Expr("constant", self.text(node), self.loc(node))

    def _attribute(self, node: Node, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        text = self._bytes[start:end]
        names = text.split(".")
        plain = text.isascii() and all(map(str.isidentifier, names))
        if plain and names[0] not in _NO_NAMES and len(names) + depth < MAX_DEPTH:
            return self._dotted(names, start)
        left, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if left is None or name is None:
            return self._opaque(node, depth)
        return Expr("attribute", self.text(name), self.loc_of(start, end), (self.read(left, depth + 1),))

    def _dotted(self, names: list[str], start: int) -> Expr:
        """`a.b.c`, by far the most frequent attribute, without a look at its nodes."""
        at = start + len(names[0])
        place = self.loc_of(start, at)
        line, column = place.line, place.col
        expr = Expr("name", names[0], place)
        for name in names[1:]:
            at += len(name) + 1
            expr = Expr("attribute", name, Loc(line, column, line, column + at - start, start, at), (expr,))
        return expr

    def _call(self, node: Node, depth: int) -> Expr:
        children = node.children
        if len(children) == 2:
            function, arguments = children
        else:
            found, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
            if found is None or given is None:
                return self._opaque(node, depth)
            function, arguments = found, given
        loc = self.loc(node)
        parts, keys = [self.read(function, depth + 1)], [""]
        if arguments.kind_id in _GENERATOR:
            parts.append(self.read(arguments, depth + 1))
            keys.append("")
        else:
            self.arguments(arguments, depth, parts, keys)
        return Expr("call", "", loc, tuple(parts), tuple(keys))

    def arguments(self, node: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
        """The arguments in a list of them: values to `parts`, the names they are passed by to `keys`."""
        for argument in node.named_children:
            _ARGUMENTS[argument.kind_id](self, argument, depth, parts, keys)

    def _positional(self, node: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
        keys.append("")
        parts.append(self.read(node, depth + 1))

    def _keyword(self, node: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
        children = node.children
        if len(children) == 3:
            name, value = children[0], children[2]
        else:
            left, right = node.child_by_field_name("name"), node.child_by_field_name("value")
            if left is None or right is None:
                return
            name, value = left, right
        keys.append(self.text(name))
        parts.append(self.read(value, depth + 1))

    def _spread(self, node: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
        keys.append("**" if node.kind_id in _SPLAT else "*")
        inner = node.named_children
        parts.append(self.read(inner[0], depth + 1) if inner else self._opaque(node, depth))

    def _no_argument(self, node: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
        """A comment."""

    def _binary(self, node: Node, depth: int) -> Expr:
        children = node.children
        if len(children) == 3:
            left, operator, right = children
        else:
            found = [node.child_by_field_name(field) for field in ("left", "operator", "right")]
            present = [child for child in found if child is not None]
            if len(present) < 3:
                return self._other(node, depth)
            left, operator, right = present
        sign, loc = self.text(operator), self.loc(node)
        parts = (self.read(left, depth + 1), self.read(right, depth + 1))
        return Expr(_KIND_OF_SIGN.get(sign, "binary"), sign, loc, parts)

    def _comparison(self, node: Node, depth: int) -> Expr:
        sign = next((self.text(c) for c in node.children if not c.is_named or c.kind_id in _SIGNS), "")
        return Expr("binary", sign, self.loc(node), self._children(node, depth))

    def _not(self, node: Node, depth: int) -> Expr:
        return Expr("binary", "not", self.loc(node), self._children(node, depth))

    def _unary(self, node: Node, depth: int) -> Expr:
        return Expr("binary", self.text(node.children[0]), self.loc(node), self._children(node, depth))

    def _boolean(self, node: Node, depth: int) -> Expr:
        operator = node.child_by_field_name("operator")
        sign = self.text(operator) if operator is not None else ""
        return Expr("binary", sign, self.loc(node), self._children(node, depth))

    def _union(self, node: Node, depth: int) -> Expr:
        """`list[str] | None` as a type: its sign is in no field."""
        return Expr("binary", "|", self.loc(node), self._children(node, depth))

    def _mapping(self, node: Node, depth: int) -> Expr:
        parts, keys, loc = [], [], self.loc(node)
        for pair in node.named_children:
            if pair.kind_id in _PAIR:
                children = pair.children
                plain = len(children) == 3
                key = children[0] if plain else pair.child_by_field_name("key")
                value = children[2] if plain else pair.child_by_field_name("value")
                if key is None or value is None:
                    continue
                read = self.read(key, depth + 1)
                keys.append(read.text if read.kind == "string" else read.dotted())
                parts.append(self.read(value, depth + 1))
            elif pair.kind_id in _SPLAT:
                keys.append("**")
                parts.extend(self._children(pair, depth)[:1])
        return Expr("mapping", "{", loc, tuple(parts), tuple(keys))

    def _lambda(self, node: Node, depth: int) -> Expr:
        body = node.child_by_field_name("body")
        return Expr("lambda", "", self.loc(node), (self.read(body, depth + 1),) if body else ())

    def _string(self, node: Node, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        raw = self.cut(start, end)
        value = _plain(raw)
        if value is not None:
            return Expr("string", value, self.loc_of(start, end))
        children = node.named_children
        if not any(c.kind_id in _INTERPOLATION for c in children):
            return Expr("string", _decoded(raw), self.loc_of(start, end))
        parts: list[Expr] = []
        for child in children:
            if child.kind_id in _INTERPOLATION:
                inner = child.child_by_field_name("expression") or next(iter(child.named_children), None)
                if inner is not None:
                    parts.append(self.read(inner, depth + 1))
            elif child.kind_id in _CONTENT:
                parts.append(Expr("string", self.text(child), self.loc(child)))
        return Expr("interpolation", "f", self.loc_of(start, end), tuple(parts))

    def _joined(self, node: Node, depth: int) -> Expr:
        parts = self._children(node, depth)
        if all(p.kind == "string" for p in parts):
            return Expr("string", "".join(p.text for p in parts), self.loc(node))
        flat: list[Expr] = []
        for part in parts:
            flat.extend(part.parts if part.kind == "interpolation" else (part,))
        return Expr("interpolation", "f", self.loc(node), tuple(flat))

    def _generic_type(self, node: Node, depth: int) -> Expr:
        parts: list[Expr] = []
        for child in node.named_children:
            if child.kind_id in _TYPE_PARAMETERS:
                parts.extend(self._children(child, depth))
            else:
                parts.append(self.read(child, depth + 1))
        return Expr("subscript", "", self.loc(node), tuple(parts))


def _plain(raw: str) -> str | None:
    """The value of a literal that says what it is without escapes, which most do; None for any other."""
    if len(raw) >= _LONG_TEXT:
        return None
    quote = raw[:1]
    if quote in _RAW_OR_TEXT:
        body = raw[1:]
        verbatim, quote = quote in "rR", body[:1]
    else:
        body, verbatim = raw, False
    if quote not in _QUOTES or body[-1] != quote or "\r" in body or "\0" in body or ("\\" in body and not verbatim):
        return None
    if body.startswith(quote * 3):
        return body[3:-3] if len(body) >= 6 and body.endswith(quote * 3) else None
    return body[1:-1] if len(body) >= 2 and "\n" not in body else None


def _decoded(raw: str) -> str:
    if len(raw) >= _LONG_TEXT:
        return raw
    try:
        value = ast.literal_eval(raw)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return raw.strip("rRbBuUfF'\"")
    text: str = value if isinstance(value, str) else value.decode("latin-1")
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()  # half a pair has no bytes


def _of(kind: ExprKind, text: str = "") -> Reader:
    """Reads an expression of this kind with all its children as parts."""

    def read(reader: ExpressionReader, node: Node, depth: int) -> Expr:
        return Expr(kind, text, reader.loc(node), reader._children(node, depth))

    return read


_Own = ExpressionReader
_READERS: dict[int, Reader] = KINDS.table(
    {
        "attribute": _Own._attribute,
        "member_type": _Own._attribute,
        "call": _Own._call,
        "string": _Own._string,
        "subscript": _of("subscript"),
        "generic_type": _Own._generic_type,
        "binary_operator": _Own._binary,
        "union_type": _Own._union,
        "comparison_operator": _Own._comparison,
        "unary_operator": _Own._unary,
        "not_operator": _Own._not,
        "boolean_operator": _Own._boolean,
        "await": _of("await"),
        "dictionary": _Own._mapping,
        "lambda": _Own._lambda,
        "concatenated_string": _Own._joined,
        "conditional_expression": _of("conditional"),
        "list": _of("sequence", "["),
        "set": _of("sequence", "{"),
        **dict.fromkeys(("tuple", "expression_list", "pattern_list", "tuple_pattern"), _of("sequence", "(")),
        **{
            kind: _of("comprehension", kind)
            for kind in ("list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension")
        },
        **dict.fromkeys(("integer", "float", "true", "false", "none", "ellipsis"), _Own._constant),
        **dict.fromkeys((KINDS.names[number] for number in _TRANSPARENT), _Own._through),
    },
    _Own._other,
)
_ARGUMENTS: dict[int, ReadArgument] = KINDS.table(
    {
        "comment": _Own._no_argument,
        "keyword_argument": _Own._keyword,
        "list_splat": _Own._spread,
        "dictionary_splat": _Own._spread,
    },
    _Own._positional,
)
