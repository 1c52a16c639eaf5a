"""Spells the functions below the handlers: those that ask the database, and the service that says what its refusals mean."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from backwright.core.errors import Unsupported
from backwright.kit.index import Definition
from backwright.kit.templates import render
from backwright.stacks.axum.answers import listed, payload_of
from backwright.stacks.axum.decide import AxumPlan, needs_user
from backwright.stacks.axum.errors import absent, failure, other_error, refusal_text
from backwright.stacks.axum.failures import error_of
from backwright.stacks.axum.imports import imports_of
from backwright.stacks.axum.migration import changed_at, generated_key, is_null
from backwright.stacks.axum.model import key_kind, rust_type
from backwright.stacks.axum.names import own_types, signature, type_names
from backwright.stacks.axum.reading import closing, generic, pieces
from backwright.stacks.axum.siblings import OPERATIONS

_CONTEXT = re.compile(
    r"^&?\s*(?:mut\s+)?self$|PgPool|Pool<|PgConnection|AppState|State<|Executor|\b(?:pool|db|conn|tx|ctx|state)\s*:"
)
_EXECUTOR = re.compile(r"\.(?:fetch_one|fetch_all|fetch_optional|execute)\(\s*((?:[^()]|\([^()]*\))*?),?\s*\)")
_VERBS = {
    "list": ("list", "find_all", "get_all", "fetch_all", "index", "all"),
    "get": ("get", "find_by_id", "find", "fetch", "show"),
    "create": ("create", "insert", "store", "add", "new"),
    "update": ("update", "edit", "patch", "modify"),
    "delete": ("delete", "remove", "destroy"),
}


@dataclass(frozen=True)
class Layer:
    """The functions of one layer: `names` by operation, `context` the parameters that all have, `error` what they fail with.

    `scope` is the struct that has them as methods, `""` for functions of a module.
    """

    path: str  # the exemplar's file
    scope: str
    names: Mapping[str, str]
    context: tuple[str, ...]
    error: str
    outer: str  # `Result`, or the house's alias of it
    two: bool  # whether the error is written
    head: str  # `pub async fn`

    def returns(self, payload: str) -> str:
        """The type of what a function gives back."""
        return f"{self.outer}<{payload}, {self.error}>" if self.two else f"{self.outer}<{payload}>"


def layer_of(plan: AxumPlan, depth: int) -> Layer:
    """The layer `depth` steps below the handlers. Raises Unsupported for what cannot be imitated."""
    path = plan.sibling.layers[depth]
    found = {op: d for op in OPERATIONS for d in (_at(plan, op, path),) if d is not None}
    first = found.get("create") or next(iter(found.values()))
    where = f"{path}:{first.symbol.loc.line}"
    text = plan.sources.of(first)
    if re.search(rf"\bfn\s+{first.symbol.name}\s*<", text):
        raise Unsupported(f"{first.symbol.name} is generic, which is not imitated yet", where=where)
    if re.search(r"\b(?:impl\s+[\w:<>]+\s+for|trait)\s", plan.sources.read(path)) and first.symbol.scope:
        traited = re.search(
            rf"\bimpl\s+([\w:<>]+)\s+for\s+{re.escape(first.symbol.scope)}\s*\{{", plan.sources.read(path)
        )
        if traited is not None:
            raise Unsupported(
                f"{first.symbol.scope} does what a trait says ({traited[1]}): layers behind traits are not imitated yet",
                where=where,
            )
    outer, given = generic(first.symbol.returns)
    error = error_of(first, plan.index, plan.sources)
    if not outer.endswith("Result") or not error:
        raise Unsupported(f"{first.symbol.name} gives back no Result with an error that is known", where=where)
    head = re.match(r"((?:pub(?:\([^)]*\))?\s+)?(?:async\s+)?fn)\s", text)
    return Layer(
        path,
        first.symbol.scope,
        names_of(plan, found),
        tuple(p for p in signature(plan, first) if _CONTEXT.search(p)),
        error,
        outer,
        len(given) == 2,
        head[1] if head is not None else "pub async fn",
    )


def _at(plan: AxumPlan, op: str, path: str) -> Definition | None:
    endpoint = plan.sibling.endpoints.get(op)
    return next((d for d in endpoint.below if d.path == path), None) if endpoint is not None else None


def names_of(plan: AxumPlan, found: Mapping[str, Definition]) -> dict[str, str]:
    """The function of each operation: called as the exemplar's, or as the exemplar would call it."""
    own = {op: d.symbol.name for op, d in found.items()}
    names: dict[str, str] = {}
    like = own.get("create") or next(iter(own.values()))
    verb = next((v for v in _VERBS["create"] if like.startswith(v)), "")
    rest = plan.like(like).removeprefix(verb) if verb else ""
    for op in OPERATIONS:
        name = plan.like(own[op]) if op in own else ""
        if not name or name in names.values():
            many = rest.replace(plan.name.snake, plan.name.snake_plural) if op == "list" else rest
            name = f"{_VERBS[op][0]}{many}"
        names[op] = name
    return names


def is_database_error(plan: AxumPlan, layer: Layer) -> bool:
    """Whether the layer fails with sqlx's own error."""
    if layer.error in {"sqlx::Error", "SqlxError"}:
        return True
    return layer.error == "Error" and any(
        i.alias == "Error" and i.module.startswith("sqlx") for i in plan.index.imports(layer.path)
    )


def same_error(plan: AxumPlan, layer: Layer) -> bool:
    """Whether the layer fails with what handlers answer."""
    return layer.error.rpartition("::")[2] == plan.house.failures.name


def arguments(plan: AxumPlan, op: str, *, data: bool) -> list[tuple[str, str]]:
    """What a function is given besides its context: name and type."""
    names, key = type_names(plan), ("id", key_kind(plan))
    listing = (
        [("query", f"&{names['list']}"), ("limit", "i64"), ("offset", "i64")] if data else [("query", names["list"])]
    )
    own = {
        "list": listing,
        "get": [key],
        "create": [("input", names["create"])],
        "update": [key, ("input", names["update"])],
        "delete": [key],
    }[op]
    target = plan.owner_field.target if plan.owner_field is not None else None
    asked = needs_user(plan, op) and not (data and op in {"get", "update", "delete"})
    return [*own, *([("user_id", target.key_python.rpartition("::")[2])] if asked and target is not None else [])]


def executor_of(plan: AxumPlan, layer: Layer) -> str:
    """What queries are run on: `&self.pool`."""
    found: list[str] = [
        m.strip() for d in plan.sources.functions(layer.path) for m in _EXECUTOR.findall(plan.sources.body(d))
    ]
    plain = [m for m in found if m and "tx" not in m and not re.search(r"transaction|\bbegin\b", m)]
    if not plain:
        raise Unsupported("it was not found what queries are run on", where=layer.path)
    return max(set(plain), key=plain.count)


def data_functions(plan: AxumPlan, layer: Layer, executor: str) -> list[str]:
    """The functions that ask the database."""
    wanted = [op for op in OPERATIONS if op in plan.operations or (op == "get" and _reads_first(plan))]
    own = same_error(plan, layer)
    values = {**data_values(plan), "executor": executor, "refused": ".map_err(refused)" if own else ""}
    values["removed"] = ".map_err(in_use)" if own and 409 in plan.house.failures.made else values["refused"]
    row = plan.name.pascal
    payload = {
        "list": f"(Vec<{row}>, i64)",
        "get": f"Option<{row}>",
        "create": row,
        "update": f"Option<{row}>",
        "delete": "bool",
    }
    parts = []
    for op in wanted:
        body = render("axum/data.jinja", op=op, **values)
        parts.append(function_text(layer, op, arguments(plan, op, data=True), payload[op], body))
    return parts


def _reads_first(plan: AxumPlan) -> bool:
    """Whether a row is read to see whose it is."""
    return plan.owner is not None and bool(set(plan.owner.ops) & {"update", "delete"} & set(plan.operations))


def function_text(layer: Layer, op: str, given: list[tuple[str, str]], payload: str, body: str) -> str:
    """A function of a layer."""
    params = ", ".join([*layer.context, *(f"{name}: {kind}" for name, kind in given)])
    inner = textwrap.indent(body.strip(), "    ")
    text = f"{layer.head} {layer.names[op]}({params}) -> {layer.returns(payload)} {{\n{inner}\n}}"
    return textwrap.indent(text, "    ") if layer.scope else text


def data_values(plan: AxumPlan) -> dict[str, object]:
    """What the template of queries needs."""
    stored = [(f.attr, f"input.{f.attr}") for f in plan.fields]
    if plan.owner_field is not None:
        stored.append((plan.owner_field.attr, "user_id"))
    if not generated_key(plan):
        stored.insert(0, (plan.key.name, "Uuid::new_v4()"))
    return {
        "row": plan.name.pascal,
        "table": plan.table,
        "key": plan.key.name,
        "stored": stored,
        "filters": [
            (f.attr, "clone()" if rust_type(f) == "String" else "")
            for f in (plan.field(n) for n in plan.listing.filters)
        ],
        "search": [plan.field(n).attr for n in plan.listing.search],
        "sorts": [(plan.field(n).attr, _sorted(plan, n)) for n in plan.listing.sorts],
        "sort_type": f"{plan.name.pascal}Sort",
        "list_type": type_names(plan)["list"],
        "changed": [(f.attr, is_null(f)) for f in plan.fields if f.spec.update],
        "changed_at": changed_at(plan),
        "first": plan.columns[0].attr,
        "own_list": plan.owner is not None and plan.owner.list_own,
        "owner": plan.owner_field.attr if plan.owner_field is not None else "",
        "owner_type": rust_type(plan.owner_field) if plan.owner_field is not None else "",
    }


def _sorted(plan: AxumPlan, name: str) -> str:
    attr = plan.field(name).attr
    return "".join(part.capitalize() for part in attr.split("_"))


def logic_body(plan: AxumPlan, op: str, call: Mapping[str, str], data: Layer | None) -> str:
    """What one operation does around its query. `call` gives the call of the query for each operation."""
    plain = data is not None and same_error(plan, data)
    owned = plan.owner is not None and op in plan.owner.ops and plan.owner_field is not None
    eased = other_error(plan) == "error.into()"
    return render(
        "axum/logic.jinja",
        op=op,
        call=call,
        read="" if plain or eased else ".map_err(refused)",
        refused="" if plain else ".map_err(refused)",
        removed="" if plain or 409 not in plan.house.failures.made else ".map_err(in_use)",
        absent=absent(plan) if op in {"get", "update", "delete"} else "",
        missing=failure(plan, 404, f"{plan.name.human} not found") if op == "delete" else "",
        forbidden=failure(plan, 403, "this belongs to somebody else") if owned else "",
        owner=plan.owner_field.attr if plan.owner_field is not None else "",
        paging=plan.house.paging,
        listing=plan.listing,
    )


def service_text(plan: AxumPlan) -> str:
    """The file of the service."""
    layer, data = layer_of(plan, 0), layer_of(plan, 1)
    if not same_error(plan, layer):
        raise Unsupported(f"services fail with {layer.error}, which is not what handlers answer", where=layer.path)
    target = called_through(plan, layer.path, data)
    call = {op: call_text(plan, data, op, target, arguments(plan, op, data=True)) for op in OPERATIONS}
    parts = []
    for op in plan.operations:
        own = _at(plan, op, layer.path)
        row, body = plan.name.pascal, logic_body(plan, op, call, data)
        if op == "list":
            payload = plan.like(payload_of(own.symbol.returns)) if own is not None else f"(Vec<{row}>, i64)"
            body += listed(plan, payload, layer.path)
        elif op == "delete":
            payload = "()"
            body += "Ok(())"
        else:
            payload = row
            body += "Ok(row)"
        parts.append(function_text(layer, op, arguments(plan, op, data=False), payload, body))
    extra = "" if same_error(plan, data) else refusal_text(plan)
    return file_text(plan, layer, parts, extra)


def data_text(plan: AxumPlan) -> str:
    """The file of the functions that ask the database."""
    layer = layer_of(plan, len(plan.sibling.layers) - 1)
    if not same_error(plan, layer) and not is_database_error(plan, layer):
        raise Unsupported(f"errors of this kind are not read yet: {layer.error}", where=layer.path)
    parts = data_functions(plan, layer, executor_of(plan, layer))
    own = refusal_text(plan) if same_error(plan, layer) else ""
    return file_text(plan, layer, parts, f"{list_helpers(plan)}\n\n{own}")


def list_helpers(plan: AxumPlan) -> str:
    """What narrows a list, as a function of its own."""
    return render("axum/filtered.jinja", **data_values(plan)) if "list" in plan.operations else ""


def called_through(plan: AxumPlan, path: str, data: Layer) -> str:
    """What stands before the function in a call from a file of the exemplar: `self.repository.`, `DepotRepository::`."""
    for endpoint in plan.sibling.endpoints.values():
        name = next((d.symbol.name for d in endpoint.below if d.path == data.path), "")
        for definition in (endpoint.handler, *endpoint.below):
            if name and definition.path == path:
                body = plan.sources.body(definition)
                found = re.search(rf"((?:[\w]+(?:\(\))?\s*(?:\.|::)\s*)*){re.escape(name)}\s*\(", body)
                if found is not None:
                    return plan.like(re.sub(r"\s+", "", found[1]))
    raise Unsupported("it was not found how the functions that ask the database are called", where=path)


def call_text(plan: AxumPlan, layer: Layer, op: str, target: str, given: list[tuple[str, str]]) -> str:
    """The call of a function of a layer, from the layer above."""
    context = [_passed(plan, layer, p) for p in layer.context if not re.search(r"\bself$", p)]
    named = {"limit": "per_page"}
    shown = ["&query" if kind.startswith("&") else named.get(name, name) for name, kind in given]
    return f"{target}{layer.names[op]}({', '.join([*context, *shown])})"


def _passed(plan: AxumPlan, layer: Layer, param: str) -> str:
    """The argument that the exemplar passes for a parameter of the context."""
    for endpoint in plan.sibling.endpoints.values():
        chain = (endpoint.handler, *endpoint.below)
        for upper, lower in itertools.pairwise(chain):
            if lower.path != layer.path:
                continue
            own = [p for p in signature(plan, lower) if not re.search(r"\bself$", p)]
            found = re.search(rf"\b{re.escape(lower.symbol.name)}\s*\(", plan.sources.body(upper))
            if param in own and found is not None:
                return plan.like(_argument(plan.sources.body(upper), found.end() - 1, own.index(param)))
    return param.partition(":")[0].strip()


def _argument(text: str, start: int, at: int) -> str:
    found = pieces(text[start + 1 : closing(text, start)])
    return found[at] if at < len(found) else ""


def file_text(plan: AxumPlan, layer: Layer, parts: list[str], extra: str) -> str:
    """The functions in what the exemplar has them in: methods of a struct, or functions of a module."""
    joined = "\n\n".join(parts)
    if layer.scope:
        joined = f"{_container(plan, layer)}\n{joined}\n}}"
    body = re.sub(r"\n{3,}", "\n\n", f"{joined}\n\n{extra}").strip()
    return f"{imports_of(plan, layer.path, body, own_types(plan))}\n\n{body}\n"


def _container(plan: AxumPlan, layer: Layer) -> str:
    """The struct with what makes it, down to where its functions begin."""
    symbols = plan.index.symbols(layer.path)
    own = symbols.get(layer.scope)
    parts = []
    if own is not None and "struct" in own.modifiers:
        above = plan.sources.above(layer.path, own)
        visible = "pub " if "pub" in own.modifiers else ""
        text = plan.sources.at(layer.path, own.loc)
        text = text if text.startswith(("pub", "struct")) else f"{visible}{text}"
        parts.append(f"{above}\n{text}\n" if above else f"{text}\n")
    makers = [
        s
        for s in symbols.values()
        if s.scope == layer.scope and s.kind in {"method", "function"} and _makes(s.returns, layer.scope)
    ]
    parts.append(f"impl {layer.scope} {{")
    parts += [f"    {plan.sources.at(layer.path, s.loc)}\n" for s in makers]
    return plan.like("\n".join(parts))


def _makes(returns: str, scope: str) -> bool:
    return returns.strip() in {"Self", scope}
