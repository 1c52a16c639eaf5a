"""Tests of what a list is asked for, each a test of the project that creates the resource with a look at the list behind it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from backwright.blueprints.list.decide import ListEdit
from backwright.engine.spellings.field_code import Code
from backwright.engine.spellings.field_tests import Exemplar, exemplar
from backwright.kit.artifacts import Emission, FieldPlan, Splice
from backwright.kit.spelling import TEXTUAL
from backwright.kit.templates import render
from backwright.languages.python.places import line_starts
from backwright.languages.python.project_types import Kind

_IMPORTS = ("import uuid", "import pytest", "from typing import Any")
_NUMBERS = frozenset({"integer", "decimal", "float"})


def untested(edit: ListEdit, code: Code) -> str:
    """Why the list gets no tests of its own; `""` where it does."""
    if exemplar(code) is None:
        return "no test of this project creates the resource through its endpoint"
    listed, created = code.operations["list"], code.operations["create"]
    if listed[1].segments != created[1].segments:
        return "the list has another address than what creates its rows"
    if not set(listed[0].route.auth) <= set(created[0].route.auth):
        return "the tests that create rows act as others than those who may list them"
    if rows_of(code) is None:
        return "what of the answer the rows are is not known"
    return ""


def emit_list_tests(edit: ListEdit, code: Code) -> Iterator[Emission]:
    """Right below the test that they are like."""
    found = exemplar(code)
    rows = rows_of(code)
    if untested(edit, code) or found is None or rows is None:
        return
    body = code.text(found.path).encode()
    starts = line_starts(body.decode())
    end = starts[(found.function.end_lineno or 1) - 1] + (found.function.end_col_offset or 0)
    indent = " " * found.function.col_offset
    source = render("pytest/list.py.jinja", **_values(edit, code, found, rows, body))
    lines = [f"{indent}{line}" if line.strip() else "" for line in source.strip("\n").splitlines()]
    text = ("\n\n" if indent else "\n\n\n") + "\n".join(lines)
    text = re.sub(r"\n{3,}", "\n\n", text) if indent else re.sub(r"\n{4,}", "\n\n\n", text)
    yield Splice(found.path, end, end, text, "the list is tested", "in", _IMPORTS)


def rows_of(code: Code) -> tuple[str, frozenset[str]] | None:
    """What stands behind `response.json()` to come to the rows of the list, and the fields that they show."""
    answer = code.operations["list"][1].answer if "list" in code.operations else None
    if answer is None:
        return None
    if answer.name == "many":
        fields = _shown(code, answer.args[0] if answer.args else None)
        return ("", fields) if fields else None
    if answer.name != "json" or answer.of is None:
        return None
    declared = code.types.declared
    for _, node, _ in declared.bases(Kind("row", answer.of, answer.args)):
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                kind = declared.member(Kind("row", answer.of, answer.args), item.target.id)
                if (
                    kind is not None
                    and kind.name == "many"
                    and (fields := _shown(code, kind.args[0] if kind.args else None))
                ):
                    return f'["{item.target.id}"]', fields
    return None


def _shown(code: Code, kind: Kind | None) -> frozenset[str]:
    """The fields that a schema has, its bases' among them."""
    if kind is None or kind.of is None:
        return frozenset()
    return frozenset(
        item.target.id
        for _, node, _ in code.types.declared.bases(Kind("row", kind.of, kind.args))
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    )


def _values(
    edit: ListEdit, code: Code, found: Exemplar, rows: tuple[str, frozenset[str]], body: bytes
) -> dict[str, Any]:
    before, sent, after = (
        body[a:b].decode() for a, b in ((found.start, found.json[0]), found.json, (found.json[1], found.end))
    )
    column = " " * (found.function.col_offset + 4)
    before, after = (part.replace(f"\n{column}", "\n    ") for part in (before, after))
    pages, listing = edit.resource.house.pages, edit.resource.listing
    shown = rows[1]
    answer = code.operations["create"][1].answer
    made = _shown(code, answer) if answer is not None and answer.name == "json" else frozenset()
    key = edit.resource.key if edit.resource.key in shown & made else ""
    arguments = ast.unparse(found.function.args)
    typed = found.function.returns is not None or any(a.annotation for a in found.function.args.args)
    return {
        "defs": "async def" if isinstance(found.function, ast.AsyncFunctionDef) else "def",
        "marks": [f"@{ast.unparse(d)}" for d in found.function.decorator_list if "fixture" not in ast.unparse(d)],
        "arguments": arguments,
        "more_arguments": f"{arguments}, " if arguments else "",
        "any": ": Any" if typed else "",
        "returns": " -> None" if found.function.returns is not None else "",
        "snakes": edit.resource.name.snake_plural,
        "create": f"{before}{sent}{after}",
        "response": found.response,
        "get": f"{'await ' if found.awaited else ''}{found.client}.get({ast.unparse(found.url)}",
        "more": "".join(f", {m}" for m in found.more),
        "rows": rows[0],
        "key": key,
        "filters": [
            {
                "attr": f.attr,
                "same": f.attr in shown & made and not f.spec.nullable,
                "other": _other(f, shown=f.attr in shown & made),
                "wrong": f.type in {"integer", "boolean", "uuid", "date", "datetime", "enum", "ref", "decimal", "float"}
                and not (f.target is not None and f.target.key_python == "str"),
            }
            for f in edit.filters
        ],
        "sorts": [
            {
                "attr": f.attr,
                "compared": f.attr in shown and f.type not in TEXTUAL and not f.enum and f.target is None,
                "number": f.type in _NUMBERS,
            }
            for f in edit.sorts
        ],
        "search": [f.attr for f in edit.search],
        "searched": next((f.attr for f in edit.search if f.attr in shown & made and not f.spec.nullable), ""),
        "pages": edit.pages,
        "size": pages.size,
        "at": pages.at,
        "first": pages.first if pages.kind == "page" else 0,
        "page_max": listing.page_max,
    }


def _other(field: FieldPlan, *, shown: bool) -> str:
    """The source of a value that the row does not have; `""` where none can be named."""
    if field.target is not None:
        return "2_000_000_011" if field.target.key_python == "int" else "str(uuid.uuid4())"
    if field.enum:
        if not shown or len(field.spec.values) < 2:
            return ""
        values = ", ".join(f'"{v}"' for v in field.spec.values)
        return f'next(value for value in ({values}) if value != row["{field.attr}"])'
    if field.type == "boolean":
        return f'not row["{field.attr}"]' if shown and not field.spec.nullable else ""
    plain = {
        "integer": "-1_000_000_011",
        "decimal": '"-987654.25"',
        "float": "-987654.25",
        "uuid": "str(uuid.uuid4())",
        "date": '"1905-01-15"',
        "datetime": '"1905-01-15T00:00:00Z"',
    }
    return plain.get(field.type, '"no row has this"')
