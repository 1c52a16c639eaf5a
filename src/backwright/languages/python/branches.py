"""Conditions, and where their arms begin and end."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Branch, Expr
from backwright.languages.python.expressions import ExpressionReader
from backwright.languages.python.grammar import KINDS

_LEAVING = KINDS.numbers("raise_statement", "return_statement", "continue_statement", "break_statement")
_ELIF, _ELSE = KINDS.numbers("elif_clause"), KINDS.numbers("else_clause")
_COMMENT = KINDS.numbers("comment")


def branch_of(read: ExpressionReader, scope: str, node: Node, value: Expr, condition: Node) -> Branch:
    """A condition with the extents of its arms. `node` is the `if`, `elif` or `while` that it belongs to."""
    body = node.child_by_field_name("consequence") or node.child_by_field_name("body")
    # an elif stands beside its own alternatives, as a sibling in the `if` it belongs to
    sibling = node.next_named_sibling if node.kind_id in _ELIF else node.child_by_field_name("alternative")
    other = sibling if sibling is not None and (sibling.kind_id in _ELIF or sibling.kind_id in _ELSE) else None
    last = other
    while last is not None and last.next_named_sibling is not None:
        last = last.next_named_sibling
    otherwise = read.loc_of(other.start_byte, last.end_byte) if other is not None and last is not None else None
    return Branch(
        value,
        scope,
        read.loc(condition),
        read.loc(body) if body is not None else None,
        otherwise,
        _exits(body),
        other is not None and other.kind_id in _ELSE and _exits(other.child_by_field_name("body")),
    )


def _exits(block: Node | None) -> bool:
    """Whether a block always leaves: its last statement is a raise, return, continue or break."""
    if block is None:
        return False
    for statement in reversed(block.named_children):
        if statement.kind_id not in _COMMENT:
            return statement.kind_id in _LEAVING
    return False
