"""Loops and conditions, which the grammar gives no fields for."""

from __future__ import annotations

from tree_sitter import Node

from backwright.kit.syntax.statements import branched, looped
from backwright.kit.syntax.walking import Walk


def _children(walk: Walk, node: Node) -> list[Node]:
    return [c for c in node.named_children if c.type not in walk.grammar.skipped]


def loop(walk: Walk, node: Node) -> None:
    """`for (x in xs) { … }`."""
    found = _children(walk, node)
    if len(found) < 2:
        walk.block(node)
        return
    looped(walk, node, found[0], found[1], found[2] if len(found) > 2 else None)


def condition(walk: Walk, node: Node) -> None:
    """`if (test) a else b`."""
    test = node.child_by_field_name("condition")
    arms = [c for c in _children(walk, node) if c != test]
    if test is None:
        walk.block(node)
        return
    yes = arms[0] if arms else None
    branched(walk, test, yes, arms[1:])
    for arm in arms[1:]:
        walk.arm(arm)


def when(walk: Walk, node: Node) -> None:
    """`when (x) { a -> …; else -> … }`."""
    for child in _children(walk, node):
        if child.type != "when_entry":
            walk.block(child)
            continue
        tests = child.children_by_field_name("condition")
        arms = [c for c in _children(walk, child) if c not in tests]
        for test in tests:
            walk.expression(test)
        for arm in arms:
            walk.arm(arm)
