"""A test that a marked row is read no more, like the project's own test that creates the resource."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from backwright.engine.spellings.field_code import Code
from backwright.engine.spellings.field_tests import exemplar, row_url
from backwright.engine.spellings.list_tests import rows_of
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.field_edit import FieldEdit
from backwright.kit.templates import render
from backwright.languages.python.places import line_starts


def untested(code: Code) -> str:
    """Why there is no test; `""` where there is one."""
    operations = code.operations
    found = exemplar(code)
    if found is None:
        return "no test of this project creates the resource through its endpoint"
    if "delete" not in operations or "get" not in operations:
        return "the resource has no endpoints that delete and get a row"
    if not row_url(found.url, "{key}"):
        return "its URL is put together in a way that is not known"
    if not set(operations["delete"][0].route.auth) <= set(operations["create"][0].route.auth):
        return "the tests that create rows act as others than those who may delete them"
    return ""


def emit_soft_delete_tests(edit: FieldEdit, code: Code) -> Iterator[Emission]:
    """Right below the test that it is like."""
    found = exemplar(code)
    if untested(code) or found is None:
        return
    body = code.text(found.path).encode()
    starts = line_starts(body.decode())
    end = starts[(found.function.end_lineno or 1) - 1] + (found.function.end_col_offset or 0)
    indent = " " * found.function.col_offset
    key = next((c.name for c in edit.table.columns if c.primary_key), "id")
    listed = "list" in code.operations and code.operations["list"][1].segments == code.operations["create"][1].segments
    rows = rows_of(code) if listed else None
    created = body[found.start : found.end].decode().replace(f"\n{indent}    ", "\n    ")
    source = render(
        "pytest/soft_delete.py.jinja",
        defs="async def" if isinstance(found.function, ast.AsyncFunctionDef) else "def",
        marks=[f"@{ast.unparse(d)}" for d in found.function.decorator_list if "fixture" not in ast.unparse(d)],
        arguments=ast.unparse(found.function.args),
        returns=" -> None" if found.function.returns is not None else "",
        snake=edit.name.snake,
        create=created,
        response=found.response,
        client=f"{'await ' if found.awaited else ''}{found.client}",
        url=ast.unparse(found.url),
        row=row_url(found.url, "{key}" + "/" * code.operations["get"][0].route.path.endswith("/")),
        more="".join(f", {m}" for m in found.more),
        key=key,
        rows=rows[0] if rows is not None and key in rows[1] else None,
    )
    lines = [f"{indent}{line}" if line.strip() else "" for line in source.strip("\n").splitlines()]
    text = ("\n\n" if indent else "\n\n\n") + "\n".join(lines)
    yield Splice(found.path, end, end, re.sub(r"\n{4,}", "\n\n\n", text), "marked rows are read no more", "in", ())
