"""The requests that a project's tests make, taken apart: what a new test is made of."""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from dataclasses import dataclass, replace

from backwright.kit.house import TestStyle
from backwright.languages.python.project_types import dotted


@dataclass(frozen=True)
class Asked:
    """A request that a test makes: the statements before it, the call, and what is asserted of its status."""

    path: str
    function: ast.FunctionDef | ast.AsyncFunctionDef
    before: tuple[ast.stmt, ...]
    text: str  # of the file
    call: ast.Call
    response: str
    awaited: bool
    status: str
    url: ast.expr


def template(url: ast.expr) -> str:
    """The inside of an f-string that is this URL, `""` where it is none."""
    if isinstance(url, ast.Constant) and isinstance(url.value, str):
        return url.value
    if isinstance(url, ast.JoinedStr):
        source = ast.unparse(url)
        inner = source[2:-1]
        return inner if '"' not in inner else ""
    return ""


def with_headers(found: Asked, fixture: str, style: TestStyle) -> Asked:
    """The same request with the headers of a fixture, `""` for none."""
    call = copy.deepcopy(found.call)
    call.keywords = [w for w in call.keywords if w.arg != "headers"]
    if fixture:
        call.keywords.append(ast.keyword("headers", ast.Name(fixture, ast.Load())))
    return replace(found, call=call, function=_taking(found.function, fixture, "dict[str, str]"))


def with_client(found: Asked, fixture: str, style: TestStyle) -> Asked:
    """The same request by another client."""
    call = copy.deepcopy(found.call)
    assert isinstance(call.func, ast.Attribute), "requests are methods of a client"
    call.func.value = ast.Name(fixture, ast.Load())
    kind = style.client_type.name if style.client_type is not None else "Any"
    return replace(found, call=call, function=_taking(found.function, fixture, kind))


def _taking(
    function: ast.FunctionDef | ast.AsyncFunctionDef, fixture: str, kind: str
) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """A test that takes one more fixture."""
    if not fixture or any(a.arg == fixture for a in function.args.args):
        return function
    more = copy.deepcopy(function)
    note = ast.parse(kind, mode="eval").body if function.returns is not None else None
    more.args.args.append(ast.arg(fixture, note))
    return more


def asserted(rest: list[ast.stmt], statement: ast.stmt, call: ast.Call) -> tuple[str, str]:
    """The name of the response, and the status that is asserted of it, as source."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        if value is not call:
            return "", ""
        name = statement.targets[0].id
        for later in rest[1:]:
            if isinstance(later, ast.Assert) and isinstance(later.test, ast.Compare):
                for one, other in (
                    (later.test.left, later.test.comparators[0]),
                    (later.test.comparators[0], later.test.left),
                ):
                    if dotted(one) == f"{name}.status_code":
                        return name, ast.unparse(other)
        return name, ""
    if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
        left = statement.test.left
        inner = left.value if isinstance(left, ast.Attribute) and left.attr == "status_code" else None
        inner = inner.value if isinstance(inner, ast.Await) else inner
        if inner is call:
            return "response", ast.unparse(statement.test.comparators[0])
    return "", ""


def before(found: Asked, call: str) -> str:
    """The statements before a request that it needs, as they are written: those that make what it names."""
    if not call:
        return ""
    local = {
        n.id for s in found.before for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    needed = _read(ast.parse(call, mode="eval")) & local
    while True:
        kept = [s for s in found.before if _read(s) & needed and not isinstance(s, ast.Assert)]
        kept += [s for s in found.before if _made(s) & needed and s not in kept]
        more = needed | {name for s in kept for name in _read(s) & local}
        if more == needed:
            break
        needed = more
    used = {name for s in kept for name in _read(s)} - local
    rest = [s for s in found.before if isinstance(s, ast.Expr) and s not in kept and _read(s) and _read(s) <= used]
    lines = found.text.splitlines()
    shown = (lines[s.lineno - 1 : s.end_lineno] for s in found.before if s in kept or s in rest)
    text = textwrap.dedent("\n".join(line for part in shown for line in part))
    return textwrap.indent(text, "    ").strip()


def _read(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _made(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def used_only(arguments: str, text: str) -> tuple[str, tuple[str, ...]]:
    """The parameters that a test names, and the other ones: fixtures that it needs all the same."""
    given = [a for a in re.split(r",\s*(?![^\[]*\])", arguments) if a]
    named = [a for a in given if re.search(rf"\b{re.escape(a.partition(':')[0].strip())}\b", f"self {text}")]
    others = (a.partition(":")[0].strip() for a in given if a not in named)
    return ", ".join(named), tuple(others)
