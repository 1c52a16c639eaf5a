"""Readers of statements that most languages have, to be named in a language's table by the fields of their nodes."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Assign, Branch, Catch, Expr, Loop, Raise, Return
from backwright.kit.syntax.grammar import ReadStatement
from backwright.kit.syntax.walking import Walk

_LEAVING = frozenset(
    {
        "return_statement", "return_expression", "return", "throw_statement", "throw_expression", "raise_statement",
        "break_statement", "continue_statement", "break_expression", "continue_expression", "break", "next",
        "jump_expression",
    }
)  # fmt: skip


def for_each(left: str, right: str, body: str = "body") -> ReadStatement:
    """`for left in right`."""

    def read(walk: Walk, node: Node) -> None:
        target, iterable = node.child_by_field_name(left), node.child_by_field_name(right)
        looped(walk, node, target, iterable, node.child_by_field_name(body))

    return read


def looped(walk: Walk, node: Node, target: Node | None, iterable: Node | None, body: Node | None) -> None:
    """A loop over `iterable`, which itself is evaluated once, before the loop."""
    loc = walk.loc(node)
    value = walk.expression(iterable)
    walk.facts.append(Loop("for", walk.at.scope, loc, value, walk.text(target) if target is not None else ""))
    if target is not None and value is not None:
        walk.facts.append(Assign(walk.read(target), value, walk.at.scope, loc, "for", walk.at.branch))
    walk.arm(body, looped=node.start_byte)


def while_loop(condition: str = "condition", body: str = "body") -> ReadStatement:
    """`while`, and `for (;;)`: all but the first part runs again and again."""

    def read(walk: Walk, node: Node) -> None:
        walk.facts.append(Loop("while", walk.at.scope, walk.loc(node)))
        test, inner = node.child_by_field_name(condition), node.child_by_field_name(body)
        if inner is None:
            inner = next((c for c in node.named_children if c.type in walk.grammar.blocks), None)
        start = node.child_by_field_name("initializer") or node.child_by_field_name("init")
        if start is not None:
            walk.statement(start)
        if test is not None:
            value = walk.read(test)
            arms = walk.loc(inner) if inner is not None else None
            walk.facts.append(Branch(value, walk.at.scope, walk.loc(test), arms))
            walk.emit(value, loop=node.start_byte)
        walk.arm(inner, looped=node.start_byte)

    return read


def branch(condition: str = "condition", then: str = "consequence", other: str = "alternative") -> ReadStatement:
    """`if`."""

    def read(walk: Walk, node: Node) -> None:
        start = node.child_by_field_name("initializer")
        if start is not None:
            walk.statement(start)
        test, yes = node.child_by_field_name(condition), node.child_by_field_name(then)
        others = node.children_by_field_name(other)
        if test is not None:
            branched(walk, test, yes, others)
        else:
            walk.arm(yes)
        for one in others:
            walk.arm(one)

    return read


def branched(walk: Walk, test: Node, yes: Node | None, others: list[Node]) -> None:
    """The condition and its first arm; the other arms are only located."""
    value = walk.read(test)
    walk.facts.append(
        Branch(
            value,
            walk.at.scope,
            walk.loc(test),
            walk.loc(yes) if yes is not None else None,
            walk.loc_of(others[0].start_byte, others[-1].end_byte) if others else None,
            leaves(yes),
            len(others) == 1 and leaves(others[0]),
        )
    )
    walk.emit(value)
    walk.arm(yes)


def leaves(block: Node | None) -> bool:
    """Whether a block always leaves: its last statement is a throw, return, continue or break."""
    for _ in range(4):
        if block is None:
            return False
        if block.type in _LEAVING:
            return True
        block = block.named_child(block.named_child_count - 1) if block.named_child_count else None
    return False


def arms(walk: Walk, node: Node) -> None:
    """`switch`, `match`: what is decided on is evaluated once, each child of the rest is an arm."""
    for child in node.named_children:
        if child.type in walk.grammar.skipped:
            continue
        if child.type.endswith(("body", "block", "section", "case", "clause", "entry", "group", "arm", "default")):
            walk.arm(child)
        else:
            walk.statement(child)


def attempt(caught: str, types: frozenset[str]) -> ReadStatement:
    """`try`: handlers are children of type `caught`; `types` are the node types that name what they catch."""

    def read(walk: Walk, node: Node) -> None:
        for child in node.named_children:
            if child.type == caught:
                handler(walk, child, types)
            elif child.type not in walk.grammar.skipped:
                walk.arm(child)

    return read


def handler(walk: Walk, node: Node, types: frozenset[str]) -> None:
    """An exception handler."""
    body = node.child_by_field_name("body")
    if body is None:
        body = next((c for c in reversed(node.named_children) if c.type in walk.grammar.blocks), None)
    names: list[str] = []
    declared = next((c for c in node.named_children if c.type in {"catch_declaration", "catch_formal_parameter"}), node)
    kind = (
        declared.child_by_field_name("type")
        if declared.type == "catch_declaration"
        else node.child_by_field_name("type")
    )
    stack = [kind] if kind is not None else [c for c in node.named_children if c != body]
    while stack:
        child = stack.pop(0)
        if child.type in types:
            names.append(walk.text(child))
        else:
            stack = child.named_children + stack
    if body is None:
        return
    empty = all(c.type in walk.grammar.skipped for c in body.named_children)
    bound = next((f for f in (node.child_by_field_name("parameter"), declared.child_by_field_name("name")) if f), None)
    name = walk.text(bound) if bound is not None else ""
    walk.facts.append(Catch(tuple(names), walk.at.scope, walk.loc(node), walk.loc(body), empty, name))
    walk.arm(body)


def returned(walk: Walk, node: Node) -> None:
    """`return value`."""
    value = _value(walk, node)
    walk.facts.append(Return(value, walk.at.scope, walk.loc(node)))
    if value is not None:
        walk.emit(value, "return")


def yielded(walk: Walk, node: Node) -> None:
    """`yield value`."""
    value = _value(walk, node)
    walk.facts.append(Return(value, walk.at.scope, walk.loc(node), is_yield=True))
    if value is not None:
        walk.emit(value, "return")


def thrown(walk: Walk, node: Node) -> None:
    """`throw value`."""
    value = _value(walk, node)
    walk.facts.append(Raise(value, walk.at.scope, walk.loc(node)))
    if value is not None:
        walk.emit(value)


def _value(walk: Walk, node: Node) -> Expr | None:
    return next((walk.read(c) for c in node.named_children if c.type not in walk.grammar.skipped), None)


def counted(walk: Walk, node: Node) -> None:
    """`row.n++` as `row.n += 1`; of members only, since what counts a loop is nobody's state."""
    target = node.child_by_field_name("argument")
    sign = next((walk.text(c) for c in node.children if not c.is_named), "")
    if target is None or target.type != "member_expression":
        walk.emit(walk.read(node))
    else:
        walk.assign(walk.read(target), Expr("constant", "1", walk.loc(node)), walk.loc(node), f"{sign[:1]}=")


def assignment(left: str = "left", right: str = "right", *, arithmetic: bool = False) -> ReadStatement:
    """`left = right`, `left += right`; `left -= right` keeps its sign where `arithmetic`."""

    def read(walk: Walk, node: Node) -> None:
        target, value = node.child_by_field_name(left), node.child_by_field_name(right)
        if target is None:
            walk.block(node)
            return
        sign = next((walk.text(c) for c in node.children if not c.is_named), "=")
        op = "+=" if sign in {"+=", ".=", "<>=", "<<"} else "="
        op = sign if arithmetic and sign in {"-=", "*=", "/="} else op
        walk.assign(walk.read(target), walk.read(value) if value is not None else None, walk.loc(node), op)

    return read


def assignments(left: str = "left", right: str = "right") -> ReadStatement:
    """As `assignment`, for `a, b = f(), g()` kept as two lists."""

    def read(walk: Walk, node: Node) -> None:
        target, value = node.child_by_field_name(left), node.child_by_field_name(right)
        targets = _listed(walk, target)
        values = _listed(walk, value)
        sign = next((walk.text(c) for c in node.children if not c.is_named and c.type.endswith("=")), "=")
        for number, one in enumerate(targets):
            alone = values[number] if len(values) == len(targets) else values[0] if values else None
            if number and len(values) != len(targets):
                if alone is not None:
                    walk.facts.append(Assign(one, alone, walk.at.scope, walk.loc(node), "=", walk.at.branch))
            else:
                walk.assign(one, alone, walk.loc(node), "+=" if sign == "+=" else "=")

    return read


def _listed(walk: Walk, node: Node | None) -> list[Expr]:
    if node is None:
        return []
    if node.type.endswith("list"):
        return [walk.read(c) for c in node.named_children if c.type not in walk.grammar.skipped]
    return [walk.read(node)]
