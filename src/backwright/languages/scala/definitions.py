"""Packages, imports, classes and functions."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Symbol
from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.declaring import class_symbol
from backwright.kit.syntax.statements import looped
from backwright.kit.syntax.walking import Walk


def package(walk: Walk, root: Node) -> str:
    """The package that a file declares."""
    declared = [walk.field(c, "name") for c in root.named_children if c.type == "package_clause"]
    return ".".join(declared)


def imported(walk: Walk, node: Node) -> None:
    """`import a.b.{C, D => E}`, `import a.b._`."""
    path = [walk.text(c) for c in node.children_by_field_name("path") if c.is_named]
    selected = [c for c in node.named_children if c.type in {"namespace_selectors", "namespace_wildcard"}]
    if not selected:
        if path:
            walk.add_import(node, ".".join(path[:-1]) or path[-1], path[-1] if len(path) > 1 else "", path[-1])
        return
    module = ".".join(path)
    for child in selected[0].named_children or selected:
        if child.type == "namespace_wildcard" or walk.text(child) in {"_", "*"}:
            walk.add_import(node, module, "*", "*")
        elif child.type == "identifier":
            walk.add_import(node, module, walk.text(child), walk.text(child))
        elif child.type.endswith("renamed_identifier"):
            walk.add_import(node, module, walk.field(child, "name"), walk.field(child, "alias"))


def decorators(walk: Walk, node: Node) -> tuple[Expr, ...]:
    """The annotations of a definition."""
    return tuple(annotation(walk, c, 0) for c in node.children if c.type == "annotation")


def annotation(walk: Walk, node: Node, depth: int) -> Expr:
    """`@Inject()`."""
    named, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
    if named is None:
        return walk.other(node, depth)
    parts, keys = [walk.read(named, depth + 1)], [""]
    e.add_arguments(walk, arguments, depth, parts, keys)
    return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a function."""
    found = []
    for listed in node.children_by_field_name("parameters"):
        for child in listed.named_children:
            if child.type == "parameter":
                found.append(
                    Param(walk.field(child, "name"), walk.field(child, "type"), "", "positional", walk.loc(child))
                )
    return tuple(found)


def class_(walk: Walk, node: Node) -> None:
    """A class, trait or object."""
    body, extends = node.child_by_field_name("body"), node.child_by_field_name("extend")
    listed = node.child_by_field_name("class_parameters")
    bases = [
        walk.read(c) for c in (extends.children_by_field_name("type") if extends is not None else ()) if c.is_named
    ]
    fields = tuple(
        Field(walk.field(c, "name"), walk.field(c, "type"), "", walk.loc(c))
        for c in (listed.named_children if listed is not None else ())
        if c.type == "class_parameter"
    )
    kind = node.type.partition("_")[0]
    symbol = class_symbol(
        walk,
        node,
        body,
        bases,
        fields,
        decorators=decorators(walk, node),
        modifiers=(kind,) if kind != "class" else (),
    )
    walk.define(symbol, body)


def function(walk: Walk, node: Node) -> None:
    """`def f(…) = …`."""
    body = node.child_by_field_name("body")
    symbol = Symbol(
        kind="method" if walk.at.in_class else "function",
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        decorators=decorators(walk, node),
        params=params(walk, node),
        returns=walk.field(node, "return_type"),
        body=walk.loc(body) if body is not None else None,
    )
    walk.define(symbol, None)
    if body is not None:
        saved, walk.at = walk.at, type(walk.at)(symbol.qualname)
        walk.statement(body)
        walk.at = saved


def loop(walk: Walk, node: Node) -> None:
    """`for (x <- xs) …`."""
    listed = node.child_by_field_name("enumerators")
    first = listed.named_child(0) if listed is not None and listed.named_child_count else None
    names = first.named_children if first is not None else []
    if len(names) > 1:
        looped(walk, node, names[0], names[-1], node.child_by_field_name("body"))
    else:
        walk.block(node)


def interpolated(walk: Walk, node: Node, depth: int) -> Expr:
    """`s"a $x"`: its holes; the text between them has no nodes."""
    parts = []
    for child in node.named_children:
        for hole in child.named_children if child.type == "interpolated_string" else ():
            if hole.type == "interpolation" and hole.named_child_count:
                parts.append(walk.read(hole.named_children[0], depth + 1))
    return Expr("interpolation", walk.field(node, "interpolator"), walk.loc(node), tuple(parts))
