"""What a definition declares: the parameters of a function, the fields of a class, the doc string of either."""

from __future__ import annotations

from tree_sitter import Node

from backwright.core.facts import Field, Param
from backwright.languages.python.expressions import ExpressionReader


def params_of(read: ExpressionReader, node: Node | None) -> tuple[Param, ...]:
    """The parameters in a parameter list."""
    if node is None:
        return ()
    out: list[Param] = []
    kind = "positional"
    for child in node.named_children:
        if child.type in {"keyword_separator", "list_splat_pattern"}:
            kind = "keyword"
        param = _param(read, child, kind)
        if param is not None:
            out.append(param)
            if param.kind == "var_positional":
                kind = "keyword"
    return tuple(out)


def _param(read: ExpressionReader, node: Node, kind: str) -> Param | None:
    name = node.child_by_field_name("name")
    annotation, default = node.child_by_field_name("type"), node.child_by_field_name("value")
    if node.type == "identifier":
        name = node
    elif node.type in {"typed_parameter", "list_splat_pattern", "dictionary_splat_pattern"} and name is None:
        name = next((c for c in node.named_children if c.type != "type"), None)
    if name is None or node.type in {"keyword_separator", "positional_separator", "comment"}:
        return None
    text = read.text(name)
    shown = "var_keyword" if text.startswith("**") or node.type == "dictionary_splat_pattern" else kind
    if shown != "var_keyword" and (text.startswith("*") or node.type == "list_splat_pattern"):
        shown = "var_positional"
    return Param(
        name=text.lstrip("*"),
        annotation=read.text(annotation) if annotation is not None else "",
        default=read.text(default) if default is not None else "",
        kind=shown,  # type: ignore[arg-type]  # one of the four by construction
        loc=read.loc(node),
        annotation_expr=read.read(annotation) if annotation is not None else None,
        default_expr=read.read(default) if default is not None else None,
    )


def fields_of(read: ExpressionReader, body: Node) -> tuple[Field, ...]:
    """What a class body assigns or annotates."""
    out = []
    for statement in body.named_children:
        node = (
            statement.named_children[0]
            if statement.type == "expression_statement" and statement.named_child_count
            else None
        )
        if node is None or node.type != "assignment":
            continue
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        annotation = node.child_by_field_name("type")
        if left is None or left.type != "identifier":
            continue
        out.append(
            Field(
                name=read.text(left),
                annotation=read.text(annotation) if annotation is not None else "",
                value=read.text(right) if right is not None else "",
                loc=read.loc(node),
                annotation_expr=read.read(annotation) if annotation is not None else None,
                value_expr=read.read(right) if right is not None else None,
            )
        )
    return tuple(out)


def doc_of(read: ExpressionReader, body: Node) -> str:
    """The doc string that a body starts with, `""` where it has none."""
    first = body.named_children[0] if body.named_child_count else None
    if first is not None and first.type == "expression_statement" and first.named_child_count:
        string = first.named_children[0]
        if string.type == "string":
            return read.read(string).text
    return ""
