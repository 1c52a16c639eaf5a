"""Spells the handlers: extractors, guards and answers are the exemplar's, what they do is the new resource's."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.kit.index import Definition
from backwright.kit.templates import render
from backwright.stacks.axum.answers import list_struct, listed, payload_of
from backwright.stacks.axum.decide import AxumPlan, needs_user
from backwright.stacks.axum.errors import failure, refusal_text, validation_status
from backwright.stacks.axum.imports import imports_of
from backwright.stacks.axum.layers import (
    Layer,
    arguments,
    call_text,
    called_through,
    data_functions,
    executor_of,
    layer_of,
    list_helpers,
    logic_body,
    names_of,
    same_error,
)
from backwright.stacks.axum.model import key_kind, parts_of
from backwright.stacks.axum.names import derives, extractor_of, own_types, signature, type_names
from backwright.stacks.axum.reading import closing, generic
from backwright.stacks.axum.routing import router_text
from backwright.stacks.axum.siblings import OPERATIONS

_STATE = re.compile(r"^(?:mut\s+)?\w*\(?\s*\w*\s*\)?\s*:\s*(?:[\w:]+::)?(?:State|Extension)<")


def handler_names(plan: AxumPlan) -> dict[str, str]:
    """The handler of each operation."""
    return names_of(plan, {op: e.handler for op, e in plan.sibling.endpoints.items()})


def handlers_text(plan: AxumPlan) -> str:
    """The file of the handlers, with its routes where the exemplar's file has them."""
    below = len(plan.sibling.layers)
    top = layer_of(plan, 0) if below else None
    shapes, tests = parts_of(plan, plan.paths["handlers"])
    parts = [shapes, list_struct(plan), router_text(plan, handler_names(plan))]
    parts += [_handler(plan, op, top) for op in plan.operations]
    if below < 2:
        parts.append(_own_queries(plan, top))
    parts.append(tests)
    body = re.sub(r"\n{3,}", "\n\n", "\n\n".join(p for p in parts if p)).strip()
    guards = [(m, n) for level in set(plan.access.values()) for m, n in _guard_imports(plan, level)]
    own = [*own_types(plan), *guards]
    return f"{imports_of(plan, plan.sibling.handlers, body, own)}\n\n{body}\n"


def _guard_imports(plan: AxumPlan, level: str) -> list[tuple[str, str]]:
    guard = plan.house.guards.get(level)
    if guard is None:
        return []
    return [
        (i.module, i.name)
        for i in plan.index.imports(guard.path)
        if i.alias == i.name and re.search(rf"\b{re.escape(i.name)}\b", guard.param)
    ]


def _own_queries(plan: AxumPlan, top: Layer | None) -> str:
    """What stands below the handlers where no service does: what refusals mean, and the queries where no repository does."""
    if top is not None:
        return "" if same_error(plan, top) else refusal_text(plan)
    queries = "\n\n".join(data_functions(plan, _queries(plan), "pool"))
    return "\n\n".join([queries, list_helpers(plan), refusal_text(plan)])


def _queries(plan: AxumPlan) -> Layer:
    """The functions of the handlers' own file that ask the database: the exemplar's handlers do it themselves."""
    names = {"list": "select_page", "get": "select", "create": "insert", "update": "change", "delete": "remove"}
    return Layer(plan.sibling.handlers, "", names, ("pool: &PgPool",), "sqlx::Error", "Result", True, "async fn")


def _handler(plan: AxumPlan, op: str, top: Layer | None) -> str:
    """One handler."""
    endpoints = plan.sibling.endpoints
    own = endpoints[op].handler if op in endpoints else None
    like = own or endpoints["create"].handler
    outer, given = generic(like.symbol.returns)
    if not outer.endswith("Result"):
        raise Unsupported(
            f"{like.symbol.name} gives back no Result, as handlers have to that are imitated",
            where=f"{like.path}:{like.symbol.loc.line}",
        )
    params = _params(plan, op, like)
    checks = _validation(plan, op)
    call, row = _call(plan, op, top)
    payload, answer = _answer(plan, op, own)
    if top is not None and len(plan.sibling.layers) == 2:
        given_back = {"list": "page", "delete": ""}.get(op, row)
        bound = f"let {given_back} = {call}.await?;" if given_back else f"{call}.await?;"
        answer = re.sub(r"\brow\b", row, answer)
        if op == "list":
            payload, answer = _listed_above(plan, own, payload)
    else:
        bound = call
        if op == "list":
            payload = plan.like(payload_of(own.symbol.returns)) if own is not None else f"Json<Vec<{plan.name.pascal}>>"
            answer = _bare(plan, payload, own)
    error = f", {plan.like(given[1])}" if len(given) == 2 else ""
    head = re.match(r"((?:pub(?:\([^)]*\))?\s+)?async\s+fn)\s", plan.sources.of(like))
    return render(
        "axum/handler.jinja",
        head=head[1] if head is not None else "pub async fn",
        name=handler_names(plan)[op],
        params=params,
        returns=f"{outer}<{payload}{error}>",
        checks=checks,
        bound=bound,
        answer=answer,
    ).strip()


def _params(plan: AxumPlan, op: str, like: Definition) -> list[str]:
    """The parameters of a handler: state, guard, path, query, body, as the exemplar writes each."""
    found = signature(plan, like)
    states = [plan.like(p) for p in found if _STATE.match(p)]
    level = plan.access[op]
    guard = plan.house.guards.get(level)
    out = list(states)
    if guard is not None:
        shown = guard.param
        if needs_user(plan, op) or not guard.user:
            out.append(shown)
        else:
            out.append(f"_: {shown.partition(': ')[2]}")
    names = type_names(plan)
    if op in {"get", "update", "delete"}:
        out.append(f"Path(id): Path<{key_kind(plan)}>")
    if op == "list":
        out.append(f"Query(query): Query<{names['list']}>")
    if op in {"create", "update"}:
        wrapper = extractor_of(plan)
        out.append(f"{wrapper}(input): {wrapper}<{names[op]}>")
    return out


def _validation(plan: AxumPlan, op: str) -> str:
    """The statement that validates a request, `""` where its extractor does."""
    if op not in {"create", "update"}:
        return ""
    status, made = validation_status(plan), plan.house.failures.made
    if status not in made:
        failure(plan, status, "")
    if not derives(plan):
        return f"input.check().map_err({_made_of(made[status], 'problem')})?;"
    wrapper = extractor_of(plan)
    if wrapper.rpartition("::")[2] != "Json":
        return ""
    body = plan.sources.body(plan.sibling.endpoints["create"].handler)
    found = re.search(r"\b\w+(\.validate\(\)[^;{}]*;)", body)
    if found is not None:
        return f"input{found[1]}"
    return f"validator::Validate::validate(&input).map_err(|errors| {_said(made[status], 'errors.to_string()')})?;"


def _made_of(made: str, name: str) -> str:
    """A closure, or the variant itself, that makes the error of a text."""
    whole = re.fullmatch(r"([\w:]+)\(\{message\}\)", made)
    return whole[1] if whole is not None else f"|{name}| {_said(made, name)}"


def _said(made: str, text: str) -> str:
    """An error with a text that is known when it happens, else with one that is not."""
    if "{message}" in made:
        return made.format(message=text, literal="")
    return "{ let _ = " + text + "; " + made.format(message="", literal='"the request is not valid"') + " }"


def _call(plan: AxumPlan, op: str, top: Layer | None) -> tuple[str, str]:
    """What a handler does: the call of the service, or the statements around the queries; and its variable for a row."""
    prelude = f"let user_id = {plan.house.guards[plan.access[op]].user};\n" if needs_user(plan, op) else ""
    row = plan.name.snake
    if top is not None and len(plan.sibling.layers) == 2:
        target = called_through(plan, plan.sibling.handlers, top)
        call = call_text(plan, top, op, target, arguments(plan, op, data=False))
        user = plan.house.guards[plan.access[op]].user if needs_user(plan, op) else ""
        return (re.sub(r"\buser_id\b", user, call) if user else call), row
    if top is not None:
        target = called_through(plan, plan.sibling.handlers, top)
        call_of = {o: call_text(plan, top, o, target, arguments(plan, o, data=True)) for o in OPERATIONS}
        return prelude + logic_body(plan, op, call_of, top), "row"
    queries = _queries(plan)
    pool = executor_of(plan, Layer(plan.sibling.handlers, "", {}, (), "", "", False, ""))
    pool = pool if pool.startswith("&") else f"&{pool}" if not _is_reference(plan, pool) else pool
    call_of = {
        o: f"{queries.names[o]}({', '.join([pool, *_shown(arguments(plan, o, data=True))])})" for o in OPERATIONS
    }
    return prelude + logic_body(plan, op, call_of, queries), "row"


def _is_reference(plan: AxumPlan, name: str) -> bool:
    text = plan.sources.read(plan.sibling.handlers)
    return re.search(rf"\blet\s+{re.escape(name)}\s*=\s*&", text) is not None


def _shown(given: list[tuple[str, str]]) -> list[str]:
    return ["&query" if kind.startswith("&") else {"limit": "per_page"}.get(name, name) for name, kind in given]


def answer_of(plan: AxumPlan, op: str) -> tuple[str, str]:
    """What a handler gives back and how, with `row` for what it is about."""
    endpoint = plan.sibling.endpoints.get(op)
    return _answer(plan, op, endpoint.handler if endpoint is not None else None)


def _answer(plan: AxumPlan, op: str, own: Definition | None) -> tuple[str, str]:
    """What a handler gives back and how: as the exemplar's does where its last words can be said of the new resource."""
    row = plan.name.pascal
    usual = {
        "create": (f"(StatusCode, Json<{row}>)", "Ok((StatusCode::CREATED, Json(row)))"),
        "delete": ("StatusCode", "Ok(StatusCode::NO_CONTENT)"),
        "list": (f"Json<Vec<{row}>>", "Ok(Json(items))"),
    }.get(op, (f"Json<{row}>", "Ok(Json(row))"))
    if own is None or op == "list":
        return usual
    last = _last(plan.sources.body(own))
    variable = _bound_to(plan, own)
    called = _inline(plan, own, last)
    if called:
        last, variable = last.replace(called, "row"), "row"
    free = re.sub(r'"(?:[^"\\]|\\.)*"', '""', last)
    names = set(re.findall(r"(?<![\w.:])([a-z_]\w*)\b(?!\s*(?:!|\(|::|:[^:]))", free)) - {variable, "row"}
    if (
        not last.startswith("Ok(")
        or names
        or (op == "delete" and (called or (variable and re.search(rf"\b{variable}\b", free))))
    ):
        return usual
    shown = re.sub(rf"(?<![\w.]){re.escape(variable)}\b", "row", last) if variable else last
    if op != "delete" and "row" not in shown:
        return usual
    return plan.like(payload_of(own.symbol.returns)), plan.like(shown)


def _last(body: str) -> str:
    """The last expression of a body."""
    text = body.rstrip()
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] in ")]}") - (text[at] in "([{")
        if depth == 0 and text[at] in ";}" and at < len(text) - 1:
            return text[at + 1 :].strip()
    return text.strip()


def _bound_to(plan: AxumPlan, own: Definition) -> str:
    """The variable that holds the row in the exemplar's handler."""
    body = plan.sources.body(own)
    names = re.findall(r"\blet\s+(?:mut\s+)?(\w+)(?:\s*:\s*[^=;]+)?\s*=\s*(?=[^;]*\.await)", body)
    return names[-1] if names else ""


def _inline(plan: AxumPlan, own: Definition, last: str) -> str:
    """The call within the last expression that gives the row, with what is said about its failure."""
    found = re.search(r"[\w.&:]+\s*\(", last)
    while found is not None:
        end = closing(last, found.end() - 1)
        rest = re.match(r"\s*\.await(?:\s*\.map_err\([^;]*?\))?\s*\??", last[end + 1 :])
        if rest is not None and end > 0:
            return last[found.start() : end + 1 + rest.end()]
        found = re.compile(r"[\w.&:]+\s*\(").search(last, found.end())
    return ""


def _listed_above(plan: AxumPlan, own: Definition | None, payload: str) -> tuple[str, str]:
    """What a handler makes of the page that its service gives it."""
    if own is None:
        return f"Json<Vec<{plan.name.pascal}>>", "Ok(Json(page.0))"
    last = _last(plan.sources.body(own))
    variable = _bound_to(plan, own)
    called = _inline(plan, own, last)
    if called:
        return plan.like(payload_of(own.symbol.returns)), plan.like(last.replace(called, "page"))
    if variable and last.startswith("Ok("):
        return plan.like(payload_of(own.symbol.returns)), re.sub(rf"(?<![\w.]){re.escape(variable)}\b", "page", last)
    raise Unsupported("how lists are answered is not understood", where=f"{own.path}:{own.symbol.loc.line}")


def _bare(plan: AxumPlan, payload: str, own: Definition | None) -> str:
    """The answer of a list that is put together in the handler."""
    if payload.startswith("impl ") or payload in {"Response", "axum::response::Response"}:
        where = f"{own.path}:{own.symbol.loc.line}" if own is not None else plan.sibling.handlers
        raise Unsupported(f"lists are answered as {payload}, which does not say their shape", where=where)
    return listed(plan, payload, plan.sibling.handlers)
