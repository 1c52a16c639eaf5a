"""An `Expr` back into source text, for the simple expressions that declarations hold."""

from __future__ import annotations

import json

from backwright.core.facts import Expr


def source_of(expr: Expr | None) -> str:
    """Python source of a name, constant, call, attribute, subscript or collection; `""` for None."""
    if expr is None:
        return ""
    match expr.kind:
        case "constant" | "name":
            return expr.text
        case "string":
            return json.dumps(expr.text, ensure_ascii=False)
        case "attribute":
            return f"{source_of(expr.parts[0])}.{expr.text}"
        case "call":
            return f"{source_of(expr.parts[0])}({_arguments(expr)})"
        case "subscript":
            return f"{source_of(expr.parts[0])}[{', '.join(source_of(p) for p in expr.parts[1:])}]"
        case "await":
            return f"await {source_of(expr.parts[0])}"
        case "sequence":
            return _sequence(expr)
        case "binary" | "concatenation" | "percent" if len(expr.parts) == 2:
            return f"{source_of(expr.parts[0])} {expr.text} {source_of(expr.parts[1])}"
        case "binary" if len(expr.parts) == 1:
            return (
                f"{expr.text} {source_of(expr.parts[0])}"
                if expr.text == "not"
                else f"{expr.text}{source_of(expr.parts[0])}"
            )
        case "lambda":
            return f"lambda: {source_of(expr.parts[0])}" if expr.parts else "lambda: None"
        case "interpolation":
            return 'f"' + "".join(p.text if p.kind == "string" else "{" + source_of(p) + "}" for p in expr.parts) + '"'
        case "mapping":
            return (
                "{"
                + ", ".join(f"{json.dumps(k)}: {source_of(p)}" for k, p in zip(expr.keys, expr.parts, strict=True))
                + "}"
            )
        case _:
            return " ".join(source_of(p) for p in expr.parts)


def _arguments(expr: Expr) -> str:
    shown = []
    for key, part in zip(expr.keys[1:], expr.parts[1:], strict=True):
        text = source_of(part)
        shown.append(text if key == "" else f"{key}{text}" if key in {"*", "**"} else f"{key}={text}")
    return ", ".join(shown)


def _sequence(expr: Expr) -> str:
    inner = ", ".join(source_of(p) for p in expr.parts)
    match expr.text:
        case "[":
            return f"[{inner}]"
        case "{":
            return f"{{{inner}}}"
        case _:
            return f"({inner},)" if len(expr.parts) == 1 else f"({inner})"
