"""The endpoint of an action on one row: its route, like that of the endpoint it is made like, and how it is refused."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass

from backwright.core.errors import Unsupported
from backwright.frameworks.fastapi.admission import SAME, Admission
from backwright.frameworks.fastapi.statuses import STATUS_NAMES
from backwright.kit.house import House
from backwright.kit.naming import NameForms

_VERB = re.compile(
    r"(?<![A-Za-z])(?:partial[ _-]?update|update|edit|patch|modify|change|delete|remove)(?![A-Za-z])", re.IGNORECASE
)
_DROPPED = {"status_code", "description", "response_description", "openapi_extra", "deprecated"}
_CONFLICT = 409


@dataclass(frozen=True)
class Handler:
    """What the decorator of the new endpoint says. `response` is the source of its answer, `""` for what the old one has."""

    router: str
    method: str
    path: str
    action: str
    name: NameForms
    documents: bool = False
    response: str = ""
    message: str = ""
    admission: Admission = SAME


def header(handler: Handler, node: ast.FunctionDef | ast.AsyncFunctionDef, text: str, function: str) -> list[str]:
    """The decorators: the route's own for the new one, all others as they are."""
    return [
        f"@{_route(handler, d, text)}" if is_route(d, handler.router) else f"@{ast.get_source_segment(text, d)}"
        for d in node.decorator_list
    ]


def is_route(node: ast.expr, router: str) -> bool:
    """Whether a decorator registers an endpoint on a router."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == router
    )


def _route(handler: Handler, decorator: ast.expr, text: str) -> str:
    call = copy.deepcopy(decorator)
    assert isinstance(call, ast.Call), "is_route has said so"
    assert isinstance(call.func, ast.Attribute), "is_route has said so"
    given = [f'"{handler.path}"']
    conflict = f'{_CONFLICT}: {{"description": "{handler.message}"}}'
    documents = handler.documents
    guarded = not handler.admission.dependency
    for word in call.keywords:
        if word.arg == "responses":
            documents = False
            given.append(f"responses={_with_conflict(word.value, conflict)}")
            continue
        if word.arg == "path" or (word.arg in _DROPPED and not _is_two_hundred(word)) or word.arg == "methods":
            continue
        if word.arg == "response_model" and handler.response:
            continue
        if word.arg == "dependencies":
            guards = _guards(word.value, handler)
            given += [f"dependencies={guards}"] if guards != "[]" else []
            guarded = True
            continue
        given.append(f"{word.arg}={_reworded(word, handler)}" if word.arg else f"**{ast.unparse(word.value)}")
    if not guarded:
        given.append(f"dependencies=[{handler.admission.dependency}]")
    if handler.response:
        given.append(f"response_model={handler.response}")
    if documents:
        given.append(f"responses={{{conflict}}}")
    method = handler.method.lower()
    return f"{ast.unparse(call.func.value)}.{method}({', '.join(given)})"


def _guards(dependencies: ast.expr, handler: Handler) -> str:
    """The list of dependencies, with other guards where others may use the endpoint."""
    if not isinstance(dependencies, ast.List | ast.Tuple):
        return ast.unparse(dependencies)
    kept = []
    for item in dependencies.elts:
        source = ast.unparse(item)
        for old, new in handler.admission.replaced:
            source = new if source == old else source
        kept.append(source)
    kept.append(handler.admission.dependency)
    return f"[{', '.join(k for k in kept if k)}]"


def _with_conflict(responses: ast.expr, entry: str) -> str:
    """What an endpoint documents beside its answer, with the conflict among it."""
    source = ast.unparse(responses)
    if not isinstance(responses, ast.Dict) or str(_CONFLICT) in source:
        return source
    return f"{{{source[1:-1]}, {entry}}}" if responses.keys else f"{{{entry}}}"


def _is_two_hundred(word: ast.keyword) -> bool:
    return word.arg == "status_code" and "200" in ast.unparse(word.value)


def _reworded(word: ast.keyword, handler: Handler) -> str:
    """A text about the old endpoint, about the new one: `summary`, `name`, `operation_id`."""
    if isinstance(word.value, ast.Constant) and isinstance(word.value.value, str):
        said = word.value.value
        verb = handler.action if re.search(r"[_:]", said) else handler.action.replace("_", " ")
        found = _VERB.search(said)
        if found is None:
            return f'"{handler.action.replace("_", " ").capitalize()} {handler.name.human}"'
        new = verb.capitalize() if found.group()[:1].isupper() else verb
        return f'"{said[: found.start()]}{new}{said[found.end() :]}"'
    return ast.unparse(word.value)


def refusal(
    house: House, raised: ast.Raise | None, code: int, message: str, entity: str, key: str
) -> tuple[str, tuple[str, ...]]:
    """The statement that answers with a status (409, 403) as refusals beside it are answered, and its imports.

    Raises Unsupported where the project has errors of its own and none for a conflict.
    """
    exc = raised.exc if raised is not None else None
    if isinstance(exc, ast.Call) and ast.unparse(exc.func).rpartition(".")[2] == "HTTPException":
        return _like(exc, code, message), ("from fastapi import HTTPException, status", "from http import HTTPStatus")
    known = house.errors.of(code)
    if known is not None:
        call = known.call.format(message=f'"{message}"', entity=f'"{entity}"', key=key)
        return f"raise {call}", (known.ref.line,)
    if house.errors.kind == "domain":
        raise Unsupported(
            f"the errors of this project have no class for status {code}, and none could be derived",
            where="errors",
            hints=(f"add one beside the class for 404, mapped to {code}",),
        )
    shown = f"status.{STATUS_NAMES[code]}" if house.errors.status_names else str(code)
    return f'raise HTTPException(status_code={shown}, detail="{message}")', (
        "from fastapi import HTTPException, status",
    )


def _like(exc: ast.Call, status_code: int, message: str) -> str:
    """The same call with another status and text."""
    positional = [ast.unparse(a) for a in exc.args]
    words = {w.arg: ast.unparse(w.value) for w in exc.keywords if w.arg}
    code = positional[0] if positional else words.get("status_code", "404")
    named = "CONFLICT" if status_code == _CONFLICT else "FORBIDDEN"
    status = str(status_code)
    if "HTTP_" in code:
        status = f"status.{STATUS_NAMES[status_code]}"
    elif "HTTPStatus" in code:
        status = f"HTTPStatus.{named}"
    if re.match(r"\w+\.status\.", code):
        status = f"{code.partition('.')[0]}.{status}"
    first = status if positional else f"status_code={status}"
    second = f'"{message}"' if len(positional) > 1 else f'detail="{message}"'
    return f"raise {ast.unparse(exc.func)}({first}, {second})"
