"""Evaluating the constant strings that routing uses: literals, concatenations, settings fields."""

from __future__ import annotations

from backwright.core.facts import Expr
from backwright.kit.index import FactIndex

_MAX_STEPS = 6


def text_of(index: FactIndex, path: str, expr: Expr | None, steps: int = 0) -> str | None:
    """The string an expression stands for, None when it is not known statically."""
    if expr is None or steps > _MAX_STEPS:
        return None
    match expr.kind:
        case "string":
            return expr.text
        case "interpolation" | "concatenation":
            parts = [text_of(index, path, p, steps + 1) for p in expr.parts]
            return "".join(p for p in parts if p is not None) if all(p is not None for p in parts) else None
        case "name" | "attribute":
            return _named(index, path, expr, steps)
        case "call" if expr.parts[0].dotted() == "str" and len(expr.parts) == 2:
            return text_of(index, path, expr.parts[1], steps + 1)
        case _:
            return None


def _named(index: FactIndex, path: str, expr: Expr, steps: int) -> str | None:
    found = index.resolve(path, expr.dotted())
    if found is not None and found.symbol.kind == "variable":
        return text_of(index, found.path, found.symbol.value, steps + 1)
    if expr.kind != "attribute":
        return None
    owner = index.resolve(path, expr.parts[0].dotted())
    if owner is None or owner.symbol.value is None:
        return None
    # `settings = Settings()` or `settings = get_settings()`: the class whose field this is
    made = index.resolve(owner.path, owner.symbol.value.dotted().removesuffix("()"))
    if made is not None and made.symbol.kind == "function":
        made = index.resolve(made.path, made.symbol.returns)
    if made is None or made.symbol.kind != "class":
        return None
    for current in [made, *index.bases(made)]:
        for field in current.symbol.fields:
            if field.name == expr.text:
                value = field.value_expr
                if value is not None and value.kind == "call":
                    value = value.keyword("default") or next(iter(value.positional()), None)
                return text_of(index, current.path, value, steps + 1)
    return None
