"""The scopes of a file, and the endpoint that a test client's call in one of them reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from backwright.languages.python.project_types import Function, Kind

VERBS = frozenset({"get", "post", "put", "patch", "delete"})
_DEEP = 16


@dataclass(frozen=True)
class Served:
    """An endpoint: its method, its path as segments (`{}` for a parameter), what it takes and what it answers as JSON."""

    method: str
    segments: tuple[str, ...]
    body: Kind | None
    answer: Kind | None


@dataclass
class Scope:
    """A function (or a module, or a class body) with the one around it."""

    path: str
    name: str
    node: ast.AST
    outer: Scope | None = None
    bound: dict[str, list[tuple[str, ast.expr]]] = field(default_factory=dict)  # how each name is bound
    told: dict[str, Kind] = field(default_factory=dict)  # names whose kind is told by where they are used
    known: dict[str, Kind | None] = field(default_factory=dict)
    own: Kind | None = None  # the instance, in a method


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a scope, without those inside of functions and classes in it."""
    stack = list(reversed(list(ast.iter_child_nodes(node))))
    while stack:
        current = stack.pop()
        yield current
        if not isinstance(current, ast.ClassDef | Function | ast.Lambda):
            stack.extend(reversed(list(ast.iter_child_nodes(current))))
        elif isinstance(current, ast.Lambda):
            stack.append(current.body)


def endpoint_of(endpoints: Sequence[Served], scope: Scope, node: ast.Call) -> Served | None:
    """The endpoint that a call of a test client reaches."""
    if not isinstance(node.func, ast.Attribute) or not node.args:
        return None
    method, url = node.func.attr, node.args[0]
    if method == "request" and len(node.args) > 1 and isinstance(url, ast.Constant):
        method, url = str(url.value).lower(), node.args[1]
    if method not in VERBS:
        return None
    written = _url(scope, url)
    segments = [s for s in written.split("?")[0].split("/") if s]
    best: tuple[int, Served] | None = None
    for one in endpoints:
        score = _fits(segments, one.segments) if one.method == method.upper() else -1
        if score > 0 and (best is None or score > best[0]):
            best = score, one
    return best[1] if best is not None else None


def _url(scope: Scope, node: ast.expr, deep: int = 0) -> str:
    """A URL as text, `{}` for what is only known when it runs."""
    if deep > _DEEP:
        return "{}"
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_url(scope, v, deep + 1) for v in values)
        case ast.FormattedValue(value=value):
            return _url(scope, value, deep + 1) if isinstance(value, ast.Name) else "{}"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _url(scope, left, deep + 1) + _url(scope, right, deep + 1)
        case ast.Name(id=name):
            outer: Scope | None = scope
            while outer is not None:
                for how, value in outer.bound.get(name, ()):
                    return _url(outer, value, deep + 1) if how == "=" else "{}"
                outer = outer.outer
    return "{}"


def _fits(segments: Sequence[str], path: Sequence[str]) -> int:
    """How well the end of a URL is the path of an endpoint: its literal segments; -1 where it is another."""
    if len(segments) > len(path) + 2 or not path:
        return -1
    score = 0
    for own, other in zip(reversed(segments), reversed(path), strict=False):
        if own == other and own != "{}":
            score += 2
        elif other == "{}":
            score += 1 if "{}" in own or own.isdigit() else 0
        elif own != "{}":
            return -1
    return score if len(segments) >= min(len(path), 1) and any(s in path for s in segments if s != "{}") else -1
