"""How handlers answer: the type that they return, and the exemplar's own expression with what is answered left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwright.core.facts import Symbol
from backwright.stacks.spring.access import closing
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.reading import generic, marks
from backwright.stacks.spring.service import list_type, row_type
from backwright.stacks.spring.shapes import getter

_STATUS = re.compile(r"HttpStatus\.(\w+)")
_CODES = {"OK": 200, "CREATED": 201, "ACCEPTED": 202, "NO_CONTENT": 204}
_SIMPLE = frozenset(
    ("Page", "List", "Slice", "Set", "Collection", "Iterable", "Optional", "ResponseEntity", "PagedModel")
)


@dataclass(frozen=True)
class Answer:
    """What a handler returns. `expression` has `{payload}` where the row or the list stands; without one nothing is sent.

    `mark` is an annotation of the handler that says the status; `path` leads to the row in the answer, as `$.data`.
    """

    type: str
    expression: str
    status: int
    mark: str = ""
    path: str = "$"

    @property
    def is_sent(self) -> bool:
        return "{payload}" in self.expression


def answer(plan: SpringPlan, op: str) -> Answer:
    """How an operation is answered: as the exemplar's is, else as its other operations would be."""
    endpoint = plan.sibling.endpoints.get(op)
    if endpoint is None:
        return _without(plan, op)
    handler = endpoint.handler
    expression = _returned(plan, handler)
    outer, inner = generic(handler.returns)
    held = outer == "ResponseEntity"
    mark, status = _marked(plan, handler)
    if held:
        status = _status_of(expression, op)
    payload = list_type(plan) if op == "list" else row_type(plan)
    if op == "delete":
        return _deleted(plan, handler, expression, status, mark)
    wrapper, key = _wrapper(plan, inner if held else handler.returns)
    shown = f"{wrapper}<{payload}>" if wrapper else payload
    kind = f"ResponseEntity<{shown}>" if held else shown
    if (
        re.fullmatch(r"(void|ResponseEntity(<(Void|\?|Object)>)?)", handler.returns.strip())
        and op == "update"
        and status == 204
    ):
        return Answer(
            "ResponseEntity<Void>" if held else "void", "ResponseEntity.noContent().build()" if held else "", 204, mark
        )
    pattern = _payload_out(plan, handler, expression)
    if wrapper and not _tells(pattern, wrapper):
        wrapper, key, kind = "", "", f"ResponseEntity<{payload}>" if held else payload
        pattern = ""
    if ".created(" in expression or "HttpHeaders" in plan.sources.at(plan.sibling.controller.path, handler.loc):
        pattern = "" if not wrapper else pattern
    if not pattern:
        pattern = _usual(plan, op, status, held, ".created(" in expression)
    return Answer(kind, pattern, status, mark, f"$.{key}" if key else "$")


def _without(plan: SpringPlan, op: str) -> Answer:
    """An operation that the exemplar does not have, answered as it answers others."""
    other = next((e for o in ("get", "create", "list") if (e := plan.sibling.endpoints.get(o)) is not None), None)
    held = other is not None and generic(other.handler.returns)[0] == "ResponseEntity"
    status = {"create": 201, "delete": 204}.get(op, 200)
    if op == "delete":
        if held:
            return Answer("ResponseEntity<Void>", "ResponseEntity.noContent().build()", 204)
        return Answer("void", "", 204, "@ResponseStatus(HttpStatus.NO_CONTENT)")
    payload = list_type(plan) if op == "list" else row_type(plan)
    mark = "@ResponseStatus(HttpStatus.CREATED)" if op == "create" and not held else ""
    kind = f"ResponseEntity<{payload}>" if held else payload
    return Answer(kind, _usual(plan, op, status, held, False), status, mark)


def _returned(plan: SpringPlan, handler: Symbol) -> str:
    """The last expression that a handler returns."""
    path = plan.sibling.controller.path
    found = [r for r in plan.index.returns(path, handler.qualname) if r.value is not None]
    last = max(found, key=lambda r: r.loc.start, default=None)
    return plan.sources.at(path, last.value.loc) if last is not None and last.value is not None else ""


def _marked(plan: SpringPlan, handler: Symbol) -> tuple[str, int]:
    mark = marks(handler.decorators).get("ResponseStatus")
    text = plan.sources.at(plan.sibling.controller.path, mark.loc) if mark is not None else ""
    found = _STATUS.search(text) or re.search(r"\b(OK|CREATED|ACCEPTED|NO_CONTENT)\b", text)
    code = _CODES.get(found[1], 200) if found is not None else 200
    name = next(n for n, number in _CODES.items() if number == code)
    return (f"@ResponseStatus(HttpStatus.{name})" if code != 200 else ""), code


def _status_of(expression: str, op: str) -> int:
    found = re.search(r"\b(?:HttpStatus\.)?(OK|CREATED|ACCEPTED|NO_CONTENT)\b", expression)
    number = re.search(r"\.status\((\d+)\)", expression)
    if found is not None:
        return _CODES[found[1]]
    if number is not None:
        return int(number[1])
    return 204 if ".noContent()" in expression else 201 if ".created(" in expression else 200


def _wrapper(plan: SpringPlan, text: str) -> tuple[str, str]:
    """The project's own class around every answer, and the key under which it has the payload."""
    outer, inner = generic(text)
    definition = plan.sources.named(outer, plan.sibling.controller.path)
    if not inner or outer in _SIMPLE or definition is None:
        return "", ""
    if plan.house.envelope is not None and outer == plan.house.envelope.type:
        return "", ""
    held = next((f.name for f in definition.symbol.fields if re.fullmatch(r"[A-Z]\w?", f.annotation)), "")
    return (outer, held) if held else ("", "")


def _tells(pattern: str, wrapper: str) -> bool:
    return "{payload}" in pattern and bool(re.search(rf"\b{wrapper}\b", pattern))


def _payload_out(plan: SpringPlan, handler: Symbol, expression: str) -> str:
    """The expression with `{payload}` for the call of the service, or for the variable that holds what it gave."""
    if not expression:
        return ""
    holder = plan.sibling.holder
    call = re.search(rf"\b(?:this\.)?{re.escape(holder)}\s*\.\s*\w+\s*\(", expression) if holder else None
    if call is not None:
        end = closing(expression, call.end() - 1)
        text = f"{expression[: call.start()]}@@{expression[end:]}"
    else:
        source = plan.sources.at(plan.sibling.controller.path, handler.loc)
        names = re.findall(r"\b[A-Z][\w<>,? ]*\s+(\w+)\s*=(?!=)", source)
        name = next((n for n in reversed(names) if re.search(rf"(?<![\w.]){n}(?!\w)", expression)), "")
        if not name:
            return ""
        text = re.sub(rf"(?<![\w.\"]){name}(?!\w)(\.(?:getBody|toList)\(\))?", "@@", expression)
    bare = re.sub(r'"[^"]*"|@@|\.\s*\w+|\b(new|null|true|false)\b', " ", text)
    if text.count("@@") != 1 or re.search(r"\b[a-z]\w*", bare) or re.search(r"@@\s*\.", text):
        return ""
    return re.sub(r"\s*\n\s*", "", plan.like(text)).replace("{", "{{").replace("}", "}}").replace("@@", "{payload}")


def _usual(plan: SpringPlan, op: str, status: int, held: bool, located: bool) -> str:
    if not held:
        return "{payload}"
    if status == 201 and located:
        return "ResponseEntity.created({location}).body({payload})"
    if status == 200:
        return "ResponseEntity.ok({payload})"
    name = next((n for n, number in _CODES.items() if number == status), "OK")
    return f"ResponseEntity.status(HttpStatus.{name}).body({{payload}})"


def _deleted(plan: SpringPlan, handler: Symbol, expression: str, status: int, mark: str) -> Answer:
    """What is said of a row that is gone: the exemplar's words, where they are of nothing but words."""
    if handler.returns == "void":
        return Answer("void", "", status, mark)
    bare = re.sub(r'"[^"]*"|\.\s*\w+|\b(new|null|true|false)\b', " ", expression)
    kind = plan.like(handler.returns)
    if expression and not re.search(r"\b[a-z]\w*", bare):
        text = re.sub(r"\s*\n\s*", "", plan.like(expression))
        return Answer(kind, text.replace("{", "{{").replace("}", "}}"), status, mark)
    return Answer("ResponseEntity<Void>", "ResponseEntity.noContent().build()", 204)


def told(plan: SpringPlan, op: str, payload: str) -> str:
    """The expression with what is answered; a place of a new row is said with its key."""
    pattern = answer(plan, op).expression
    location = f'URI.create("{plan.base}/" + {payload}.{getter(plan.response, plan.key)})'
    return pattern.replace("{location}", location).replace("{payload}", payload).replace("{{", "{").replace("}}", "}")
