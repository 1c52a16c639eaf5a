"""Python expressions into the neutral `Expr`."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable

from tree_sitter import Node

from backwright.core.facts import Expr, Loc

# Beyond this nesting an expression is kept as an opaque leaf: a repository may be hostile, a human never writes this.
MAX_DEPTH = 120

_OPERATOR_CONCATENATION = "+"
_TRANSPARENT = frozenset({"parenthesized_expression", "type", "pattern_list_item", "expression_statement"})
_SEQUENCES = {"list": "[", "tuple": "(", "set": "{", "expression_list": "(", "pattern_list": "(", "tuple_pattern": "("}
_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension"}
)
_CONSTANTS = frozenset({"integer", "float", "true", "false", "none", "ellipsis"})


class ExpressionReader:
    """Reads the expressions of one source text."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self._ascii = source.isascii()
        self._starts = [0]
        self._starts.extend(i + 1 for i, byte in enumerate(source) if byte == 10)

    def text(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def loc(self, node: Node) -> Loc:
        return self.loc_of(node.start_byte, node.end_byte)

    def loc_of(self, start: int, end: int) -> Loc:
        line = bisect_right(self._starts, start)
        end_line = bisect_right(self._starts, end)
        begin, end_begin = self._starts[line - 1], self._starts[end_line - 1]
        if self._ascii:
            return Loc(line, start - begin + 1, end_line, end - end_begin + 1, start, end)
        col = len(self.source[begin:start].decode("utf-8", "replace")) + 1
        end_col = len(self.source[end_begin:end].decode("utf-8", "replace")) + 1
        return Loc(line, col, end_line, end_col, start, end)

    def read(self, node: Node, depth: int = 0) -> Expr:
        """The expression at `node`; parentheses are seen through."""
        while node.type in _TRANSPARENT and node.named_child_count == 1:
            node = node.named_children[0]
        kind = node.type
        if depth > MAX_DEPTH:
            return Expr("other", kind, self.loc(node))
        if kind == "identifier":
            return Expr("name", self.text(node), self.loc(node))
        if kind in _CONSTANTS:
            return Expr("constant", self.text(node), self.loc(node))
        reader = _READERS.get(kind)
        if reader is not None:
            return reader(self, node, depth)
        if kind in _SEQUENCES:
            return Expr("sequence", _SEQUENCES[kind], self.loc(node), self._children(node, depth))
        if kind in _COMPREHENSIONS:
            return Expr("comprehension", kind, self.loc(node), self._children(node, depth))
        return Expr("other", kind, self.loc(node), self._children(node, depth))

    def _children(self, node: Node, depth: int) -> tuple[Expr, ...]:
        return tuple(self.read(c, depth + 1) for c in node.named_children if c.type != "comment")

    def _attribute(self, node: Node, depth: int) -> Expr:
        left, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if left is None or name is None:
            return Expr("other", node.type, self.loc(node))
        return Expr("attribute", self.text(name), self.loc(node), (self.read(left, depth + 1),))

    def _call(self, node: Node, depth: int) -> Expr:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return Expr("other", node.type, self.loc(node))
        parts, keys = [self.read(function, depth + 1)], [""]
        if arguments.type == "generator_expression":
            parts.append(self.read(arguments, depth + 1))
            keys.append("")
        else:
            for argument in arguments.named_children:
                self._argument(argument, depth, parts, keys)
        return Expr("call", "", self.loc(node), tuple(parts), tuple(keys))

    def _argument(self, node: Node, depth: int, parts: list[Expr], keys: list[str]) -> None:
        match node.type:
            case "comment":
                return
            case "keyword_argument":
                name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name is not None and value is not None:
                    keys.append(self.text(name))
                    parts.append(self.read(value, depth + 1))
            case "list_splat" | "dictionary_splat":
                keys.append("*" if node.type == "list_splat" else "**")
                inner = node.named_children
                parts.append(self.read(inner[0], depth + 1) if inner else Expr("other", node.type, self.loc(node)))
            case _:
                keys.append("")
                parts.append(self.read(node, depth + 1))

    def _subscript(self, node: Node, depth: int) -> Expr:
        return Expr("subscript", "", self.loc(node), self._children(node, depth))

    def _binary(self, node: Node, depth: int) -> Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            return Expr("other", node.type, self.loc(node), self._children(node, depth))
        parts = (self.read(left, depth + 1), self.read(right, depth + 1))
        sign = self.text(operator)
        if sign == _OPERATOR_CONCATENATION:
            return Expr("concatenation", sign, self.loc(node), parts)
        if sign == "%":
            return Expr("percent", sign, self.loc(node), parts)
        return Expr("binary", sign, self.loc(node), parts)

    def _comparison(self, node: Node, depth: int) -> Expr:
        signs = [self.text(c) for c in node.children if not c.is_named or c.type in {"not in", "is not"}]
        return Expr("binary", signs[0] if signs else "", self.loc(node), self._children(node, depth))

    def _unary(self, node: Node, depth: int) -> Expr:
        sign = "not" if node.type == "not_operator" else self.text(node.children[0])
        return Expr("binary", sign, self.loc(node), self._children(node, depth))

    def _boolean(self, node: Node, depth: int) -> Expr:
        operator = node.child_by_field_name("operator")
        return Expr("binary", self.text(operator) if operator else "", self.loc(node), self._children(node, depth))

    def _await(self, node: Node, depth: int) -> Expr:
        return Expr("await", "", self.loc(node), self._children(node, depth))

    def _mapping(self, node: Node, depth: int) -> Expr:
        parts, keys = [], []
        for pair in node.named_children:
            if pair.type == "pair":
                key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
                if key is None or value is None:
                    continue
                read = self.read(key, depth + 1)
                keys.append(read.text if read.kind == "string" else read.dotted())
                parts.append(self.read(value, depth + 1))
            elif pair.type == "dictionary_splat":
                keys.append("**")
                parts.extend(self._children(pair, depth)[:1])
        return Expr("mapping", "{", self.loc(node), tuple(parts), tuple(keys))

    def _lambda(self, node: Node, depth: int) -> Expr:
        body = node.child_by_field_name("body")
        return Expr("lambda", "", self.loc(node), (self.read(body, depth + 1),) if body else ())

    def _named(self, node: Node, depth: int) -> Expr:
        return Expr("other", "named_expression", self.loc(node), self._children(node, depth))

    def _string(self, node: Node, depth: int) -> Expr:
        holes = [c for c in node.named_children if c.type == "interpolation"]
        if not holes:
            return Expr("string", self._decoded(node), self.loc(node))
        parts: list[Expr] = []
        for child in node.named_children:
            if child.type == "interpolation":
                inner = child.child_by_field_name("expression") or next(iter(child.named_children), None)
                if inner is not None:
                    parts.append(self.read(inner, depth + 1))
            elif child.type == "string_content":
                parts.append(Expr("string", self.text(child), self.loc(child)))
        return Expr("interpolation", "f", self.loc(node), tuple(parts))

    def _decoded(self, node: Node) -> str:
        raw = self.text(node)
        if len(raw) < 100_000:
            try:
                value = ast.literal_eval(raw)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return raw.strip("rRbBuUfF'\"")
            return value if isinstance(value, str) else value.decode("latin-1")
        return raw

    def _joined(self, node: Node, depth: int) -> Expr:
        parts = self._children(node, depth)
        if all(p.kind == "string" for p in parts):
            return Expr("string", "".join(p.text for p in parts), self.loc(node))
        flat: list[Expr] = []
        for part in parts:
            flat.extend(part.parts if part.kind == "interpolation" else (part,))
        return Expr("interpolation", "f", self.loc(node), tuple(flat))

    def _conditional(self, node: Node, depth: int) -> Expr:
        return Expr("conditional", "", self.loc(node), self._children(node, depth))

    def _generic_type(self, node: Node, depth: int) -> Expr:
        parts: list[Expr] = []
        for child in node.named_children:
            if child.type == "type_parameter":
                parts.extend(self._children(child, depth))
            else:
                parts.append(self.read(child, depth + 1))
        return Expr("subscript", "", self.loc(node), tuple(parts))


_READERS: dict[str, Callable[[ExpressionReader, Node, int], Expr]] = {
    "attribute": ExpressionReader._attribute,
    "member_type": ExpressionReader._attribute,
    "call": ExpressionReader._call,
    "subscript": ExpressionReader._subscript,
    "generic_type": ExpressionReader._generic_type,
    "binary_operator": ExpressionReader._binary,
    "union_type": ExpressionReader._boolean,
    "comparison_operator": ExpressionReader._comparison,
    "unary_operator": ExpressionReader._unary,
    "not_operator": ExpressionReader._unary,
    "boolean_operator": ExpressionReader._boolean,
    "await": ExpressionReader._await,
    "dictionary": ExpressionReader._mapping,
    "lambda": ExpressionReader._lambda,
    "named_expression": ExpressionReader._named,
    "string": ExpressionReader._string,
    "concatenated_string": ExpressionReader._joined,
    "conditional_expression": ExpressionReader._conditional,
}
