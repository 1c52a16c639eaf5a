"""A function without what it does with one of its parameters: what it loads, checks, stores and returns is left."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from backwright.languages.python.project_types import Function, dotted

HERE = "HERE_IT_HAPPENS"  # the statement that stands for what was left out
CALL = "CALL_FURTHER_DOWN"  # the expression that stands for the call that was handed the parameter
_WHOLE = frozenset({"model_dump", "dict", "model_copy", "copy"})
_APPLIES = frozenset({"sqlmodel_update", "update", "setattr"})
_SESSIONS = ("session", "db")
_DELETES = re.compile(r"delete|remove|destroy|erase")


@dataclass(frozen=True)
class Slice:
    """What is left of a function. `body` has one `HERE` or one `CALL`; `row` is what was changed; `call` was handed it.

    `why` says what cannot be taken apart; then there is no body.
    """

    body: str = ""
    row: str = ""
    call: ast.Call | None = None
    handed: tuple[str, ...] = ()  # names that stand for the parameter, or for what was made of it
    why: str = ""


@dataclass
class _Work:
    """One function while it is taken apart."""

    text: str
    tainted: set[str]
    hands: Callable[[ast.Call], bool]
    row: str = ""
    call: ast.Call | None = None
    found: bool = False
    why: str = ""
    lines: list[str] = field(default_factory=list)


def without(node: Function, text: str, parameter: str, hands: Callable[[ast.Call], bool]) -> Slice:
    """`node` without what it does with `parameter`; `hands` says whether a call goes on in this project."""
    work = _Work(text, {parameter}, hands)
    body = _block(work, _statements(node))
    if work.why or not work.found:
        return Slice(why=work.why or f"{node.name} hands `{parameter}` to nothing of this project that stores it")
    handed = tuple(sorted(work.tainted))
    return Slice("\n".join(body), work.row, work.call, handed)


def without_deletion(node: Function, text: str, hands: Callable[[ast.Call], bool]) -> Slice:
    """`node` up to where it deletes a row, or hands on what does."""
    kept: list[str] = []
    for statement in _statements(node):
        call = next((c for c in _calls(statement) if _DELETES.search(dotted(c.func).rpartition(".")[2])), None)
        if call is None:
            if isinstance(statement, ast.Return):
                break
            kept.append(_source(text, statement))
            continue
        if isinstance(statement, ast.If | ast.For | ast.While):
            break
        given = [*call.args, *(w.value for w in call.keywords)]
        row = next((a.id for a in given if isinstance(a, ast.Name) and not a.id.endswith(_SESSIONS)), "")
        if hands(call):
            waits = any(isinstance(n, ast.Await) and n.value is call for n in ast.walk(statement))
            return Slice("\n".join([*kept, f"return {'await ' if waits else ''}{CALL}"]), row, call)
        return Slice("\n".join([*kept, HERE]), row)
    return Slice(why=f"{node.name} loads no row that it deletes")


def up_to_here(cut: Slice) -> Slice:
    """The same where nothing is handed further down."""
    body = "\n".join(HERE if CALL in line else line for line in cut.body.splitlines())
    return Slice(body, cut.row)


def _statements(node: Function) -> list[ast.stmt]:
    """Without the docstring."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return node.body[1:]
    return node.body


def _block(work: _Work, statements: Sequence[ast.stmt]) -> list[str]:
    out: list[str] = []
    for statement in statements:
        out += _kept(work, statement)
    return out


def _kept(work: _Work, statement: ast.stmt) -> list[str]:
    if not _uses(statement, work.tainted):
        return [_source(work.text, statement)]
    if isinstance(statement, ast.With | ast.AsyncWith) and not any(_uses(i, work.tainted) for i in statement.items):
        head = _source(work.text, statement).splitlines()
        first = statement.body[0].lineno - statement.lineno
        return [*head[:first], *(textwrap.indent(part, "    ") for part in _block(work, statement.body))]
    if isinstance(statement, ast.Try):
        return _tried(work, statement)
    call = _handed(work, statement)
    if call is not None:
        return _further(work, statement, call)
    changed = _applied(statement)
    _taint(work, statement)
    if isinstance(statement, ast.Return):
        work.why = work.why or "what it returns is made of the request"
        return []
    if changed is None:
        return []
    work.row = work.row or changed
    if work.found:
        return []
    work.found = True
    return [HERE]


def _tried(work: _Work, statement: ast.Try) -> list[str]:
    """With what it catches, unless that is everything or about the request: a refusal must come through."""
    body = _block(work, statement.body)
    caught = {ast.unparse(h.type) if h.type is not None else "Exception" for h in statement.handlers}
    kept = [*statement.handlers, *statement.orelse, *statement.finalbody]
    if not body or {"Exception", "BaseException"} & caught or any(_uses(k, work.tainted) for k in kept):
        return body
    lines = work.text.splitlines()[statement.body[-1].end_lineno or 0 : statement.end_lineno]
    rest = textwrap.dedent("\n".join(lines))
    return ["try:", *(textwrap.indent(part, "    ") for part in body), *rest.splitlines()]


def _further(work: _Work, statement: ast.stmt, call: ast.Call) -> list[str]:
    if work.found:
        return []
    work.found, work.call = True, call
    source = ast.get_source_segment(work.text, statement) or ""
    inner = ast.get_source_segment(work.text, call) or ""
    return [textwrap.dedent(source.replace(inner, CALL, 1))]


def _handed(work: _Work, statement: ast.stmt) -> ast.Call | None:
    """The call of a simple statement that gets the whole parameter and goes on in this project."""
    if not isinstance(statement, ast.Return | ast.Expr | ast.Assign | ast.AnnAssign):
        return None
    for call in _calls(statement):
        given = [*call.args, *(w.value for w in call.keywords)]
        if any(_is_whole(g, work.tainted) for g in given) and work.hands(call):
            return call
    return None


def _is_whole(node: ast.expr, tainted: set[str]) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WHOLE:
        return _is_whole(node.func.value, tainted)
    return isinstance(node, ast.Name) and node.id in tainted


def _applied(statement: ast.stmt) -> str | None:
    """The row that a statement changes, `""` where a query does; None where nothing is changed."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            name = dotted(node.func).rpartition(".")[2]
            if name == "setattr" and node.args:
                return dotted(node.args[0])
            if name == "sqlmodel_update" or (name == "update" and isinstance(node.func, ast.Attribute)):
                return dotted(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        elif isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Attribute) and dotted(target.value) not in {"", "self"}:
                return dotted(target.value)
    return None


def _taint(work: _Work, statement: ast.stmt) -> None:
    targets: list[ast.expr] = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets.append(node.target)
    for target in targets:
        work.tainted |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _uses(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    yield from (n for n in ast.walk(statement) if isinstance(n, ast.Call))


def _source(text: str, node: ast.stmt) -> str:
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines))
