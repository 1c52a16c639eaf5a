"""Imports, types and functions."""

from __future__ import annotations

import re

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Loc, Param, Setting, Symbol
from backwright.kit.syntax import expressions as e
from backwright.kit.syntax.statements import looped, while_loop
from backwright.kit.syntax.walking import Walk

_TAG = re.compile(r'([\w.-]+):"((?:[^"\\]|\\.)*)"')
_VERSION = re.compile(r"v\d+$")


def package_alias(module: str) -> str:
    """The name that an import of this path binds: its last part, without a version or a prefix that says `go`."""
    parts = module.split("/")
    last = parts[-2] if len(parts) > 1 and _VERSION.fullmatch(parts[-1]) else parts[-1]
    return last.removeprefix("go-").removesuffix("-go").partition(".v")[0].replace("-", "_")


def imported(walk: Walk, node: Node) -> None:
    """`import ( alias "path" )`."""
    stack = list(node.named_children)
    while stack:
        spec = stack.pop(0)
        if spec.type == "import_spec_list":
            stack = spec.named_children + stack
        elif spec.type == "import_spec":
            module = walk.field(spec, "path")[1:-1]
            alias = walk.field(spec, "name")
            star = "*" if alias == "." else ""
            walk.add_import(spec, module, star, star or alias or package_alias(module))


def types(walk: Walk, node: Node) -> None:
    """`type User struct {…}`: fields with their tags; embedded types are bases."""
    for spec in node.named_children:
        kind = spec.child_by_field_name("type")
        if spec.type not in {"type_spec", "type_alias"} or kind is None:
            continue
        fields, bases = _members(walk, kind)
        if kind.type not in {"struct_type", "interface_type"}:
            bases = [walk.read(kind)] if kind.type in {"type_identifier", "qualified_type"} else []
        symbol = Symbol(
            kind="class",
            name=walk.field(spec, "name"),
            scope=walk.at.scope,
            loc=walk.loc(spec),
            bases=tuple(b.dotted() for b in bases),
            base_exprs=tuple(bases),
            base_keys=("",) * len(bases),
            fields=tuple(fields),
            body=walk.loc(kind),
            modifiers=("interface",) if kind.type == "interface_type" else (),
        )
        walk.facts.append(symbol)
        _settings(walk, fields)


def _settings(walk: Walk, fields: list[Field]) -> None:
    """`Port int `env:"PORT" envDefault:"80"``: a field that is filled from the environment."""
    for field in fields:
        marks = {mark.parts[0].text: mark.parts[1].text for mark in field.decorators}
        name = (marks.get("env") or marks.get("envconfig") or "").partition(",")[0]
        if name and name != "-":
            default = marks.get("envDefault") or marks.get("env-default") or marks.get("default") or ""
            walk.facts.append(Setting(name, field.loc, default, annotation=field.annotation))


def _members(walk: Walk, kind: Node) -> tuple[list[Field], list[Expr]]:
    fields: list[Field] = []
    bases: list[Expr] = []
    listed = next((c for c in kind.named_children if c.type == "field_declaration_list"), None)
    for child in listed.named_children if listed is not None else ():
        names, of = child.children_by_field_name("name"), child.child_by_field_name("type")
        if child.type != "field_declaration" or of is None:
            continue
        tags = _tags(walk, child.child_by_field_name("tag"))
        if not names:
            bases.append(walk.read(of))
            fields.append(Field("", walk.text(of), "", walk.loc(child), decorators=tags))
        fields += [Field(walk.text(n), walk.text(of), "", walk.loc(child), decorators=tags) for n in names]
    for child in kind.named_children if kind.type == "interface_type" else ():
        if child.type == "method_elem":
            fields.append(Field(walk.field(child, "name"), walk.text(child), "", walk.loc(child)))
    return fields, bases


def _tags(walk: Walk, tag: Node | None) -> tuple[Expr, ...]:
    """A struct tag as calls: `gorm:"size:10"` is `gorm("size:10")`."""
    if tag is None:
        return ()
    loc = walk.loc(tag)
    found = _TAG.findall(walk.text(tag))
    return tuple(_tag(name, text, loc) for name, text in found)


def _tag(name: str, text: str, loc: Loc) -> Expr:
    return Expr("call", "", loc, (Expr("name", name, loc), Expr("string", text, loc)), ("", ""))


def params(walk: Walk, node: Node) -> tuple[Param, ...]:
    """The parameters of a function, one for each name."""
    listed = node.child_by_field_name("parameters")
    found = []
    for child in listed.named_children if listed is not None else ():
        if not child.type.endswith("parameter_declaration"):
            continue
        many = child.type.startswith("variadic")
        for name in child.children_by_field_name("name"):
            kind = walk.field(child, "type")
            found.append(Param(walk.text(name), kind, "", "var_positional" if many else "positional", walk.loc(child)))
    return tuple(found)


def function(walk: Walk, node: Node) -> None:
    """A function, or a method: its scope is the type of its receiver."""
    body, receiver = node.child_by_field_name("body"), node.child_by_field_name("receiver")
    owner, itself = _receiver(walk, receiver)
    symbol = Symbol(
        kind="method" if owner else "function",
        name=walk.field(node, "name"),
        scope=owner or walk.at.scope,
        loc=walk.loc(node),
        params=(*itself, *params(walk, node)),
        returns=walk.field(node, "result"),
        body=walk.loc(body) if body is not None else None,
    )
    walk.define(symbol, body)


def _receiver(walk: Walk, node: Node | None) -> tuple[str, tuple[Param, ...]]:
    declared = node.named_child(0) if node is not None and node.named_child_count else None
    if declared is None:
        return "", ()
    kind = walk.field(declared, "type")
    name = walk.field(declared, "name")
    itself = (Param(name, kind, "", "positional", walk.loc(declared)),) if name else ()
    return kind.lstrip("*").partition("[")[0], itself


def variables(walk: Walk, node: Node) -> None:
    """`var a, b = 1, 2`; `const k = "v"`; `var order Order` in a function, which is the same as `order := Order{}`."""
    names = [walk.read(n) for n in node.children_by_field_name("name")]
    listed = node.child_by_field_name("value")
    values = [walk.read(c) for c in listed.named_children if c.type != "comment"] if listed is not None else []
    annotation = walk.field(node, "type")
    for number, name in enumerate(names):
        value = values[number] if number < len(values) else values[0] if len(values) == 1 else None
        if value is None and walk.at.scope:
            value = _zero(walk, node.child_by_field_name("type"))
        walk.assign(name, value, walk.loc(node), annotation=annotation)


def _zero(walk: Walk, kind: Node | None) -> Expr | None:
    """What a variable of a named type begins as; None for types of the language, which have lower names."""
    if kind is None or kind.type not in {"type_identifier", "qualified_type"}:
        return None
    made = walk.read(kind)
    return Expr("call", "new", walk.loc(kind), (made,), ("",)) if made.text[:1].isupper() else None


_while = while_loop()


def loop(walk: Walk, node: Node) -> None:
    """`for … range`, `for a; b; c`, `for condition`, `for`."""
    body = node.child_by_field_name("body")
    head = next((c for c in node.named_children if c != body and c.type != "comment"), None)
    if head is not None and head.type == "range_clause":
        left = head.child_by_field_name("left")
        last = left.named_child(left.named_child_count - 1) if left is not None and left.named_child_count else left
        looped(walk, node, last, head.child_by_field_name("right"), body)
        return
    _while(walk, node)


def unary(walk: Walk, node: Node, depth: int) -> Expr:
    """`&User{…}` is the literal; anything else as it is."""
    operand = node.child_by_field_name("operand")
    if operand is not None and node.child_count and node.children[0].type in {"&", "*"}:
        return walk.read(operand, depth + 1)
    return e.unary(walk, node, depth)


def composite(walk: Walk, node: Node, depth: int) -> Expr:
    """`User{Name: "x"}` makes one, as a call with keywords does; `map[…]…{}` and `[]…{}` are a mapping and a sequence."""
    kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
    if kind is None or body is None:
        return walk.other(node, depth)
    value = literal_value(walk, body, depth)
    loc = walk.loc(node)
    if kind.type in {"type_identifier", "qualified_type", "generic_type"}:
        keys = value.keys or ("",) * len(value.parts)
        return Expr("call", "new", loc, (walk.read(kind, depth + 1), *value.parts), ("", *keys))
    return Expr(value.kind, value.text, loc, value.parts, value.keys)


def literal_value(walk: Walk, node: Node, depth: int) -> Expr:
    """`{…}` in a literal."""
    children = [c for c in node.named_children if c.type != "comment"]
    if not any(c.type == "keyed_element" for c in children):
        return Expr("sequence", "[", walk.loc(node), tuple(walk.read(c, depth + 1) for c in children))
    parts: list[Expr] = []
    keys: list[str] = []
    for child in children:
        key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
        if key is not None and value is not None:
            inner = key.named_child(0) if key.named_child_count else key
            keys.append(e.key_text(walk, inner, depth))
            parts.append(walk.read(value, depth + 1))
    return Expr("mapping", "{", walk.loc(node), tuple(parts), tuple(keys))
