"""Spells the layers: what stands around the exemplar's functions, with the functions of the new resource."""

from __future__ import annotations

import re
from typing import Any

from backwright.core.facts import Symbol
from backwright.kit.naming import camel
from backwright.kit.templates import render
from backwright.stacks.gin.answering import answer_of, list_answer
from backwright.stacks.gin.columns import go_name, go_type, is_null, parsed_key
from backwright.stacks.gin.decide import GinPlan
from backwright.stacks.gin.entity import values_of
from backwright.stacks.gin.layout import pairs
from backwright.stacks.gin.spelled import (
    database,
    error,
    failed,
    functions_of,
    held,
    key_type,
    mapped,
    needed,
    needs_user,
    receiver,
    receiver_name,
    requests_of,
    symbol_text,
    target_type,
)
from backwright.stacks.gin.style import Layer

_DONE = {
    "list": "lists {humans}", "get": "finds one {human}", "create": "adds {a} {human}",
    "update": "changes {a} {human}", "delete": "removes {a} {human}",
}  # fmt: skip


def layer_text(plan: GinPlan, role: str) -> str:
    """The declarations of a layer's file."""
    layer = plan.layer(role)
    assert layer is not None, "only layers that the house has are spelled"
    functions = [_function(plan, layer, op) for op in plan.operations]
    if role == "handler":
        if not mapped(plan):
            functions.append(_failing(plan, layer))
        if plan.layer("service") is None:
            functions += [_work(plan, layer, op) for op in plan.operations]
    parts = [*_around(plan, layer), *functions]
    if role == lowest(plan).role:
        parts.append(_refusing(plan, layer))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def lowest(plan: GinPlan) -> Layer:
    """The layer that asks the database."""
    return plan.house.layers[-1]


def _around(plan: GinPlan, layer: Layer) -> list[str]:
    """The interface, the type and what makes one, as the exemplar has them."""
    out = []
    if layer.face is not None and layer.face_path == layer.path:
        out.append(face_text(plan, layer))
    if layer.owner is not None:
        out.append(symbol_text(plan, layer.path, layer.owner))
    if layer.maker is not None:
        out.append(symbol_text(plan, layer.path, layer.maker))
    return out


def face_text(plan: GinPlan, layer: Layer) -> str:
    """The interface with the new functions."""
    assert layer.face is not None, "only where there is one"
    names = functions_of(plan, layer.role)
    if layer.role == "handler":
        methods = [f"{names[op]}({plan.answers.context} *gin.Context)" for op in plan.operations]
    else:
        methods = [f"{names[op]}({_parameters(plan, layer, op)}) {_results(plan, layer, op)}" for op in plan.operations]
    comment = plan.like_words(plan.sources.comment_above(layer.face_path, layer.face))
    body = "\n".join(f"\t{m}" for m in methods)
    return f"{comment}\ntype {plan.like(layer.face.name)} interface {{\n{body}\n}}".strip()


def _documented(plan: GinPlan, layer: Layer, name: str, op: str) -> str:
    """A comment, where the exemplar's functions have theirs."""
    chain = [d for e in plan.sibling.endpoints.values() for d in e.chain if d.path == layer.path]
    if not any(plan.sources.comment_above(d.path, d.symbol) for d in chain):
        return ""
    said = _DONE[op].format(a=plan.a, human=plan.name.human, humans=plan.name.human_plural)
    return f"// {name} {said}."


def _function(plan: GinPlan, layer: Layer, op: str) -> str:
    if layer.role == "handler":
        return _handler(plan, layer, op)
    return _work(plan, layer, op) if layer.role == "service" else _stored(plan, layer, op)


# --- handlers ----------------------------------------------------------------------------------------------------------


def _handler(plan: GinPlan, layer: Layer, op: str) -> str:
    name, c = functions_of(plan, "handler")[op], plan.answers.context
    path, requests = plan.paths["handler"], requests_of(plan)
    service = plan.layer("service")
    if service is not None:
        call = f"{held(plan, layer, service)}{functions_of(plan, 'service')[op]}"
    else:
        call = f"{f'{receiver_name(plan, layer)}.' if layer.owner is not None else ''}{functions_of(plan, 'work')[op]}"
    key = parsed_key(plan.key, _key_param(plan), c)
    listed, _ = list_answer(plan)
    return render(
        "gin/handler.go.jinja",
        op=op,
        c=c,
        doc=_documented(plan, layer, name, op),
        name=name,
        receiver=receiver(plan, layer),
        row=plan.row,
        rows=rows_name(plan),
        total="total" if re.search(r"\btotal\b", listed) else "_",
        call=call,
        ctx=f"{c}.Request.Context(), " if _context(plan) else "",
        fail=_fail(plan, layer),
        bad_request=failed(plan, plan.answers.invalid, "err.Error()"),
        bad_key=failed(plan, plan.answers.invalid, '"the id in the address is none"'),
        key_call="",
        key_lines=key,
        key_cast=plan.key if any(line.startswith("number") for line in key) else "",
        asking=[o for o in plan.operations if needs_user(plan, o)],
        user_id=plan.house.guards.user_id.replace("{c}", c),
        answer=listed if op == "list" else answer_of(plan, op),
        **{k: plan.type_of(v, "requests", path) for k, v in requests.items()},
    )


def rows_name(plan: GinPlan) -> str:
    """A variable for several rows, never that for one."""
    many = plan.name.camel_plural
    return many if many != plan.row and many.isidentifier() else f"{many}List"


def _key_param(plan: GinPlan) -> str:
    keyed = next((e.key for e in plan.sibling.endpoints.values() if e.key), "id")
    return plan.like(keyed) if keyed.lower().endswith("id") else "id"


def _context(plan: GinPlan) -> bool:
    """Whether functions below the handlers are given the context of the request."""
    return any(layer.takes_context for layer in plan.house.layers[1:])


def _fail(plan: GinPlan, layer: Layer) -> str:
    c = plan.answers.context
    if mapped(plan):
        return plan.answers.mapper.replace("{c}", c).replace("{error}", "err")
    prefix = f"{receiver_name(plan, layer)}." if layer.owner is not None else ""
    return f"{prefix}{failing_name(plan)}({c}, err)"


def failing_name(plan: GinPlan) -> str:
    """The function that answers errors."""
    return camel(f"fail_{plan.name.snake}")


def _failing(plan: GinPlan, layer: Layer) -> str:
    path, cases = plan.paths["handler"], []
    done = set()
    for what, status in sorted(needed(plan).items(), key=lambda item: item[1]):
        made = error(plan, what, path)
        known = re.search(r'fmt\.Errorf\("[^"]*", ([\w.]+)\)', made)
        name = known[1] if known is not None else made
        if name not in done:
            cases.append((name, failed(plan, status, "err.Error()")))
            done.add(name)
    return render(
        "gin/failing.go.jinja",
        name=failing_name(plan),
        receiver=receiver(plan, layer),
        c=plan.answers.context,
        cases=cases,
        otherwise=failed(plan, 500, '"internal error"'),
    )


# --- services and repositories -----------------------------------------------------------------------------------------


def _parameters(plan: GinPlan, layer: Layer, op: str) -> str:
    path, requests = plan.paths[layer.role], requests_of(plan)
    entity = plan.type_of(plan.entity, "model", path)
    found = ["ctx context.Context"] if _context(plan) else []
    low = layer.role == "repository"
    if op == "create":
        found.append(f"{plan.row} *{entity}" if low else f"input {plan.type_of(requests['create'], 'requests', path)}")
    elif op == "list":
        found.append(f"query {plan.type_of(requests['list'], 'requests', path)}")
    elif op == "update" and low:
        found += [f"{plan.row} *{entity}", "changes map[string]any"]
    else:
        found.append(f"id {plan.key}")
        found += [f"input {plan.type_of(requests['update'], 'requests', path)}"] if op == "update" else []
    asked = needs_user(plan, op) and (not low or op == "list")
    return ", ".join([*found, *([f"user {key_type(plan, plan.owner_field)}"] if asked else [])])


def _results(plan: GinPlan, layer: Layer, op: str) -> str:
    entity = plan.type_of(plan.entity, "model", plan.paths[layer.role])
    if op == "list":
        return f"([]{entity}, int64, error)"
    if op == "delete" or (layer.role == "repository" and op in {"create", "update"}):
        return "error"
    return f"(*{entity}, error)"


def _work(plan: GinPlan, layer: Layer, op: str) -> str:
    """What an operation does, by the repository where there is one."""
    named = functions_of(plan, layer.role if layer.role == "service" else "work")[op]
    repository = plan.layer("repository")
    below = held(plan, layer, repository) if repository is not None else ""
    own = functions_of(plan, "repository")
    values, defaults = values_of(plan)
    return render(
        "gin/service.go.jinja",
        **_shared(plan, layer, op),
        doc=_documented(plan, layer, named, op) if layer.role == "service" else "",
        name=named,
        repository=f"{below}{own[op]}" if repository is not None else "",
        finding=f"{below}{own['get']}" if repository is not None else "",
        values=pairs(values),
        defaults=defaults,
        owned_ops=plan.owner.ops if plan.owner is not None else (),
        owner=plan.owner_field.attr if plan.owner_field is not None else "",
        forbidden=error(plan, "forbidden", plan.paths[layer.role]),
    )


def _stored(plan: GinPlan, layer: Layer, op: str) -> str:
    """What the repository does."""
    name = functions_of(plan, "repository")[op]
    return render(
        "gin/repository.go.jinja", **_shared(plan, layer, op), doc=_documented(plan, layer, name, op), name=name
    )


def _shared(plan: GinPlan, layer: Layer, op: str) -> dict[str, Any]:
    """What the templates of services and repositories have in common."""
    path, listing = plan.paths[layer.role], plan.listing
    at, size = plan.answers.page
    db = _database(plan, layer)
    search = [plan.column(plan.field(n)) for n in listing.search]

    def refused(what: str, reference: str) -> str:
        bare = _database(plan, layer, asking=False)
        meant = error(plan, reference, path)
        return f"{refusing_name(plan)}({bare}, {what}, {'nil' if meant == 'err' else meant})"

    return {
        "op": op,
        "receiver": receiver(plan, layer),
        "parameters": _parameters(plan, layer, op),
        "results": _results(plan, layer, op),
        "row": plan.row,
        "rows": rows_name(plan),
        "entity": plan.type_of(plan.entity, "model", path),
        "ctx": "ctx, " if _context(plan) else "",
        "db": db,
        "refused": refused,
        "missing": error(plan, "missing", path),
        "own_list": plan.owner is not None and plan.owner.list_own,
        "owner_column": plan.column(plan.owner_field) if plan.owner_field is not None else "",
        "filters": [(plan.field(n).attr, plan.column(plan.field(n))) for n in listing.filters],
        "search": search,
        "search_sql": "(" + " OR ".join(f"LOWER({c}) LIKE ? ESCAPE '!'" for c in search) + ")",
        "paginate": listing.paginate,
        "limit": go_name(size),
        "offset": "query.Offset" if at == "offset" else f"(query.{go_name(at)} - 1) * query.{go_name(size)}",
        "sorts": listing.sorts,
        "orders": pairs(_orders(plan)),
        **_references(plan, layer),
    }


def _database(plan: GinPlan, layer: Layer, *, asking: bool = True) -> str:
    found = database(plan, layer, asking=False)
    return f"{found}.WithContext(ctx)" if asking and _context(plan) else found


def _orders(plan: GinPlan) -> list[tuple[str, str]]:
    rows = [('""', '"id"')]
    for name in plan.listing.sorts:
        field = plan.field(name)
        rows.append((f'"{plan.json(field)}"', f'"{plan.column(field)}, id"'))
        rows.append((f'"-{plan.json(field)}"', f'"{plan.column(field)} DESC, id"'))
    return rows


def _references(plan: GinPlan, layer: Layer) -> dict[str, Any]:
    """What a row refers to, its owner aside, who is there."""
    path = plan.paths[layer.role]
    refs = [f for f in plan.fields if f.target is not None]
    names = {f.attr: _local(f.attr) for f in refs}
    changed = [f for f in refs if f.spec.update]
    return {
        "checking": camel(f"check_{plan.name.snake}"),
        "references": [
            {
                "name": names[f.attr],
                "type": go_type(f),
                "target": target_type(plan, f, path),
                "changed": names[f.attr] if f in changed else "nil",
            }
            for f in refs
        ],
        "created_references": ", ".join(f"{'' if is_null(f) else '&'}{plan.row}.{f.attr}" for f in refs),
        "changed_references": [(names[f.attr], plan.column(f), go_type(f)) for f in changed],
        "reference": error(plan, "reference", path),
    }


def _local(name: str) -> str:
    """A field's name as a variable: `authorID`; `idCardID` for what begins with initials."""
    found = re.match(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z]", name)
    return f"{found[0].lower()}{name[found.end() :]}" if found is not None else name


def refusing_name(plan: GinPlan) -> str:
    """The function that says what the database refused."""
    return camel(f"refuse_{plan.name.snake}")


def _refusing(plan: GinPlan, layer: Layer) -> str:
    path = plan.paths[layer.role]
    return render(
        "gin/refusing.go.jinja",
        refusing=refusing_name(plan),
        legacy=plan.house.versions.get("gorm.io/gorm", (1, 99, 0)) < (1, 25, 2),
        # SQLite says of ON DELETE RESTRICT that a trigger refused, which drivers do not translate.
        sqlite=plan.house.dialect == "sqlite",
        missing=error(plan, "missing", path),
        conflict=error(plan, "conflict", path),
        **_references(plan, layer),
    )


def own_face(plan: GinPlan) -> list[tuple[Layer, Symbol]]:
    """The interfaces that stand in files of their own."""
    found = [(layer, layer.face) for layer in plan.house.layers if layer.face is not None]
    return [(layer, face) for layer, face in found if layer.face_path != layer.path]
