"""Modules, functions, imports, and the calls that are statements."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Catch, Expr, Field, Loop, Param, Raise, Symbol
from backwright.kit.syntax.statements import branched
from backwright.kit.syntax.walking import Walk

_FUNCTIONS = frozenset({"def", "defp", "defmacro", "defmacrop", "defdelegate"})
_IMPORTS = frozenset({"use", "import", "alias", "require"})


def called(walk: Walk, node: Node) -> None:
    """A call at the place of a statement."""
    target = node.child_by_field_name("target")
    word = walk.text(target) if target is not None and target.type == "identifier" else ""
    arguments = next((c for c in node.named_children if c.type == "arguments"), None)
    given = [c for c in (arguments.named_children if arguments is not None else ()) if c.type != "comment"]
    block = next((c for c in node.named_children if c.type == "do_block"), None)
    if word in {"defmodule", "defprotocol", "defimpl"} and given:
        _module(walk, node, given[0], block)
    elif word in _FUNCTIONS and given:
        _function(walk, node, word, given, block)
    elif word in _IMPORTS and given:
        _imported(walk, node, word, given)
    elif word in {"if", "unless"} and given:
        _if(walk, given, block)
    elif word == "for" and given:
        _for(walk, node, given, block)
    elif word in {"case", "cond", "with", "try", "receive"}:
        for child in given:
            walk.statement(child)
        if block is not None:
            walk.block(block)
    else:
        read = walk.expression(node)
        if word in {"raise", "reraise"} and read is not None:
            value = read.parts[1] if len(read.parts) > 1 else None
            walk.facts.append(Raise(value, walk.at.scope, walk.loc(node)))


def _module(walk: Walk, node: Node, name: Node, block: Node | None) -> None:
    symbol = Symbol(
        kind="class",
        name=walk.text(name),
        scope=walk.at.scope,
        loc=walk.loc(node),
        fields=tuple(_struct(walk, block)),
        body=walk.loc(block) if block is not None else None,
        modifiers=("module",),
    )
    walk.define(symbol, block)


def _struct(walk: Walk, block: Node | None) -> list[Field]:
    """The fields that `defstruct` declares."""
    for child in block.named_children if block is not None else ():
        if child.type == "call" and walk.field(child, "target") == "defstruct":
            read = walk.read(child)
            shape = read.parts[1] if len(read.parts) > 1 else None
            if shape is not None and shape.kind == "sequence":
                return [Field(p.text, "", "", p.loc) for p in shape.parts]
            keys = shape.keys if shape is not None and shape.kind == "mapping" else read.keys[1:]
            return [Field(k, "", "", read.loc) for k in keys if k]
    return []


def _function(walk: Walk, node: Node, word: str, given: list[Node], block: Node | None) -> None:
    head = given[0]
    if head.type == "binary_operator" and head.child_by_field_name("left") is not None:  # a guard
        head = head.child_by_field_name("left") or head
    target = head.child_by_field_name("target")
    arguments = next((c for c in head.named_children if c.type == "arguments"), None)
    body = block if block is not None else _keyword(walk, given[1:], "do")
    symbol = Symbol(
        kind="function",
        name=walk.text(target) if target is not None else walk.text(head),
        scope=walk.at.scope,
        loc=walk.loc(node),
        params=tuple(_param(walk, c) for c in (arguments.named_children if arguments is not None else ())),
        body=walk.loc(body) if body is not None else None,
        modifiers=("private",) if word.endswith("p") else (),
    )
    walk.define(symbol, None)
    if body is not None:
        saved, walk.at = walk.at, type(walk.at)(symbol.qualname)
        if block is not None:
            walk.block(block)
        else:
            walk.statement(body)
        walk.at = saved


def _param(walk: Walk, node: Node) -> Param:
    text = walk.text(node)
    default = ""
    if node.type == "binary_operator":
        left, right = walk.field(node, "left"), walk.field(node, "right")
        sign = walk.field(node, "operator")
        text, default = (left, right) if sign == "\\\\" else (right, "") if node.named_child_count == 2 else (text, "")
    return Param(text, "", default, "positional", walk.loc(node))


def _keyword(walk: Walk, given: list[Node], name: str) -> Node | None:
    for child in given:
        for pair in child.named_children if child.type == "keywords" else ():
            if walk.field(pair, "key").strip().rstrip(":") == name:
                return pair.child_by_field_name("value")
    return None


def _imported(walk: Walk, node: Node, word: str, given: list[Node]) -> None:
    """`use A.B`, `alias A.{B, C}`, `alias A.B, as: C`. What is used is a call as well: it declares things."""
    named = given[0]
    if named.type == "dot" and named.child_by_field_name("right") is not None:
        prefix = walk.field(named, "left")
        right = named.child_by_field_name("right")
        for child in right.named_children if right is not None else ():
            whole = f"{prefix}.{walk.text(child)}"
            walk.add_import(node, whole, "", whole.rpartition(".")[2])
    elif named.type == "alias":
        module = walk.text(named)
        as_ = _keyword(walk, given[1:], "as")
        alias = walk.text(as_) if as_ is not None else module.rpartition(".")[2]
        walk.add_import(node, module, "*" if word == "import" else "", "*" if word == "import" else alias)
    if word == "use":
        walk.expression(node)


def _if(walk: Walk, given: list[Node], block: Node | None) -> None:
    others = [c for c in (block.named_children if block is not None else ()) if c.type == "else_block"]
    if block is None:
        yes = _keyword(walk, given[1:], "do")
        no = _keyword(walk, given[1:], "else")
        others = [no] if no is not None else []
        branched(walk, given[0], yes, others)
        for other in others:
            walk.arm(other)
        return
    branched(walk, given[0], None, others)
    for child in block.named_children:
        walk.arm(child)


def _for(walk: Walk, node: Node, given: list[Node], block: Node | None) -> None:
    """`for x <- xs, do: …`."""
    start = node.start_byte
    body = block if block is not None else _keyword(walk, given, "do")
    for child in given:
        left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
        if child.type == "binary_operator" and left is not None and right is not None:
            value = walk.expression(right)
            walk.facts.append(Loop("comprehension", walk.at.scope, walk.loc(node), value, walk.text(left)))
    if body is None:
        return
    saved = walk.at
    walk.at = type(saved)(saved.scope, start, start)
    if block is not None:
        walk.block(block)
    else:
        walk.statement(body)
    walk.at = saved


def matched(walk: Walk, node: Node) -> None:
    """`pattern = value`; other operators are expressions."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    sign = walk.field(node, "operator")
    if left is None or right is None or sign not in {"=", "<-"}:
        walk.expression(node)
        return
    if right.type == "call" and walk.field(right, "target") in {"case", "if", "cond", "with", "for", "try", "unless"}:
        walk.statement(right)
        return
    walk.assign(walk.read(left), walk.read(right), walk.loc(node))


def module_attribute(walk: Walk, node: Node) -> None:
    """`@name value`; specifications and documentation are no code."""
    operand = node.child_by_field_name("operand")
    if operand is None or walk.text(node)[:1] != "@":
        walk.expression(node)
        return
    name = walk.field(operand, "target")
    if operand.type != "call" or name in {"spec", "type", "typep", "opaque", "doc", "moduledoc", "callback"}:
        return
    read = walk.read(operand)
    if len(read.parts) > 1:
        target = Expr("name", f"@{name}", read.loc)
        walk.assign(target, read.parts[1], walk.loc(node))


def clause(walk: Walk, node: Node) -> None:
    """`pattern -> body`."""
    walk.arm(node.child_by_field_name("right"))


def rescued(walk: Walk, node: Node) -> None:
    """`rescue e in Error -> …`."""
    for child in node.named_children:
        left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
        if child.type == "stab_clause" and right is not None:
            text = walk.text(left) if left is not None else ""
            types = (text.rpartition(" in ")[2],) if text else ()
            walk.facts.append(Catch(types, walk.at.scope, walk.loc(child), walk.loc(right)))
            walk.arm(right)


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """What the first clause of `fn id, name -> … end` takes."""
    clause = next((c for c in node.named_children if c.type == "stab_clause"), None)
    taken = clause.child_by_field_name("left") if clause is not None else None
    listed = taken.named_children if taken is not None else ()
    return tuple(Param(walk.text(c), "", "", "positional", walk.loc(c)) for c in listed)
