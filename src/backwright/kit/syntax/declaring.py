"""What every language's class comes to, however it is written."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from backwright.core.facts import Expr, Field, Param, Symbol
from backwright.kit.syntax.walking import Walk


def class_symbol(
    walk: Walk,
    node: Node,
    body: Node | None,
    bases: Sequence[Expr],
    fields: Sequence[Field],
    *,
    name: str = "",
    decorators: tuple[Expr, ...] = (),
    params: tuple[Param, ...] = (),
    doc: str = "",
    modifiers: tuple[str, ...] = (),
) -> Symbol:
    """The class at `node`; without `name` it is called what the node's field `name` says."""
    return Symbol(
        kind="class",
        name=name or walk.field(node, "name"),
        scope=walk.at.scope,
        loc=walk.loc(node),
        bases=tuple(b.dotted() for b in bases),
        base_exprs=tuple(bases),
        base_keys=("",) * len(bases),
        decorators=decorators,
        params=params,
        fields=tuple(fields),
        body=walk.loc(body) if body is not None else None,
        doc=doc,
        modifiers=modifiers,
    )
