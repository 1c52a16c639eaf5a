"""Spells the controller: its handlers, their addresses, what they are sent and what they answer."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.core.facts import Symbol
from backwright.kit.naming import camel
from backwright.kit.templates import render
from backwright.stacks.spring.access import level_at
from backwright.stacks.spring.answers import answer, told
from backwright.stacks.spring.bodies import update_name
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.files import whole_file, wrapped
from backwright.stacks.spring.naming import renamed_address
from backwright.stacks.spring.reading import marks
from backwright.stacks.spring.service import (
    body_of,
    constants,
    dependencies,
    helpers,
    injection_of,
    list_arguments,
    method_names,
    queries,
)

_VERBS = {"list": "GET", "get": "GET", "create": "POST", "update": "PUT", "delete": "DELETE"}
_MAPPINGS = {
    "GET": "GetMapping",
    "POST": "PostMapping",
    "PUT": "PutMapping",
    "PATCH": "PatchMapping",
    "DELETE": "DeleteMapping",
}
_RANK = {"public": 0, "user": 1, "admin": 2}


def verb_of(plan: SpringPlan, op: str) -> str:
    """The method of HTTP that an operation has here."""
    endpoint = plan.sibling.endpoints.get(op)
    return endpoint.verb if endpoint is not None else _VERBS[op]


def prefix_of(plan: SpringPlan) -> str:
    """The address that the exemplar's class is mapped to, about this resource; `""` where its handlers say all of it."""
    mark = marks(plan.sibling.controller.symbol.decorators).get("RequestMapping")
    if mark is None:
        return ""
    text = plan.sources.at(plan.sibling.controller.path, mark.loc)
    found = re.search(r"\"([^\"]*)\"", text)
    if found is None:
        return plan.base
    address = renamed_address(f"/{found[1].strip('/')}", plan.sibling.name, plan.name)
    return address if f"{plan.base}/".startswith(f"{address.rstrip('/')}/") else plan.base


def is_reserved(plan: SpringPlan, op: str) -> str:
    """The annotation of a handler that is for some only: where handlers say so here, and the filter chain does not."""
    wanted = plan.access[op]
    chain = level_at(
        plan.house.security, verb_of(plan, op), f"{plan.base}/1" if op not in {"list", "create"} else plan.base
    )
    if wanted == chain or not plan.house.security.annotations:
        return ""
    if _RANK.get(wanted, 3) <= _RANK.get(chain, 3):
        return ""
    return plan.house.security.annotations.get(wanted, "")


def controller_text(plan: SpringPlan) -> str:
    """The file of the controller."""
    sibling = plan.sibling
    own = sibling.service is None
    holder = _holder(plan)
    fields = dependencies(plan) if own else [(plan.names["service"], holder)]
    prefix = prefix_of(plan)
    handlers = [_handler(plan, op, prefix, holder, own) for op in plan.operations]
    symbol = sibling.controller.symbol
    body = render(
        "spring/controller.jinja",
        name=plan.names["controller"],
        prefix=prefix,
        injection=injection_of(plan, sibling, sibling.controller.path, symbol.name),
        fields=fields,
        constants=constants(plan) if own else [],
        handlers=handlers,
        helpers=helpers(plan) if own else [],
    )
    return whole_file(plan, "controller", body, sibling.controller.path)


def _holder(plan: SpringPlan) -> str:
    if plan.sibling.service is None:
        return ""
    like = plan.like(plan.sibling.holder)
    return like if like != plan.sibling.holder or plan.sibling.holder in {"service"} else camel(plan.names["service"])


def _handler(plan: SpringPlan, op: str, prefix: str, holder: str, own: bool) -> dict[str, object]:
    address = plan.base if op in {"list", "create"} else f"{plan.base}/{{{_key(plan)}}}"
    local = address.removeprefix(prefix.rstrip("/"))
    said = answer(plan, op)
    head = wrapped(
        f"public {said.type} {_names(plan)[op]}", _parameters(plan, op), " {", "    ", plan.house.layout.width
    )
    if own:
        text = _own_body(plan, op)
    else:
        call = f"{holder}.{method_names(plan)[op]}({', '.join(_arguments(plan, op))})"
        text = _statements(plan, op, call)
    guard = is_reserved(plan, op)
    mapping = f"@{_MAPPINGS[verb_of(plan, op)]}" + (f'("{local}")' if local else "")
    return {"marks": [m for m in (mapping, said.mark, guard) if m], "head": head.strip(), "text": text.rstrip()}


def _statements(plan: SpringPlan, op: str, call: str) -> str:
    said = answer(plan, op)
    if not said.is_sent:
        return f"{call};\n" + (f"return {told(plan, op, '')};" if said.expression else "")
    if "{location}" in said.expression:
        row = plan.variable
        return f"{plan.names['response']} {row} = {call};\nreturn {told(plan, op, row)};"
    return f"return {told(plan, op, call)};"


def _own_body(plan: SpringPlan, op: str) -> str:
    """The operation itself, answered."""
    text = body_of(plan, op)
    said = answer(plan, op)
    if plan.key != _key(plan) and op not in {"list", "create"}:
        text = re.sub(rf"(?<![\w\".]){plan.key}(?![\w\"(])", _key(plan), text)
    found = re.search(r"@RETURN (.*?)@END", text, re.DOTALL)
    if found is None:
        return text.rstrip() + (f"\nreturn {told(plan, op, '')};" if said.expression else "")
    if not said.is_sent:
        return text.replace(found[0], f"{found[1]};") + (f"\nreturn {told(plan, op, '')};" if said.expression else "")
    if "{location}" in said.expression:
        row = f"{plan.variable}Response"
        return text.replace(found[0], f"{plan.names['response']} {row} = {found[1]};\nreturn {told(plan, op, row)};")
    return text.replace(found[0], f"return {told(plan, op, found[1])};")


def _key(plan: SpringPlan) -> str:
    """The name of the key in the address."""
    endpoint = next((e for o in ("get", "update", "delete") if (e := plan.sibling.endpoints.get(o)) is not None), None)
    return plan.like(endpoint.key) if endpoint is not None and endpoint.key else plan.key


def _parameters(plan: SpringPlan, op: str) -> list[str]:
    name = _key(plan)
    key = (
        f'@PathVariable("{name}") {plan.key_type} {name}'
        if _names_values(plan)
        else f"@PathVariable {plan.key_type} {name}"
    )
    if op == "list":
        return _list_parameters(plan)
    sent = f"@Valid @RequestBody {plan.names['request'] if op == 'create' else update_name(plan)} request"
    return {"get": [key], "delete": [key], "create": [sent], "update": [key, sent]}[op]


def _names_values(plan: SpringPlan) -> bool:
    """Whether handlers here say the name of what they take from the address."""
    handlers = [e.handler for e in plan.sibling.endpoints.values()]
    text = " ".join(plan.sources.at(plan.sibling.controller.path, p.loc) for h in handlers for p in h.params)
    return bool(re.search(r"@PathVariable\(", text))


def _list_parameters(plan: SpringPlan) -> list[str]:
    found = []
    named = _names_values(plan)
    for kind, name in queries(plan):
        said = f'name = "{name}", ' if named else ""
        form = (
            "@DateTimeFormat(iso = DateTimeFormat.ISO.DATE) "
            if kind == "LocalDate"
            else "@DateTimeFormat(iso = DateTimeFormat.ISO.DATE_TIME) "
            if kind in {"Instant", "OffsetDateTime", "ZonedDateTime"}
            else ""
        )
        found.append(f"@RequestParam({said}required = false) {form}{kind} {name}")
    paging = plan.house.paging
    if plan.listing.paginate and paging.kind == "pageable":
        return [*found, f"@PageableDefault(size = {plan.listing.page_default}) Pageable pageable"]
    if plan.listing.sorts:
        said = 'name = "sort", ' if named else ""
        found.append(f"@RequestParam({said}required = false) String sort")
    if plan.listing.paginate:
        low = f" @Min({paging.first}) @Max(1000000)" if paging.bounded else ""
        high = f" @Min(1) @Max({plan.listing.page_max})" if paging.bounded else ""
        at = f'name = "{paging.at}", ' if named else ""
        size = f'name = "{paging.size}", ' if named else ""
        found.append(f'@RequestParam({at}defaultValue = "{paging.first}"){low} int {paging.at}')
        found.append(f'@RequestParam({size}defaultValue = "{plan.listing.page_default}"){high} int {paging.size}')
    return found


def _arguments(plan: SpringPlan, op: str) -> list[str]:
    if op == "list":
        return [name for _, name in list_arguments(plan)]
    return {"get": [_key(plan)], "delete": [_key(plan)], "create": ["request"], "update": [_key(plan), "request"]}[op]


def _names(plan: SpringPlan) -> dict[str, str]:
    """The handler of each operation, called as the exemplar's."""
    found: dict[str, Symbol] = {op: e.handler for op, e in plan.sibling.endpoints.items()}
    names = {op: plan.like(h.name) for op, h in found.items()}
    named = any(plan.name.pascal in name for name in names.values())
    for op in plan.operations:
        usual = f"{op}{plan.name.pascal_plural if op == 'list' else plan.name.pascal}" if named else op
        names.setdefault(op, usual)
    return names


def refuse_controller(plan: SpringPlan) -> None:
    """Raises Unsupported for handlers that have what cannot be imitated."""
    for op in plan.operations:
        endpoint = plan.sibling.endpoints.get(op)
        if endpoint is None:
            continue
        where = f"{plan.sibling.controller.path}:{endpoint.handler.loc.line}"
        if endpoint.handler.returns.startswith(("Mono", "Flux", "CompletableFuture", "Callable", "DeferredResult")):
            raise Unsupported(
                f"the handler {endpoint.handler.name} answers later, which cannot be imitated yet", where=where
            )
