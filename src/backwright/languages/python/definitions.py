"""What a definition declares: the parameters of a function, the fields of a class, the doc string of either."""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from backwright.core.facts import Field, Param
from backwright.kit.syntax.source import first_child
from backwright.languages.python.expressions import ExpressionReader
from backwright.languages.python.grammar import KINDS

ParamKind = Literal["positional", "keyword", "var_positional", "var_keyword"]

_KEYWORD_ONLY = KINDS.numbers("keyword_separator", "list_splat_pattern")
_NO_PARAMETER = KINDS.numbers("keyword_separator", "positional_separator", "comment")
_IDENTIFIER = KINDS.numbers("identifier")
_TYPED, _DEFAULT = KINDS.numbers("typed_parameter"), KINDS.numbers("default_parameter")
_TYPED_DEFAULT = KINDS.numbers("typed_default_parameter")
_UNNAMED = KINDS.numbers("typed_parameter", "list_splat_pattern", "dictionary_splat_pattern")
_ARGUMENTS, _KEYWORDS = KINDS.numbers("list_splat_pattern"), KINDS.numbers("dictionary_splat_pattern")
_TYPE, _STRING = KINDS.numbers("type"), KINDS.numbers("string")
_STATEMENT, _ASSIGNMENT = KINDS.numbers("expression_statement"), KINDS.numbers("assignment")


def params_of(read: ExpressionReader, node: Node | None) -> tuple[Param, ...]:
    """The parameters in a parameter list."""
    if node is None:
        return ()
    out: list[Param] = []
    kind: ParamKind = "positional"
    for child in node.named_children:
        number = child.kind_id
        if number in _IDENTIFIER:
            out.append(Param(read.text(child), "", "", kind, read.loc(child)))
            continue
        if number in _KEYWORD_ONLY:
            kind = "keyword"
        param = _param(read, child, kind)
        if param is not None:
            out.append(param)
            if param.kind == "var_positional":
                kind = "keyword"
    return tuple(out)


def _param(read: ExpressionReader, node: Node, kind: ParamKind) -> Param | None:
    number = node.kind_id
    if number in _NO_PARAMETER:
        return None
    name, annotation, default = _pieces(node, number)
    if name is None:
        return None
    text = read.text(name)
    shown: ParamKind = "var_keyword" if text.startswith("**") or number in _KEYWORDS else kind
    if shown != "var_keyword" and (text.startswith("*") or number in _ARGUMENTS):
        shown = "var_positional"
    return Param(
        name=text.lstrip("*"),
        annotation=read.text(annotation) if annotation is not None else "",
        default=read.text(default) if default is not None else "",
        kind=shown,
        loc=read.loc(node),
        annotation_expr=read.read(annotation) if annotation is not None else None,
        default_expr=read.read(default) if default is not None else None,
    )


def _pieces(node: Node, number: int) -> tuple[Node | None, Node | None, Node | None]:
    """The name, the annotation and the default of a parameter: by their places, where nothing else is among them."""
    children = node.children
    if number in _TYPED and len(children) == 3:
        return children[0], children[2], None
    if number in _DEFAULT and len(children) == 3:
        return children[0], None, children[2]
    if number in _TYPED_DEFAULT and len(children) == 5:
        return children[0], children[2], children[4]
    name = node.child_by_field_name("name")
    if name is None and number in _UNNAMED:
        name = next((c for c in node.named_children if c.kind_id not in _TYPE), None)
    return name, node.child_by_field_name("type"), node.child_by_field_name("value")


def fields_of(read: ExpressionReader, body: Node) -> tuple[Field, ...]:
    """What a class body assigns or annotates."""
    out = []
    for statement in body.named_children:
        node = first_child(statement) if statement.kind_id in _STATEMENT else None
        if node is None or node.kind_id not in _ASSIGNMENT:
            continue
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        annotation = node.child_by_field_name("type")
        if left is None or left.kind_id not in _IDENTIFIER:
            continue
        out.append(
            Field(
                name=read.text(left),
                annotation=read.text(annotation) if annotation is not None else "",
                value=read.text(right) if right is not None else "",
                loc=read.loc(node),
                annotation_expr=read.read(annotation) if annotation is not None else None,
                value_expr=read.kept(right) if right is not None else None,
            )
        )
    return tuple(out)


def doc_of(read: ExpressionReader, body: Node) -> str:
    """The doc string that a body starts with, `""` where it has none."""
    first = first_child(body)
    if first is not None and first.kind_id in _STATEMENT:
        string = first_child(first)
        if string is not None and string.kind_id in _STRING:
            return read.kept(string).text
    return ""
