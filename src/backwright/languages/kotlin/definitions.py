"""Packages, imports, classes, functions, and calls with a block behind them."""

from __future__ import annotations

import re
from typing import Literal

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Setting, Symbol
from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.source import first_child
from backwright.kit.syntax.walking import Walk

_PLACEHOLDER = re.compile(r"\$?\{([^:}]+)(?::([^}]*))?\}")
_TYPES = frozenset({"user_type", "nullable_type", "function_type", "parenthesized_type", "non_nullable_type"})


def package(walk: Walk, root: Node) -> str:
    """The package that a file declares."""
    header = next((c for c in root.named_children if c.type == "package_header"), None)
    return walk.text(header.named_children[0]) if header is not None and header.named_child_count else ""


def imported(walk: Walk, node: Node) -> None:
    """`import a.b.C`, `import a.b.C as D`, `import a.b.*`."""
    named = first_child(node)
    if named is None:
        return
    dotted = walk.text(named)
    if node.child_count and walk.text(node.children[-1]) == "*":
        walk.add_import(node, dotted, "*", "*")
        return
    module, _, name = dotted.rpartition(".")
    alias = walk.text(node.named_children[1]) if node.named_child_count > 1 else name
    walk.add_import(node, module, name, alias)


def _modifiers(node: Node) -> Node | None:
    return next((c for c in node.children if c.type == "modifiers"), None)


def decorators(walk: Walk, node: Node) -> tuple[Expr, ...]:
    """The annotations of a declaration."""
    listed = _modifiers(node)
    return _annotations(walk, listed)


def _annotations(walk: Walk, listed: Node | None) -> tuple[Expr, ...]:
    found = [c for c in listed.named_children if c.type == "annotation"] if listed is not None else []
    named = [c.named_children[-1] for c in found if c.named_child_count]  # behind a target: `@field:NotNull`
    return tuple(walk.read(c) for c in named)


def modifiers(walk: Walk, node: Node) -> tuple[str, ...]:
    """`data`, `private`, `suspend` …"""
    listed = _modifiers(node)
    found = listed.named_children if listed is not None else ()
    return tuple(walk.text(c) for c in found if c.type != "annotation")


def _type(walk: Walk, node: Node) -> str:
    return next((walk.text(c) for c in node.named_children if c.type in _TYPES), "")


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a function, constructor or lambda."""
    listed = next(
        (
            c
            for c in node.named_children
            if c.type in {"function_value_parameters", "class_parameters", "lambda_parameters"}
        ),
        None,
    )
    found: list[Param] = []
    marks: tuple[Expr, ...] = ()
    for child in listed.named_children if listed is not None else ():
        if child.type == "parameter_modifiers":
            marks = _annotations(walk, child)
        elif child.type in {"parameter", "class_parameter", "variable_declaration"}:
            name = next((walk.text(c) for c in child.named_children if c.type == "identifier"), "")
            own = decorators(walk, child) or marks
            found.append(Param(name, _type(walk, child), "", "positional", walk.loc(child), decorators=own))
            marks = ()
    return tuple(found)


def class_(walk: Walk, node: Node) -> None:
    """A class, interface or object; the properties of its primary constructor are fields."""
    body = next((c for c in node.named_children if c.type in {"class_body", "enum_class_body"}), None)
    primary = next((c for c in node.named_children if c.type == "primary_constructor"), None)
    listed = next((c for c in node.named_children if c.type == "delegation_specifiers"), None)
    bases = [_base(walk, c.named_children[0]) for c in (listed.named_children if listed else ()) if c.named_child_count]
    kept = [f for f in (_kept(walk, c) for c in _class_parameters(primary)) if f is not None]
    own = [
        _field(walk, c) for c in (body.named_children if body is not None else ()) if c.type == "property_declaration"
    ]
    kinds = [c.type for c in node.children if c.type in {"interface", "object", "enum"}]
    symbol = Symbol(
        kind="class",
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        bases=tuple((b.parts[0] if b.kind in {"call", "subscript"} else b).dotted() for b in bases),
        base_exprs=tuple(bases),
        base_keys=("",) * len(bases),
        decorators=decorators(walk, node),
        params=params(walk, primary) if primary is not None else (),
        fields=(*kept, *own),
        body=walk.loc(body) if body is not None else None,
        modifiers=(*modifiers(walk, node), *kinds),
    )
    for base in bases:
        walk.emit(base)
    walk.define(symbol, body)
    for mark in (mark for param in symbol.params for mark in param.decorators):
        _setting(walk, mark)


def _class_parameters(primary: Node | None) -> list[Node]:
    listed = [c for c in primary.named_children if c.type == "class_parameters"] if primary is not None else []
    return [c for c in (listed[0].named_children if listed else ()) if c.type == "class_parameter"]


def _kept(walk: Walk, node: Node) -> Field | None:
    """A constructor's parameter that is a property too."""
    if not any(c.type in {"val", "var"} for c in node.children):
        return None
    name = next((walk.text(c) for c in node.named_children if c.type == "identifier"), "")
    last = node.named_children[-1]
    value = last if last.type not in {*_TYPES, "identifier", "modifiers"} else None
    return Field(
        name=name,
        annotation=_type(walk, node),
        value=walk.text(value) if value is not None else "",
        loc=walk.loc(node),
        value_expr=walk.read(value) if value is not None else None,
        decorators=decorators(walk, node),
    )


def _base(walk: Walk, node: Node) -> Expr:
    """A supertype: called (`Base(1)`), with type arguments (`Repository<User>`), or plain."""
    if node.type == "user_type":
        given = next((c for c in node.named_children if c.type == "type_arguments"), None)
        if given is not None:
            inner = [walk.read(c.named_children[0]) for c in given.named_children if c.named_child_count]
            return Expr("subscript", "", walk.loc(node), (e.path(walk, node, 0), *inner))
    return walk.read(node)


def _field(walk: Walk, node: Node) -> Field:
    declared = next((c for c in node.named_children if c.type == "variable_declaration"), node)
    value = _value(node)
    return Field(
        name=next((walk.text(c) for c in declared.named_children if c.type == "identifier"), ""),
        annotation=_type(walk, declared),
        value=walk.text(value) if value is not None else "",
        loc=walk.loc(node),
        value_expr=walk.read(value) if value is not None else None,
        decorators=decorators(walk, node),
    )


def _value(node: Node) -> Node | None:
    """What a property is given: behind its declaration, no accessor."""
    given = [c for c in node.named_children if c.type not in {"modifiers", "getter", "setter", "type_parameters"}]
    given = [c for c in given if c.type not in {"variable_declaration", "multi_variable_declaration", *_TYPES}]
    return given[0] if given else None


def companion(walk: Walk, node: Node) -> None:
    """A companion object: its members are those of the class."""
    body = next((c for c in node.named_children if c.type == "class_body"), None)
    if body is not None:
        walk.block(body)


def function(walk: Walk, node: Node) -> None:
    """A function; one that extends a type has that type as first parameter's annotation (`this`)."""
    body = next((c for c in node.named_children if c.type == "function_body"), None)
    listed = next((c for c in node.named_children if c.type == "function_value_parameters"), None)
    before = [c for c in node.named_children if c.type in _TYPES and listed and c.end_byte <= listed.start_byte]
    after = [c for c in node.named_children if c.type in _TYPES and listed and c.start_byte >= listed.end_byte]
    this = tuple(Param("this", walk.text(c), "", "positional", walk.loc(c)) for c in before[:1])
    kind: Literal["method", "function"] = "method" if walk.at.in_class else "function"
    marks = modifiers(walk, node)
    symbol = Symbol(
        kind=kind,
        name=walk.field(node, "name").strip("`"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        decorators=decorators(walk, node),
        params=(*this, *params(walk, node)),
        returns=walk.text(after[0]) if after else "",
        is_async="suspend" in marks,
        body=walk.loc(body) if body is not None else None,
        modifiers=marks,
    )
    walk.define(symbol, body)


def variable(walk: Walk, node: Node) -> None:
    """`val x: T = value`."""
    for mark in decorators(walk, node):
        walk.emit(mark)
        _setting(walk, mark)
    declared = next((c for c in node.named_children if c.type == "variable_declaration"), None)
    value = _value(node)
    if declared is not None:
        read = walk.read(value) if value is not None else None
        walk.assign(e.through(walk, declared, 0), read, walk.loc(node), annotation=_type(walk, declared))
    elif value is not None:
        walk.expression(value)
    for child in node.named_children:
        if child.type in {"getter", "setter"}:
            walk.block(child)


def _setting(walk: Walk, mark: Expr) -> None:
    if mark.kind == "call" and mark.parts[0].text == "Value" and len(mark.parts) > 1:
        text = "".join(p.text for p in mark.parts[1].parts) or mark.parts[1].text
        found = _PLACEHOLDER.search(text)
        if found is not None:
            walk.facts.append(Setting(found[1], mark.loc, found[2] or "", required=found[2] is None))


def navigation(walk: Walk, node: Node, depth: int) -> Expr:
    """`a.b`, `a?.b`, `A::class`."""
    children = [c for c in node.named_children if c.type not in walk.grammar.skipped]
    if len(children) < 2:
        return walk.other(node, depth)
    return Expr("attribute", walk.text(children[-1]), walk.loc(node), (walk.read(children[0], depth + 1),))


_string = e.string(("string_content", "escape_sequence"), ("interpolation",))
_SIMPLE = re.compile(r"\w+")


def template(walk: Walk, node: Node, depth: int) -> Expr:
    """`"a $x b"`: the grammar knows only holes in braces."""
    children = node.named_children
    dollars = [n for n, c in enumerate(children[:-1]) if walk.text(c) == "$"]
    if not dollars:
        return _string(walk, node, depth)
    parts: list[Expr] = []
    for number, child in enumerate(children):
        begin = child.start_byte
        if number in dollars:
            continue
        found = _SIMPLE.match(walk.text(child)) if number - 1 in dollars else None
        if found is not None:
            end = begin + len(found[0].encode())
            parts.append(Expr("name", found[0], walk.loc_of(begin, end)))
            begin = end
        if child.type == "interpolation":
            parts += walk.children(child, depth)
        elif begin < child.end_byte:
            text = walk.source[begin : child.end_byte].decode("utf-8", "replace")
            parts.append(Expr("string", text, walk.loc_of(begin, child.end_byte)))
    return Expr("interpolation", "", walk.loc(node), tuple(parts))


def unary(walk: Walk, node: Node, depth: int) -> Expr:
    """`a!!` is `a`."""
    if node.child_count and node.children[-1].type == "!!":
        return e.through(walk, node, depth)
    return e.unary(walk, node, depth)


def block(walk: Walk, node: Node, depth: int) -> Expr:
    """`{ x -> … }`: its statements stand in it without a body of their own."""
    walk.defer(node, node)
    return Expr("lambda", "", walk.loc(node), (), tuple(p.name for p in params(walk, node)))


def call(walk: Walk, node: Node, depth: int) -> Expr:
    """`f(a) { … }`: the block is one more argument."""
    children = [c for c in node.named_children if c.type not in walk.grammar.skipped]
    if not children:
        return walk.other(node, depth)
    read = walk.read(children[0], depth + 1)
    parts, keys = [read], [""]
    only_block = len(children) > 1 and all(c.type in {"annotated_lambda", "type_arguments"} for c in children[1:])
    if only_block and read.kind == "call" and children[0].type == "call_expression" and "&" not in read.keys:
        parts, keys = list(read.parts), list(read.keys)
    for child in children[1:]:
        if child.type == "annotated_lambda":
            keys.append("&")
            parts.append(walk.read(child, depth + 1))
        elif child.type == "type_arguments":
            keys.append("<")
            inner = [c.named_children[0] for c in child.named_children if c.named_child_count]
            parts.append(Expr("sequence", "<", walk.loc(child), tuple(walk.read(c, depth + 1) for c in inner)))
        else:
            e.add_arguments(walk, child, depth, parts, keys)
    return Expr("call", "", walk.loc(node), tuple(parts), tuple(keys))
