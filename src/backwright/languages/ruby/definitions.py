"""Classes, methods, calls; `require` is the only import there is."""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Raise, Symbol
from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.statements import attempt, looped
from backwright.kit.syntax.statements import returned as plain_return
from backwright.kit.syntax.walking import Walk

_CLAUSES = frozenset({"rescue", "ensure", "else"})
_KINDS: dict[str, Literal["positional", "keyword", "var_positional", "var_keyword"]] = {
    "splat_parameter": "var_positional",
    "hash_splat_parameter": "var_keyword",
    "keyword_parameter": "keyword",
}
_CLIMB = 8  # how far above a heredoc's beginning its body is looked for
_read_call = e.method_call("receiver", "method", block="block")
_attempt = attempt("rescue", frozenset({"constant", "scope_resolution"}))


def symbol(walk: Walk, node: Node, depth: int) -> Expr:
    """`:name`, `name:`."""
    return Expr("string", walk.text(node).strip(':"'), walk.loc(node))


def heredoc(walk: Walk, node: Node, depth: int) -> Expr:
    """`<<~SQL`: its text begins on the next line, outside of the statement. Several of a line come one after the other."""
    place: Node | None = node
    for _ in range(_CLIMB):
        after = place.next_named_sibling if place is not None else None
        while after is not None and after.type != "heredoc_body":
            after = after.next_named_sibling
        if after is not None:
            return walk.read(after, depth + 1)
        place = place.parent if place is not None else None
    return Expr("string", "", walk.loc(node))


def call(walk: Walk, node: Node, depth: int) -> Expr:
    """A call; `require` adds an import, `raise` a Raise. `User.(x)` has no method name."""
    if node.child_by_field_name("method") is None:
        return walk.other(node, depth)
    read = _read_call(walk, node, depth)
    if read.parts[0].kind != "name":
        return read
    given = read.parts[1] if len(read.parts) > 1 else None
    match read.parts[0].text:
        case "require" | "require_dependency" | "load" if given is not None and given.kind == "string":
            walk.add_import(node, given.text, "", given.text.rpartition("/")[2])
        case "require_relative" if given is not None and given.kind == "string":
            walk.add_import(node, given.text, "", given.text.rpartition("/")[2], 1)
        case "raise":
            walk.facts.append(Raise(given, walk.at.scope, walk.loc(node)))
    return read


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a method or block."""
    listed = node.child_by_field_name("parameters")
    found = []
    for child in listed.named_children if listed is not None else ():
        name = walk.field(child, "name") or walk.text(child)
        default = walk.field(child, "value")
        found.append(Param(name, "", default, _KINDS.get(child.type, "positional"), walk.loc(child)))
    return tuple(found)


def class_(walk: Walk, node: Node) -> None:
    """A class or module; the attributes that it declares are its fields."""
    body, parent = node.child_by_field_name("body"), node.child_by_field_name("superclass")
    base = walk.read(parent.named_children[0]) if parent is not None and parent.named_child_count else None
    shown = base.parts[0] if base is not None and base.kind in {"subscript", "call"} and base.parts else base
    made = Symbol(
        kind="class",
        name=walk.field(node, "name").replace("::", "."),
        scope=walk.at.scope,
        loc=walk.loc(node),
        bases=(shown.dotted(),) if shown is not None else (),
        base_exprs=(base,) if base is not None else (),
        base_keys=("",) if base is not None else (),
        fields=_fields(walk, body),
        body=walk.loc(body) if body is not None else None,
        modifiers=("module",) if node.type == "module" else (),
    )
    walk.define(made, body)


def _fields(walk: Walk, body: Node | None) -> tuple[Field, ...]:
    found = []
    for child in body.named_children if body is not None else ():
        if child.type == "call" and walk.field(child, "method") in {
            "attr_accessor",
            "attr_reader",
            "attr_writer",
            "attribute",
        }:
            listed = child.child_by_field_name("arguments")
            names = [c for c in (listed.named_children if listed is not None else ()) if c.type == "simple_symbol"]
            found += [Field(walk.text(c)[1:], "", "", walk.loc(c)) for c in names]
    return tuple(found)


def singleton_class(walk: Walk, node: Node) -> None:
    """`class << self`."""
    body = node.child_by_field_name("body")
    if body is not None:
        walk.statement(body)


def method(walk: Walk, node: Node) -> None:
    """`def name`, `def self.name`."""
    body = node.child_by_field_name("body")
    made = Symbol(
        kind="method" if walk.at.in_class else "function",
        name=walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        params=params(walk, node),
        body=walk.loc(body) if body is not None else None,
        modifiers=("static",) if node.type == "singleton_method" else (),
    )
    walk.define(made, None)
    if body is not None:
        saved, walk.at = walk.at, type(walk.at)(made.qualname)
        walk.statement(body)
        walk.at = saved


def body(walk: Walk, node: Node) -> None:
    """Statements, perhaps with a `rescue` at their end."""
    if any(c.type in _CLAUSES for c in node.named_children):
        _attempt(walk, node)
    else:
        walk.block(node)


def returned(walk: Walk, node: Node) -> None:
    """`return a`."""
    listed = node.named_child(0) if node.named_child_count else None
    plain_return(walk, listed if listed is not None and listed.type == "argument_list" else node)


def loop(walk: Walk, node: Node) -> None:
    """`for x in xs do … end`."""
    value = node.child_by_field_name("value")
    iterable = value.named_child(0) if value is not None and value.named_child_count else value
    looped(walk, node, node.child_by_field_name("pattern"), iterable, node.child_by_field_name("body"))
