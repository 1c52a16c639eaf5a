"""Spells the handlers: what they read from a request, what they call, how they answer."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.kit.index import Definition
from backwright.stacks.express.answers import list_response, response
from backwright.stacks.express.decide import ExpressPlan
from backwright.stacks.express.functions import file_text, function_text, names_of
from backwright.stacks.express.imports import Bound, imports_of, spelled
from backwright.stacks.express.service import data_of, needs_user
from backwright.stacks.express.siblings import Endpoint
from backwright.stacks.express.validation import house_style, key_name, names_of_schemas


def handlers_of(plan: ExpressPlan) -> dict[str, Definition]:
    """The exemplar's handlers, by operation."""
    return {op: e.answers for op, e in plan.sibling.endpoints.items() if e.answers is not None}


def refuse_handlers(plan: ExpressPlan) -> None:
    """Raises Unsupported for handlers that ask the database, or answer errors, by themselves."""
    for endpoint in plan.sibling.endpoints.values():
        definition = endpoint.answers
        if definition is None or endpoint.operation not in plan.operations:
            continue
        where = f"{definition.path}:{definition.symbol.loc.line}"
        if endpoint.data is not None and endpoint.data.path == definition.path:
            raise Unsupported(
                f"the handler {definition.symbol.name} asks the database by itself, which cannot be imitated yet",
                where=where,
                hints=("handlers that call functions of a service can be",),
            )
        text = plan.sources.at(definition.path, definition.symbol.loc)
        caught = re.search(r"catch\s*(\(\w+[^)]*\))?\s*\{(.*)", text, re.DOTALL)
        if caught is not None and not re.search(r"\bnext\(|\bthrow\b", caught[2]):
            raise Unsupported(
                f"the handler {definition.symbol.name} answers what goes wrong by itself, which cannot be imitated yet",
                where=where,
                hints=("handlers whose errors reach an error handler (`next`, a wrapper, Express 5) can be",),
            )


def controller_text(plan: ExpressPlan) -> str:
    """The file of the handlers."""
    found = handlers_of(plan)
    names = names_of(plan, found)
    functions = {
        names[op]: function_text(plan, found, op, names[op], house_style(plan, _body(plan, op)), None)
        for op in plan.operations
    }
    body = file_text(plan, found, functions)
    path = plan.paths["controller"]
    return f"{imports_of(plan, path, plan.sibling.controller, body, _own(plan, path))}\n\n{body.strip()}\n"


def _own(plan: ExpressPlan, path: str) -> tuple[Bound, ...]:
    names = names_of_schemas(plan)
    schema, service = spelled(plan, path, plan.paths["schema"]), spelled(plan, path, plan.paths["service"])
    wanted = [names[r] for r in ("create", "update", "list", "params")]
    functions = names_of(plan, data_of(plan)).values() if not any(_calls(plan, e) for e in _called(plan)) else ()
    return (
        *(Bound(schema, n, n) for n in (*wanted, "parsed")),
        *(Bound(service, n, n) for n in functions),
    )


def _called(plan: ExpressPlan) -> list[Endpoint]:
    return [e for e in plan.sibling.endpoints.values() if e.answers is not None and e.data is not None]


def _calls(plan: ExpressPlan, endpoint: Endpoint) -> str:
    """What the service is called by in a handler: `venueService.`, `""` for functions that are imported."""
    assert endpoint.answers is not None
    assert endpoint.data is not None
    for call in plan.sources.calls_within(endpoint.answers.path, endpoint.answers.symbol.loc):
        dotted = call.expr.parts[0].dotted() if call.expr.kind == "call" else ""
        if dotted.rpartition(".")[2] == endpoint.data.symbol.name:
            head = dotted.rpartition(".")[0]
            return f"{plan.like(head)}." if head else ""
    return ""


def _parsed(plan: ExpressPlan, schema: str, value: str) -> str:
    return f"{schema}.parse({value})" if plan.house.validation.handled else f"parsed({schema}, {value})"


def _body(plan: ExpressPlan, op: str) -> str:
    """What a handler does."""
    names, validation = names_of_schemas(plan), plan.house.validation
    row, key = plan.name.camel, key_name(plan)
    prefix = next((_calls(plan, e) for e in _called(plan)), "")
    service = f"{prefix}{names_of(plan, data_of(plan))[op]}"
    lines: list[str] = []
    given: list[str] = []
    if op in {"get", "update", "delete"}:
        lines.append(f"const {{ {key} }} = {_parsed(plan, names['params'], 'req.params')};")
        given.append(key)
    if op in {"create", "update"}:
        if validation.middleware and validation.replaces:
            given.append("req.body")
        else:
            schema = f"{names[op]}.shape.body" if validation.wrapped else names[op]
            lines.append(f"const input = {_parsed(plan, schema, 'req.body')};")
            given.append("input")
    if op == "list":
        lines.append(f"const query = {_parsed(plan, names['list'], 'req.query')};")
        given.append("query")
    if needs_user(plan, op):
        given.append(plan.house.guards.user_id)
    call = f"await {service}({', '.join(given)});"
    if op == "list":
        answer, _ = list_response(plan)
        own = plan.sibling.endpoints.get("list")
        if own is not None and own.answers is not None and _returns(plan, own):
            answer = f"return {answer}"
        bound = "{ items, total }" if re.search(r"\btotal\b", answer) else "{ items }"
        lines += [f"const {bound} = {call}", answer]
    elif op == "delete":
        lines += [call, response(plan, op).replace("{payload}", "undefined")]
    else:
        answer = response(plan, op)
        lines += [
            f"const {row} = {call}",
            answer.replace("{payload}", row).replace(f"{{ {row}: {row} }}", f"{{ {row} }}"),
        ]
    return "\n".join(lines)


def _returns(plan: ExpressPlan, endpoint: Endpoint) -> bool:
    """Whether the exemplar's handler gives back what it answers."""
    assert endpoint.answers is not None
    text = plan.sources.at(endpoint.answers.path, endpoint.answers.symbol.loc)
    return bool(re.search(r"\breturn\s+(res|response)\.", text))
