"""How rules write their fixes: patches at the places of facts, and the imports that new text needs."""

from __future__ import annotations

from backwright.core.facts import Expr, Loc
from backwright.core.findings import Patch
from backwright.kit.bodies import Body, walk
from backwright.kit.index import FactIndex


def replaced(path: str, loc: Loc, old: str, new: str) -> Patch:
    """New text in place of what stands at a fact."""
    return Patch(path, loc.start, loc.end, new, old)


def inserted(path: str, at: int, new: str) -> Patch:
    """New text before the byte `at`."""
    return Patch(path, at, at, new)


def appended(path: str, call: Expr, new: str) -> tuple[Patch, ...] | None:
    """`new` as the last argument of a call that has some; None where something else than a comma may stand behind them.

    A last argument in parentheses of its own ends before these do: what is read behind it has to be the call's end.
    """
    last, end = call.parts[-1].loc, call.loc
    closing = ")" if last.end_line == end.end_line else "\n" + " " * (end.end_col - 2) + ")"
    comma = {0: "", 1: ","}.get(end.end - last.end - len(closing))
    if comma is None:
        return None
    return (Patch(path, last.end, end.end, f", {new}{comma}{closing}", comma + closing),)


def imported(index: FactIndex, path: str, module: str, name: str = "") -> tuple[Patch, ...] | None:
    """What makes `module`, or `name` of it, known in a file: nothing where it is; None where it cannot be told."""
    own = [i for i in index.imports(path) if not i.scope and not i.typing_only]
    bound = name or module.partition(".")[0]
    for item in own:
        if item.alias == bound and not item.level and item.module == module and item.name == name:
            return ()
    if any(i.alias == bound for i in own) or bound in index.symbols(path):
        return None  # the name means something else here
    places = [i for i in own if i.module != "__future__" and i.loc.col == 1]
    if not places:
        return None
    first = min(places, key=lambda i: i.loc.start)
    line = f"from {module} import {name}\n" if name else f"import {module}\n"
    return (inserted(path, first.loc.start, line),)


def parent_of(body: Body, expr: Expr) -> Expr | None:
    """The expression that an expression is directly part of; None for one that stands by itself."""
    for top in body.expressions():
        if not (top.loc.start <= expr.loc.start and expr.loc.end <= top.loc.end):
            continue
        for node in walk(top):
            if any(part is expr or (part.loc == expr.loc and part.kind == expr.kind) for part in node.parts):
                return node
    return None


def is_in_comprehension(body: Body, expr: Expr) -> bool:
    """Whether an expression stands in a comprehension, where statements of its function are not possible."""
    return any(
        lp.kind == "comprehension" and lp.loc.start <= expr.loc.start and expr.loc.end <= lp.loc.end
        for lp in body.loops
    )
