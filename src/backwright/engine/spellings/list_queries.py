"""The queries of a list, narrowed, ordered and cut where they stand, in the way that their function already does."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backwright.core.errors import Unsupported
from backwright.kit.artifacts import Emission, Splice
from backwright.languages.python.project_types import dotted
from backwright.languages.python.queries import NARROWING, Query, Step, method_of
from backwright.languages.python.scopes import own_nodes
from backwright.languages.python.signatures import Text

_ENDS = frozenset({"all", "first", "one", "count", "scalars", "fetchall", "subquery", "unique", "mappings"})
_COUNTED = frozenset({"count", "subquery", "len"})
_IMPORTS = (
    "from sqlalchemy import ColumnElement, UnaryExpression, or_",
    "from sqlmodel import col",
    "from typing import Any",
)
_BECAUSE = "what the list is asked for"


@dataclass(frozen=True)
class Wish:
    """What rows shall be: `conditions` are pairs of a test and a condition with `{entity}`, or of "" and a condition always.

    `sort` is the parameter of the order, `table` the allow-list that it is looked up in; `page` are limit and offset.
    """

    conditions: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    table: str = ""
    key: str = ""  # the column that makes an order total, with `{entity}`
    page: tuple[str, str] | None = None


def emit_queries(step: Step, text: Text, wish: Wish) -> Iterator[Emission]:
    """Raises Unsupported by place for a query whose end cannot be seen."""
    path = step.key[0]
    first = min(step.queries, key=lambda q: text.start(q.links[0]))
    inside: dict[int, list[str]] = {}
    if wish.conditions:
        yield from _narrowed(step, text, wish, first, inside)
    rows = [q for q in step.queries if not q.counts]
    if wish.sort or wish.page is not None:
        for query in rows:
            _ordered(step, text, wish, query, inside)
    if wish.sort and rows:
        typed = step.node.returns is not None or any(a.annotation for a in step.node.args.args)
        annotation = ": list[UnaryExpression[Any]]" if typed else ""
        lines = [
            f"order{annotation} = []",
            f"if {wish.sort} is not None:",
            f'    column = {wish.table}[{wish.sort}.removeprefix("-")]',
            f'    order.append(column.desc() if {wish.sort}.startswith("-") else column.asc())',
        ]
        at = step.top_statement_of(rows[0].links[0])
        yield _above(path, text, at, lines)
    for at_byte, parts in inside.items():
        yield Splice(path, at_byte, at_byte, "".join(parts), _BECAUSE, "in", _IMPORTS)
    if wish.page is not None:
        for query in rows:
            at_byte = _end(step, text, query)
            cut = f".offset({wish.page[1]}).limit({wish.page[0]})"
            yield Splice(path, at_byte, at_byte, cut, _BECAUSE, "in")


def _narrowed(step: Step, text: Text, wish: Wish, first: Query, inside: dict[int, list[str]]) -> Iterator[Emission]:
    path = step.key[0]
    conditions = [(test, c.format(entity=first.entity)) for test, c in wish.conditions]
    listed = _condition_list(step)
    if listed is not None:
        name, after = listed
        lines = _asked(conditions, lambda c: f"{name}.append({c})")
        yield _below(path, text, after, lines)
        return
    again = _rebound(step)
    if again is not None:
        query, after = again
        verb = "filter" if query.legacy else "where"
        yield _below(path, text, after, _asked(conditions, lambda c: f"{query.name} = {query.name}.{verb}({c})"))
        return
    taken = {n.id for n in ast.walk(step.node) if isinstance(n, ast.Name)} | {a.arg for a in step.node.args.args}
    name = next(n for n in ("conditions", "criteria", "list_conditions") if n not in taken)
    typed = step.node.returns is not None or any(a.annotation for a in step.node.args.args)
    annotation = ": list[ColumnElement[bool]]" if typed else ""
    lines = [f"{name}{annotation} = []", *_asked(conditions, lambda c: f"{name}.append({c})")]
    yield _above(path, text, step.top_statement_of(first.links[0]), lines)
    for query in step.queries:
        verb = "filter" if query.legacy else "where"
        inside.setdefault(text.end(query.links[0]), []).append(f".{verb}(*{name})")


def _asked(conditions: Sequence[tuple[str, str]], how: object) -> list[str]:
    assert callable(how)
    lines = []
    for test, condition in conditions:
        lines += [f"if {test}:", f"    {how(condition)}"] if test else [how(condition)]
    return lines


def _condition_list(step: Step) -> tuple[str, ast.stmt] | None:
    """The list that every query of the function is narrowed by, and the statement after which it takes more."""
    names = set()
    for query in step.queries:
        stars = [a for c in query.links if method_of(c) in NARROWING for a in c.args if isinstance(a, ast.Starred)]
        names.add(dotted(stars[0].value) if stars else "")
    if len(names) != 1 or not (name := names.pop()):
        return None
    for node in own_nodes(step.node):
        target = (
            node.targets[0]
            if isinstance(node, ast.Assign)
            else node.target
            if isinstance(node, ast.AnnAssign)
            else None
        )
        if target is not None and dotted(target) == name and isinstance(getattr(node, "value", None), ast.List):
            assert isinstance(node, ast.stmt)
            return name, _last(step, node, lambda s: _appends(s, name))
    return None


def _rebound(step: Step) -> tuple[Query, ast.stmt] | None:
    """The one query of a function that is narrowed step by step, and the last statement that does."""
    if len(step.queries) != 1 or not step.queries[0].name:
        return None
    query = step.queries[0]
    if query.legacy and query.link("limit", "offset", "slice") is not None:
        return None
    after = _last(step, query.statement, lambda s: _narrows(s, query.name))
    plain = after is query.statement
    return (
        None
        if plain and not any(_assigns(n, query.name) for n in own_nodes(step.node) if n is not query.statement)
        else (query, after)
    )


def _last(step: Step, start: ast.stmt, belongs: object) -> ast.stmt:
    """The last of the statements right below one that belong to it."""
    assert callable(belongs)
    block = step.block_of(start)
    found = start
    for statement in block[block.index(start) + 1 :]:
        if not belongs(statement):
            break
        found = statement
    return found


def _appends(statement: ast.stmt, name: str) -> bool:
    calls = [n for n in ast.walk(statement) if isinstance(n, ast.Call)]
    return any(dotted(c.func) in {f"{name}.append", f"{name}.extend"} for c in calls)


def _narrows(statement: ast.stmt, name: str) -> bool:
    return any(
        _assigns(node, name) and any(isinstance(c, ast.Call) and method_of(c) in NARROWING for c in ast.walk(node))
        for node in ast.walk(statement)
    )


def _assigns(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Assign) and dotted(node.targets[0]) == name


def _ordered(step: Step, text: Text, wish: Wish, query: Query, inside: dict[int, list[str]]) -> None:
    """What is asked for comes before the order that there is, and the key behind it."""
    key = wish.key.format(entity=query.entity)
    bare = key.removeprefix("col(").removesuffix(")")
    order = next((o for o in _orders(step, query)), None)
    if order is None:
        parts = ["*order"] * bool(wish.sort) + [key]
        inside.setdefault(text.end(query.links[0]), []).append(f".order_by({', '.join(parts)})")
        return
    given = order.args
    if wish.sort:
        at = text.start(given[0]) if given else text.end(order) - 1
        inside.setdefault(at, []).append("*order, " if given else "*order")
    if given and not any(bare in ast.unparse(a) for a in given):
        inside.setdefault(text.end(given[-1]), []).append(f", {key}")


def _orders(step: Step, query: Query) -> Iterator[ast.Call]:
    """The calls that order a query: its own, and those on the variable that it is bound to."""
    own = query.link("order_by")
    if own is not None:
        yield own
    for node in own_nodes(step.node) if query.name else ():
        if isinstance(node, ast.Call) and method_of(node) == "order_by" and node is not own:
            base: ast.expr = node
            while isinstance(base, ast.Call | ast.Attribute):
                base = base.func if isinstance(base, ast.Call) else base.value
            if dotted(base) == query.name:
                yield node


def _end(step: Step, text: Text, query: Query) -> int:
    """The place behind the last call that makes a query what it is. Raises Unsupported where that is not seen."""
    if not query.name:
        kept = [c for c in query.links if method_of(c) not in _ENDS]
        return text.end(kept[-1] if kept else query.links[0])
    ends = []
    for node in own_nodes(step.node):
        if isinstance(node, ast.Name) and node.id == query.name and isinstance(node.ctx, ast.Load):
            statement = step.statement_of(node)
            if _assigns(statement, query.name):
                continue
            last: ast.expr = node
            counted = False
            current: ast.AST = node
            while not isinstance(current, ast.stmt):
                if isinstance(current, ast.Call):
                    counted = counted or method_of(current) in _COUNTED
                    inner = current.func.value if isinstance(current.func, ast.Attribute) else None
                    if inner is last and method_of(current) not in _ENDS:
                        last = current
                current = step.parents[current]
            if not counted:
                ends.append(last)
    if len(ends) != 1:
        raise Unsupported(
            f"`{query.name}` is asked {len(ends)} times here: where its rows are cut is not known",
            where=f"{step.key[0]}:{query.statement.lineno}",
        )
    return text.end(ends[0])


def _above(path: str, text: Text, statement: ast.stmt, lines: list[str]) -> Splice:
    at = text.line_start(text.start(statement))
    indent = text.indent(statement)
    return Splice(path, at, at, "".join(f"{indent}{line}\n" for line in lines), _BECAUSE, "in", _IMPORTS)


def _below(path: str, text: Text, statement: ast.stmt, lines: list[str]) -> Splice:
    at = text.line_end(text.end(statement))
    indent = text.indent(statement)
    return Splice(path, at, at, "".join(f"\n{indent}{line}" for line in lines), _BECAUSE, "in", _IMPORTS)
