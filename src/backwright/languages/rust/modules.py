"""`use` and `mod`."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Expr, Import, Test
from backwright.kit.syntax.walking import Walk
from backwright.languages.rust.macros import attribute

_LOCAL = frozenset({"crate", "self", "super"})


def level_of(module: str) -> int:
    """1 for what is named from this crate or module, 0 for another crate (or a module beside this one)."""
    return 1 if module.partition("::")[0] in _LOCAL else 0


def imported(walk: Walk, node: Node) -> None:
    """`use a::{b, c::d as e, f::*};`: an import for each name."""
    argument = node.child_by_field_name("argument")
    if argument is not None:
        _tree(walk, node, argument, "", 0)


def _tree(walk: Walk, statement: Node, node: Node, prefix: str, depth: int) -> None:
    if depth > 20:
        return
    match node.type:
        case "use_list":
            for child in node.named_children:
                _tree(walk, statement, child, prefix, depth + 1)
        case "scoped_use_list":
            listed = node.child_by_field_name("list")
            if listed is not None:
                _tree(walk, statement, listed, _joined(prefix, walk.field(node, "path")), depth + 1)
        case "use_as_clause":
            module, _, name = _joined(prefix, walk.field(node, "path")).rpartition("::")
            _add(walk, statement, module, name, walk.field(node, "alias"))
        case "use_wildcard":
            inner = node.named_child(0) if node.named_child_count else None
            _add(walk, statement, _joined(prefix, walk.text(inner) if inner is not None else ""), "*", "*")
        case "self":
            module, _, name = prefix.rpartition("::")
            _add(walk, statement, module, name, name)
        case "line_comment" | "block_comment":
            return
        case _:
            module, _, name = _joined(prefix, walk.text(node)).rpartition("::")
            _add(walk, statement, module, name, name)


def _add(walk: Walk, statement: Node, module: str, name: str, alias: str) -> None:
    if not module:  # `use serde;`
        module, name = name, ""
    walk.add_import(statement, module, name, alias, level_of(module))


def _joined(prefix: str, path: str) -> str:
    path = path.replace(" ", "").removeprefix("::")
    return f"{prefix}::{path}" if prefix and path else prefix or path


def extern_crate(walk: Walk, node: Node) -> None:
    """`extern crate diesel;`."""
    name = walk.field(node, "name")
    walk.add_import(node, name, "", walk.field(node, "alias") or name)


def module(walk: Walk, node: Node) -> None:
    """`mod users;` is another file; `mod tests {…}` is a scope."""
    name, body = walk.field(node, "name"), node.child_by_field_name("body")
    if body is None:
        scope = f"self::{walk.at.scope.replace('.', '::')}" if walk.at.scope else "self"
        walk.facts.append(Import(scope, name, name, 1, walk.at.scope, walk.loc(node)))
    else:
        before = len(walk.facts)
        walk.inside(f"{walk.at.scope}.{name}" if walk.at.scope else name, body, in_class=False)
        if any(is_for_tests(mark) for mark in decorators(walk, node)):
            leave_tests(walk, before)


def decorators(walk: Walk, node: Node) -> tuple[Expr, ...]:
    """The attributes in front of an item or field."""
    found = []
    before = node.prev_named_sibling
    while before is not None and before.type in {"attribute_item", "line_comment", "block_comment"}:
        if before.type == "attribute_item":
            found.append(attribute(walk, before))
        before = before.prev_named_sibling
    return tuple(reversed(found))


def is_for_tests(mark: Expr) -> bool:
    """`#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[cfg(any(test, …))]`; `#[cfg(not(test))]` is for all but tests."""
    if mark.kind != "call" or mark.parts[0].dotted() not in {"cfg", "all", "any"}:
        return False
    return any(part.dotted() == "test" or is_for_tests(part) for part in mark.parts[1:])


def leave_tests(walk: Walk, since: int) -> None:
    """Of the facts since then, the tests alone: what stands beside the service in its own files is no part of what serves."""
    walk.facts[since:] = [fact for fact in walk.facts[since:] if isinstance(fact, Test)]
