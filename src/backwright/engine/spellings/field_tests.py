"""Tests of a new field, each a test of the project that creates the resource, with the field in what it sends."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.engine.spellings.field_code import Code
from backwright.frameworks.pytest.samples import other, refused, steady, valid
from backwright.kit.artifacts import Emission, FieldPlan, Splice
from backwright.kit.field_edit import FieldEdit
from backwright.kit.templates import render
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.places import line_starts
from backwright.languages.python.project_types import Function, dotted
from backwright.languages.python.scopes import Scope

_OK = re.compile(r"\b(?:200|201|HTTP_200_OK|HTTP_201_CREATED|OK|CREATED)\b")
_IMPORTS = ("import uuid", "import pytest", "from typing import Any", "from datetime import date")


@dataclass(frozen=True)
class Exemplar:
    """A function of the tests that creates the resource: the statements up to the call, and the call in its pieces."""

    path: str
    function: ast.FunctionDef | ast.AsyncFunctionDef
    start: int
    end: int
    json: tuple[int, int]
    response: str
    client: str
    url: ast.expr
    more: tuple[str, ...]  # the other arguments of the call, as source
    awaited: bool
    status: str


@dataclass(frozen=True)
class Reference:
    """What the tests of a reference stand on: a fixture that makes the row, and the answers where there is none.

    `refusals` are the statuses by operation, as source; `listed` is what stands behind `.json()` to come to the rows of
    the list that is asked by it, None where it is not.
    """

    fixture: str
    parameter: str
    source: str
    missing: str
    refusals: dict[str, str]
    listed: str | None
    imports: tuple[str, ...]


def untested(code: Code) -> str:
    """Why the field gets no tests of its own; `""` where it does."""
    return "" if exemplar(code) is not None else "no test of this project creates the resource through its endpoint"


def exemplar(code: Code) -> Exemplar | None:
    """The first test (else the first fixture) that creates the resource and says that it worked."""
    created = code.operations.get("create")
    if created is None:
        return None
    found: list[tuple[int, Exemplar]] = []
    for path in code.types.sources.index.files:
        if not is_test_file(path) or not path.endswith(".py"):
            continue
        code.types.module(path)
        for scope in code.types.scopes_of(path):
            one = _creating(code, scope, created[1]) if isinstance(scope.node, Function) else None
            if one is not None:
                simple = one.function.name.startswith("test")
                found.append((0 if simple else 1, one))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _creating(code: Code, scope: Scope, served: object) -> Exemplar | None:
    function = scope.node
    assert isinstance(function, Function)
    marks = [ast.unparse(d) for d in function.decorator_list]
    if any("parametrize" in mark for mark in marks):
        return None
    if not function.name.startswith("test") and not any("fixture" in mark for mark in marks):
        return None  # a helper: what it takes, nobody gives to a test
    for number, statement in enumerate(function.body):
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        call = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        if not isinstance(call, ast.Call) or code.types.endpoint(scope, call) != served:
            continue
        sent = next((w.value for w in call.keywords if w.arg == "json"), None)
        name = statement.targets[0].id
        status = _status(function.body[number + 1 :], name)
        if sent is None or not status or not isinstance(call.func, ast.Attribute):
            continue
        text = code.text(scope.path)
        starts = line_starts(text)
        first = next((s for s in function.body if not _docstring(s)), statement)
        begin = starts[first.lineno - 1] + first.col_offset
        return Exemplar(
            path=scope.path,
            function=function,
            start=begin,
            end=starts[(statement.end_lineno or 1) - 1] + (statement.end_col_offset or 0),
            json=(
                starts[sent.lineno - 1] + sent.col_offset,
                starts[(sent.end_lineno or 1) - 1] + (sent.end_col_offset or 0),
            ),
            response=name,
            client=ast.unparse(call.func.value),
            url=call.args[0],
            more=tuple(f"{w.arg}={ast.unparse(w.value)}" for w in call.keywords if w.arg and w.arg != "json"),
            awaited=isinstance(statement.value, ast.Await),
            status=status,
        )
    return None


def _docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _status(rest: list[ast.stmt], response: str) -> str:
    """The status that is asserted of a response, as source; `""` where it is none of success."""
    for statement in rest:
        if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
            sides = (statement.test.left, statement.test.comparators[0])
            for one, value in (sides, sides[::-1]):
                if dotted(one) == f"{response}.status_code":
                    source = ast.unparse(value)
                    return source if _OK.search(source) else ""
    return ""


def emit_field_tests(edit: FieldEdit, code: Code, reference: Reference | None = None) -> Iterator[Emission]:
    """Right below the test that they are like."""
    field = edit.field
    found = exemplar(code) if field is not None else None
    if found is None or field is None:
        return
    body = code.text(found.path).encode()
    starts = line_starts(body.decode())
    end = starts[(found.function.end_lineno or 1) - 1] + (found.function.end_col_offset or 0)
    indent = " " * found.function.col_offset
    values = _values(edit, field, found, code, body, reference)
    source = render("pytest/field.py.jinja", **values, **_of_reference(reference))
    lines = [f"{indent}{line}" if line.strip() else "" for line in source.strip("\n").splitlines()]
    gap = "\n\n" if indent else "\n\n\n"
    text = gap + "\n".join(lines)
    if indent:
        text = re.sub(r"\n{3,}", "\n\n", text)
    imports = (*_IMPORTS, *(reference.imports if reference is not None else ()))
    yield Splice(found.path, end, end, text, f"{field.attr} is tested", "in", imports)


def _of_reference(reference: Reference | None) -> dict[str, object]:
    """What the tests of a reference have beside: the row that it refers to, and what is said where there is none."""
    if reference is None:
        return {"fixture": "", "missing": "", "refusals": {}, "listed": None}
    return {
        "fixture": reference.source,
        "missing": reference.missing,
        "refusals": reference.refusals,
        "listed": reference.listed,
    }


def _values(
    edit: FieldEdit, field: FieldPlan, found: Exemplar, code: Code, body: bytes, reference: Reference | None
) -> dict[str, object]:
    before = body[found.start : found.json[0]].decode()
    sent = body[found.json[0] : found.json[1]].decode()
    after = body[found.json[1] : found.end].decode()
    column = " " * (found.function.col_offset + 4)
    before, after = (part.replace(f"\n{column}", "\n    ") for part in (before, after))
    spec = field.spec
    # the key of a row is not made up here
    value = valid(field) if field.target is None else reference.fixture if reference is not None else ""
    another = (other(field) if field.target is None else value) if value else ""
    updated = code.operations.get("update")
    created = code.operations["create"]
    same_guard = updated is not None and set(updated[0].route.auth) == set(created[0].route.auth)
    has_update = any(p.role == "update" for p in edit.places) or (
        updated is not None and updated[1].body is not None and updated[1].body.of in code.owners
    )
    partial = any(p.partial for p in edit.places)
    key = _shown_below(code, created[1].answer)
    identity = next((c.name for c in edit.table.columns if c.primary_key), "id")
    arguments = ast.unparse(found.function.args)
    return {
        "defs": "async def" if isinstance(found.function, ast.AsyncFunctionDef) else "def",
        "marks": [f"@{ast.unparse(d)}" for d in found.function.decorator_list if "fixture" not in ast.unparse(d)],
        "arguments": arguments,
        "typed": found.function.returns is not None or any(a.annotation for a in found.function.args.args),
        "given": ", ".join(filter(None, (arguments, reference.parameter if reference is not None else ""))),
        "parametrized": f"{arguments}, value" if arguments else "value",
        "returns": " -> None" if found.function.returns is not None else "",
        "name": f"{edit.name.snake}",
        "field": field.attr,
        "before": before,
        "sent": sent,
        "after": after,
        "response": found.response,
        "wait": "await " if found.awaited else "",
        "client": found.client,
        "more": "".join(f", {m}" for m in found.more),
        "status": found.status,
        "value": value,
        "shown": value if reference is not None or (steady(field) and "uuid" not in value) else "",
        "unique": "uuid" in value and reference is None,
        "key": key,
        "list_url": ast.unparse(found.url),
        "url": row_url(found.url, f"{{{found.response}.json()['{identity}']}}") if key or _said(found.url) else "",
        "reads": "get" in code.operations and bool(_shown(code, "get")),
        "optional": not spec.required or spec.has_default,
        "default": _default(field),
        "required": spec.required and not spec.has_default,
        "refused": [r for r in refused(field) if "\\x00" not in r],
        "update_shows": updated is not None and _shown(code, "update"),
        "update": another if same_guard and has_update and field.spec.update and another else "",
        "method": updated[0].route.method.lower() if updated is not None else "",
        "whole": not partial,
    }


def _shown(code: Code, operation: str) -> bool:
    """Whether the answer of an operation is the resource itself."""
    answer = code.operations[operation][1].answer
    return answer is not None and answer.name == "json" and answer.of in code.owners


def _shown_below(code: Code, answer: object) -> str | None:
    """What stands behind `response.json()` to come to the resource; None where that is not known."""
    kind = getattr(answer, "of", None)
    if getattr(answer, "name", "") == "json" and kind in code.owners:
        return ""
    return None


def _default(field: FieldPlan) -> str:
    """The JSON that an answer shows where the field was left out, as source."""
    spec = field.spec
    if not spec.has_default:
        return "None"
    if spec.default is None or isinstance(spec.default, bool | int | float):
        return repr(spec.default)
    return f'"{spec.default}"' if field.type not in {"decimal", "datetime"} else ""


def _said(url: ast.expr) -> bool:
    """Whether a URL is written where it is asked for."""
    return isinstance(url, ast.Constant | ast.JoinedStr)


def row_url(url: ast.expr, row: str) -> str:
    """The URL of a row (`{key}`) below that of its list, as source; `""` for one that cannot be continued."""
    if isinstance(url, ast.Constant):
        return f'f"{str(url.value).rstrip("/")}/{row}"'
    if isinstance(url, ast.JoinedStr):
        inner = ast.unparse(url)
        if inner.startswith(("f'", 'f"')) and inner[1:2] != inner[2:3]:
            text = inner[2:-1].rstrip("/")
            return f'f"{text}/{row}"' if '"' not in text else ""
        return ""
    return f"f\"{{{ast.unparse(url)}.rstrip('/')}}/{row}\""
