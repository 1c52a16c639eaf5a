"""BW109: a rule of the business is written once, and asked from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Branch, Expr
from backwright.core.findings import Finding
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop
from backwright.kit.decisions import Decisions, decisions, is_fixed, shown
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.layers import Layers, layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW109", "duplicated-business-rule", "advice")
_LEAST = 2  # comparisons of one rule; or one comparison with several constants
_SHOWN = 3
_JOINING = {"and": "and", "or": "or", "&&": "and", "||": "or"}
_NOT = frozenset({"not", "!"})
_ABSENT = frozenset({"is", "is not", "==", "!=", "===", "!=="})
# The same question from the other side.
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True)
class Asked:
    """A condition on the state of entities, and where it is asked."""

    body: Body
    condition: Expr
    entity: str
    text: str


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each condition that several functions of services and routers ask, at the second place."""
    index = index.only(("python", "typescript"))
    layers = layers_of(index, archmap)
    known = decisions(index)
    if not known.columns:
        return
    found: dict[str, list[Asked]] = {}
    for body in _functions(index, layers):
        for branch in body.branches:
            asked = _asked(known, body, branch)
            if asked is not None:
                found.setdefault(asked.text, []).append(asked)
    for places in found.values():
        first = places[0]
        others = [p for p in places[1:] if p.body.key != first.body.key]
        if others and any(p.body.path != first.body.path or _owner(p.body) != _owner(first.body) for p in others):
            yield _one(first, others)


def _functions(index: FactIndex, layers: Layers) -> Iterator[Body]:
    """The functions of services and of files with handlers; services first, since a rule belongs there."""
    files = {h.path for h in layers.handlers}
    wanted = [p for p, layer in layers.layer.items() if layer in {"service", "model"} or p in files]
    for path in sorted(wanted, key=lambda p: (p in files, p)):
        scopes = bodies(index).by_path.get(path, {})
        yield from (b for b in scopes.values() if b.symbol is not None and b.symbol.kind != "class")


def _owner(body: Body) -> str:
    return body.scope.rpartition(".")[0]


def _asked(known: Decisions, body: Body, branch: Branch) -> Asked | None:
    """The condition in a form that is the same wherever it is asked; None where it is no rule, or too small for one."""
    parts = [part for part in _comparisons(branch.condition) if not _is_presence(known, body, part)]
    read = [_normal(known, body, part) for part in parts]
    own = [r for r in read if r is not None]
    words = {_JOINING[n.text] for n in walk(branch.condition) if n.kind == "binary" and n.text in _JOINING}
    if not own or len(words) > 1 or sum(size for _, _, size in own) < _LEAST:
        return None  # which belongs to which is not compared where `and` and `or` mix
    if len(own) != len(parts) and words != {"and"}:
        return None  # what else is asked matters, unless it only narrows the rule
    text = f" {next(iter(words), 'and')} ".join(sorted(text for text, _, _ in own))
    return Asked(body, branch.condition, own[0][1], text)


def _comparisons(expr: Expr) -> Iterator[Expr]:
    """What `and` and `or` join."""
    if expr.kind == "binary" and expr.text in _JOINING:
        for part in expr.parts:
            yield from _comparisons(part)
    else:
        yield expr


def _is_presence(known: Decisions, body: Body, expr: Expr) -> bool:
    """`order`, `order is not None`: whether there is one at all."""
    if expr.kind == "binary" and (
        expr.text in _NOT or (expr.text in _ABSENT and expr.parts[-1].text in {"None", "null", "undefined"})
    ):
        expr = expr.parts[0]
    return expr.kind == "name" and known.entity(body, expr) is not None


def _normal(known: Decisions, body: Body, expr: Expr) -> tuple[str, str, int] | None:
    """`Order.status == "paid"`, its entity, and how much it says: a list of constants says as much as it has."""
    turned = expr.kind == "binary" and expr.text in _NOT and len(expr.parts) == 1
    inner = expr.parts[0] if turned else expr
    sign = "not " if turned else ""
    if inner.kind == "attribute" and (flag := known.column(body, inner)) is not None:
        return f"{sign}{flag[0].entity}.{inner.text}", flag[0].entity, 1
    table = known.compared(body, inner)
    if table is None:
        return None
    left, right = inner.parts
    operator = inner.text
    if known.column(body, left) is None:
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    other = known.column(body, right)
    if other is None and not is_fixed(right):
        return None
    size = len(right.parts) if right.kind == "sequence" else 1
    against = f"{other[0].entity}.{right.text}" if other is not None else _constant(right)
    return f"{sign}{table.entity}.{left.text} {operator} {against}", table.entity, size


def _constant(expr: Expr) -> str:
    if expr.kind == "sequence":
        return f"({', '.join(sorted(shown(p) for p in expr.parts))})"
    return shown(expr)


def _one(first: Asked, others: list[Asked]) -> Finding:
    second = others[0]
    return _VOICE.finding(
        second.body.path,
        second.condition.loc,
        f"`{second.text}` is asked in {len(others) + 1} places: the rule of `{second.entity}` is written once for each",
        scope=second.body.scope,
        text=second.text,
        help=f"give the rule a name where `{second.entity}` is defined or in its service, and ask it from there and from "
        f"{place(first.body.path, first.condition.loc)}",
        related=[
            Hop(one.body.path, one.condition.loc, f"`{one.body.scope}` asks it").related()
            for one in (first, *others[1 : _SHOWN + 1])
        ],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
