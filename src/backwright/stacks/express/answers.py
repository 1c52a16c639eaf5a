"""How handlers answer: the exemplar's last statement, with what is answered left out."""

from __future__ import annotations

import re

from backwright.core.facts import Assign, Call, Expr
from backwright.kit.chains import positional
from backwright.stacks.express.decide import ExpressPlan
from backwright.stacks.express.siblings import Endpoint

_ROWS = re.compile(r"(data|items|results?|rows|docs|records|list|content)$", re.IGNORECASE)
_TOTAL = re.compile(r"(total|count|total_?count|total_?items|total_?results|total_?records)$", re.IGNORECASE)
_PAGES = re.compile(r"(total_?pages|pages|page_?count|last_?page)$", re.IGNORECASE)
_PAGE = re.compile(r"(page|current_?page|page_?number)$", re.IGNORECASE)
_SIZE = re.compile(r"(limit|page_?size|per_?page|size|take)$", re.IGNORECASE)
_START = re.compile(r"(offset|skip)$", re.IGNORECASE)


def response(plan: ExpressPlan, op: str) -> str:
    """The statement that answers, with `{payload}` for what is answered. Without an exemplar it is derived from another's."""
    own = plan.sibling.endpoints.get(op)
    found = _statement(plan, own) if own is not None else ""
    if found:
        return found
    if op == "delete":
        return "res.status(204).send();"
    other = next(
        (
            _statement(plan, plan.sibling.endpoints[o])
            for o in ("get", "update", "create", "list")
            if o in plan.sibling.endpoints
        ),
        "",
    )
    status = ".status(201)" if op == "create" else ""
    plain = re.sub(r"\bres\.status\([^)]*\)", f"res{status}", other)
    return plain.replace("return ", "") if "{payload}" in plain else f"res{status}.json({{payload}});"


def _statement(plan: ExpressPlan, endpoint: Endpoint) -> str:
    """The exemplar's own, about the new resource; `""` where it cannot be told what of it is the row."""
    definition = endpoint.answers
    if definition is None:
        return ""
    calls = [
        c
        for c in plan.sources.calls_within(definition.path, definition.symbol.loc)
        if _answers(plan, definition.path, c)
    ]
    calls = [
        c
        for c in calls
        if "error" not in plan.sources.at(definition.path, c.loc).lower()
        and not re.search(r"status\(\s*[45]\d\d", plan.sources.at(definition.path, c.loc))
    ]
    if not calls:
        return ""
    call = max(calls, key=lambda c: c.loc.end)
    text = plan.sources.at(definition.path, call.loc)
    start, _ = plan.sources.statement(definition.path, call.loc)
    if (
        re.match(r"\s*return\b", plan.sources.between(definition.path, start, call.loc.start))
        and endpoint.operation != "list"
    ):
        returned = f"return {text}"
    else:
        returned = text
    if endpoint.operation == "delete":
        given = re.search(r"\.(?:json|send|end)\(", returned)
        plain = given is None or re.match(r"\s*(\)|\{[^`$]*\}\s*\)|['\"])", returned[given.end() :])
        return f"{plan.like(returned)};" if plain else f"{returned[: given.start()]}.send();" if given else ""
    text_before, text = text, returned
    held = [
        _held(a, endpoint, plan)
        for a in plan.index.assigns(definition.path)
        if definition.symbol.loc.start < a.loc.start < call.loc.start
    ]
    names = [n for n in held if n]
    if endpoint.operation == "list":
        return text_before
    for name in reversed(names):
        pattern = rf"(?<![\w.$'\"])({{\s*)?{re.escape(name)}(\s*}})?(?![\w$'\":])"
        if re.search(pattern, text):
            shown = re.sub(rf"(?<=[{{,])(\s*){re.escape(name)}(?=\s*[,}}])", rf"\1{name}: @@", text)
            shown = shown if shown != text else re.sub(rf"(?<![\w.$'\"]){re.escape(name)}(?![\w$'\":])", "@@", text)
            return f"{plan.like(shown).replace('@@', '{payload}')};"
    direct = next(
        (c for c in plan.sources.calls_within(definition.path, call.loc) if c.loc != call.loc and c.awaited), None
    )
    if direct is not None:
        inner = f"await {plan.sources.at(definition.path, direct.loc)}"
        return f"{plan.like(text.replace(inner, '@@')).replace('@@', '{payload}')};"
    return ""


def _answers(plan: ExpressPlan, path: str, call: Call) -> bool:
    text = plan.sources.at(path, call.loc)
    return bool(re.match(r"(res|response|reply)\.", text)) or bool(re.match(r"[\w.$]+\(\s*(res|response)\b", text))


def _held(assign: Assign, endpoint: Endpoint, plan: ExpressPlan) -> str:
    """The variable that a call's result is held in."""
    value = assign.value.parts[0] if assign.value.kind == "await" and assign.value.parts else assign.value
    return assign.target.text if value.kind == "call" and assign.target.kind == "name" else ""


def list_response(plan: ExpressPlan) -> tuple[str, str]:
    """The statement that answers a list, and what of it had to be chosen: `""` where all of it is the exemplar's."""
    endpoint = plan.sibling.endpoints.get("list")
    text = _statement(plan, endpoint) if endpoint is not None else ""
    paging = plan.house.paging
    usual = f"{{ {paging.at}: query.{paging.at}, {paging.size}: query.{paging.size}, total }}"
    if endpoint is None or endpoint.answers is None or not text:
        shown = f"{{ data: items, meta: {usual} }}" if plan.listing.paginate else "items"
        return f"res.json({shown});", "how a list is answered"
    definition = endpoint.answers
    call = max(
        (
            c
            for c in plan.sources.calls_within(definition.path, definition.symbol.loc)
            if plan.sources.at(definition.path, c.loc) == text
        ),
        key=lambda c: c.loc.end,
    )
    literal = next((p for p in reversed(positional(call.expr)) if p.kind == "mapping"), None)
    if not plan.listing.paginate:
        return f"{_filled(plan, definition.path, call.expr, literal, text)};", ""
    if literal is None:
        returned = _returned(plan, endpoint)
        if returned is not None:
            given = plan.sources.at(definition.path, positional(call.expr)[-1].loc)
            return f"{text.replace(given, _mapped(plan, *returned))};", ""
    else:
        shown = _mapped(plan, definition.path, literal)
        if "total" in shown:
            return (
                f"{plan.like(text.replace(plan.sources.at(definition.path, literal.loc), '@@')).replace('@@', shown)};",
                "",
            )
        if "items" in shown:
            whole = f"{shown[:-1].rstrip().rstrip(',')}, meta: {usual} }}"
            return (
                f"{plan.like(text.replace(plan.sources.at(definition.path, literal.loc), '@@')).replace('@@', whole)};",
                "the total of a list stands in `meta`",
            )
    return (
        f"res.json({{ data: items, meta: {usual} }});",
        "lists here are not cut: the rows stand in `data`, the total in `meta`",
    )


def _filled(plan: ExpressPlan, path: str, call: Expr, literal: Expr | None, text: str) -> str:
    if literal is not None:
        return plan.like(text.replace(plan.sources.at(path, literal.loc), "@@")).replace(
            "@@", _mapped(plan, path, literal)
        )
    given = positional(call)
    return text.replace(plan.sources.at(path, given[-1].loc), "items") if given else "res.json(items)"


def _returned(plan: ExpressPlan, endpoint: Endpoint) -> tuple[str, Expr] | None:
    """The object that the exemplar's function returns, where it holds a total."""
    data = endpoint.data
    inner = plan.sources.body_of(data) if data is not None else None
    if data is None or inner is None:
        return None
    for found in plan.index.returns(data.path, inner.qualname):
        if (
            found.value is not None
            and found.value.kind == "mapping"
            and "total" in _mapped(plan, data.path, found.value)
        ):
            return data.path, found.value
    return None


def _mapped(plan: ExpressPlan, path: str, literal: Expr) -> str:
    """An object with the new list's values under the exemplar's keys; what is not known by its key is left out."""
    paging, parts, seen = plan.house.paging, [], False
    for key, value in zip(literal.keys, literal.parts, strict=False):
        source = plan.sources.at(path, value.loc)
        name = key or ""
        if value.kind == "mapping" and name:
            shown = _mapped(plan, path, value)
            if shown != "{}":
                parts.append(f"{name}: {shown}")
        elif _TOTAL.match(name):
            parts.append("total" if name == "total" else f"{name}: total")
        elif _PAGES.match(name):
            parts.append(f"{name}: Math.ceil(total / query.{paging.size})")
        elif _PAGE.match(name) and paging.kind == "page":
            parts.append(f"{name}: query.{paging.at}")
        elif _SIZE.match(name):
            parts.append(f"{name}: query.{paging.size}")
        elif _START.match(name) and paging.kind == "offset":
            parts.append(f"{name}: query.{paging.at}")
        elif value.kind in {"constant", "string"} and name:
            parts.append(f"{name}: {plan.like(source)}")
        elif name and not seen and (_ROWS.search(name) or plan.like(name) != name):
            seen = True
            parts.append("items" if name == "items" else f"{plan.like(name)}: items")
    return f"{{ {', '.join(parts)} }}" if parts else "{}"
