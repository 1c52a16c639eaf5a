"""Handlers of HTTP errors that answer without the headers of the error: `Retry-After` would be lost on the way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backwright.engine.spelling import Task
from backwright.kit.artifacts import Splice
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.project_types import Function
from backwright.languages.python.scopes import own_nodes
from backwright.languages.python.signatures import Text, names_used, parameters

_BECAUSE = "answers to HTTP errors keep the headers of the error"


def emit_kept_headers(task: Task) -> Iterator[Splice]:
    """What each such handler answers gets the headers of its error too."""
    for path in task.index.files:
        if is_test_file(path) or not path.endswith(".py"):
            continue
        if not any(i.name.endswith("HTTPException") for i in task.index.imports(path)):
            continue
        source = task.read(path) or ""
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, Function) and (error := _error(task, path, node)):
                yield from _mended(path, node, error, Text(source))


def _error(task: Task, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What a handler of HTTP errors calls the error that it answers without its headers; `""` for anything else."""
    given = parameters(node)
    if len(given) != 2 or not isinstance(given[1].annotation, ast.Name):
        return ""
    origin = task.index.origin(path, given[1].annotation.id)
    body = "\n".join(ast.unparse(s) for s in node.body)
    keeps = ".headers" in body or "http_exception_handler(" in body
    return "" if keeps or not origin or not origin.endswith(".HTTPException") else given[1].arg


def _mended(path: str, node: ast.FunctionDef | ast.AsyncFunctionDef, error: str, text: Text) -> Iterator[Splice]:
    name = next(n for n in ("response", "answer", "error_response_with_headers") if n not in names_used(node))
    for statement in own_nodes(node):
        if isinstance(statement, ast.Return) and statement.value is not None:
            indent = text.indent(statement)
            made = f"{name} = {text.source(statement.value)}"
            kept = f"{name}.headers.update({error}.headers or {{}})"
            whole = f"{made}\n{indent}{kept}\n{indent}return {name}"
            yield Splice(path, text.start(statement), text.end(statement), whole, _BECAUSE)
