"""Requests, answers and statuses below the routers, where they are imported by name."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body, bodies
from backwright.kit.chains import name_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import libraries
from backwright.kit.webside import is_around_handlers

_WORD = re.compile(r"\w+")
_COMPARING = frozenset({"===", "!==", "==", "!=", "<", ">", "<=", ">="})


def spoken(index: FactIndex, path: str, handled: Container[tuple[str, str]]) -> Iterator[tuple[Body, Loc, str]]:
    """Where a file uses what it imports of HTTP: outside of handlers (`handled`) and of what the framework runs around them."""
    known = libraries(index.files[path].language).web.names
    names = {i.alias for i in index.imports(path) if not i.level and i.name in known.get(i.module, ())}
    for body in bodies(index).by_path.get(path, {}).values() if names else ():
        if body.key in handled or is_around_handlers(index, body):
            continue
        is_own = body.symbol is not None and body.symbol.kind != "class" and not _is_asked_for(index, body)
        for param in body.symbol.params if body.symbol is not None and is_own else ():
            yield from ((body, param.loc, name) for name in _WORD.findall(param.annotation) if name in names)
        for top in body.expressions():
            yield from ((body, e.loc, e.text) for e in _given(top, names))


def _given(expr: Expr, names: set[str]) -> Iterator[Expr]:
    """Where names stand in an expression; what is only compared looks at an answer of somebody else."""
    if (expr.kind == "binary" and expr.text in _COMPARING) or (expr.kind == "call" and name_of(expr) == "includes"):
        return
    if expr.kind == "name" and expr.text in names:
        yield expr
    for part in expr.parts:
        yield from _given(part, names)


def _is_asked_for(index: FactIndex, body: Body) -> bool:
    """Whether a method is one of a class that a library asks for: it chooses the parameters."""
    owner = inference(index).resolve(body.path, body.scope.rpartition(".")[0]) if "." in body.scope else None
    named = [base.dotted() for base in owner.symbol.base_exprs] if owner is not None else []
    return any(name and inference(index).resolve(body.path, name) is None for name in named)
