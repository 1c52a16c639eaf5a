"""Which keys a mapping is known to have: literals, what is put into them later, what callers pass."""

from __future__ import annotations

from backwright.core.facts import Expr
from backwright.kit.bodies import Body
from backwright.kit.callgraph import CallGraph, arguments
from backwright.kit.chains import name_of, receiver_of
from backwright.kit.index import Definition

_DEPTH = 3


def keys_of(graph: CallGraph, body: Body, expr: Expr, depth: int = 0) -> frozenset[str] | None:
    """The string keys an expression's mapping has where it stands; None where anything else may be in it."""
    if depth > _DEPTH:
        return None
    if expr.kind == "mapping":
        return _literal(graph, body, expr, depth)
    if expr.kind == "call":
        return _made(graph, body, expr, depth)
    if expr.kind == "binary" and expr.text == "|":
        return _joined(graph, body, expr.parts, depth)
    if expr.kind == "name":
        return _named(graph, body, expr, depth)
    return None


def _joined(graph: CallGraph, body: Body, parts: tuple[Expr, ...], depth: int) -> frozenset[str] | None:
    found = [keys_of(graph, body, part, depth + 1) for part in parts]
    return frozenset().union(*(f for f in found if f is not None)) if all(f is not None for f in found) else None


def _literal(graph: CallGraph, body: Body, expr: Expr, depth: int) -> frozenset[str] | None:
    out: set[str] = set()
    for key, part in zip(expr.keys, expr.parts, strict=False):
        if key in {"", "**"}:
            inner = part.parts[-1] if part.kind == "other" and part.parts else part
            spread = keys_of(graph, body, inner, depth + 1)
            if spread is None:
                return None
            out |= spread
        elif "." in key or key.isupper():
            return None  # a constant's name, not its value
        else:
            out.add(key)
    return frozenset(out)


def _made(graph: CallGraph, body: Body, expr: Expr, depth: int) -> frozenset[str] | None:
    name, receiver = name_of(expr), receiver_of(expr)
    if name == "dict" and receiver is None:
        keys = {k for k in expr.keys[1:] if k not in {"", "*", "**"}}
        rest = [p for k, p in zip(expr.keys[1:], expr.parts[1:], strict=False) if k in {"", "*", "**"}]
        found = _joined(graph, body, tuple(rest), depth)
        return found | keys if found is not None else None
    if name == "copy" and receiver is not None:
        return keys_of(graph, body, receiver, depth + 1)
    return None


def _named(graph: CallGraph, body: Body, expr: Expr, depth: int) -> frozenset[str] | None:
    """A variable: what it was made with, and everything put into it before."""
    out: set[str] = set()
    made = [a for a in body.targets().get(expr.text, ()) if a.loc.start < expr.loc.start]
    for assign in made:
        found = keys_of(graph, body, assign.value, depth + 1) if assign.op in {"=", "+="} else None
        if found is None:
            return None
        out |= found
    if not made:
        passed = _passed(graph, body, expr.text, depth)
        if passed is None:
            return None
        out |= passed
    for assign in body.assigns:
        target = assign.target
        if target.kind == "subscript" and target.parts[0].dotted() == expr.text and len(target.parts) > 1:
            if target.parts[1].kind != "string":
                return None
            out.add(target.parts[1].text)
    for call in body.calls:
        receiver = receiver_of(call.expr)
        if receiver is None or receiver.dotted() != expr.text or name_of(call.expr) not in {"update", "setdefault"}:
            continue
        if name_of(call.expr) == "setdefault":
            out |= {p.text for p in call.expr.positional()[:1] if p.kind == "string"}
            continue
        out |= {k for k in call.expr.keys[1:] if k not in {"", "*", "**"}}
        found = _joined(graph, body, call.expr.positional(), depth)
        if found is None:
            return None
        out |= found
    return frozenset(out)


def _passed(graph: CallGraph, body: Body, name: str, depth: int) -> frozenset[str] | None:
    """A parameter: the keys that some caller passes, where all callers are known; the fewest of them."""
    symbol = body.symbol
    if symbol is None or all(p.name != name for p in symbol.params):
        return None
    target = Definition(body.path, symbol)
    found = []
    for caller, link in graph.callers(target):
        given = arguments(link, target).get(name)
        keys = keys_of(graph, caller, given, depth + 1) if given is not None else None
        if keys is None:
            return None
        found.append(keys)
    return frozenset.intersection(*found) if found else None
