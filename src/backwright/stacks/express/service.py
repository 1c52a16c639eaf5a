"""Spells the functions that ask the database, and what they say when it refuses."""

from __future__ import annotations

from backwright.kit.index import Definition
from backwright.kit.templates import render
from backwright.stacks.express.decide import ExpressPlan, field_name, key_of
from backwright.stacks.express.errors import failure, failure_imports, has_unique, invalid_status, statuses
from backwright.stacks.express.functions import file_text, function_text, names_of
from backwright.stacks.express.imports import Bound, imports_of, prisma_module, spelled
from backwright.stacks.express.schema import is_null
from backwright.stacks.express.validation import house_style, names_of_schemas


def data_of(plan: ExpressPlan) -> dict[str, Definition]:
    """The exemplar's functions that ask the database, by operation."""
    return {op: e.data for op, e in plan.sibling.endpoints.items() if e.data is not None}


def service_text(plan: ExpressPlan) -> str:
    """The file of the functions that ask the database."""
    found = data_of(plan)
    names = names_of(plan, found)
    functions = {
        names[op]: function_text(plan, found, op, names[op], body_of(plan, op), parameters(plan, op))
        for op in plan.operations
    }
    body = house_style(plan, file_text(plan, found, functions))
    extra = render("express/service_extras.jinja", **_values(plan))
    body = f"{house_style(plan, extra).strip()}\n\n{body}" if extra.strip() else body
    path = plan.paths["service"]
    return f"{imports_of(plan, path, plan.sibling.service, body, own_imports(plan, path))}\n\n{body.strip()}\n"


def own_imports(plan: ExpressPlan, path: str) -> tuple[Bound, ...]:
    """What the new functions name, wherever the exemplar has it from."""
    names = names_of_schemas(plan)
    schema = spelled(plan, path, plan.paths["schema"])
    types = tuple(
        Bound(schema, names[f"{role}_type"], names[f"{role}_type"], typed=True) for role in ("create", "update", "list")
    )
    own = (Bound(prisma_module(plan, path), "Prisma", "Prisma"), *types)
    return (*own, *failure_imports(plan, path, sorted(statuses(plan))))


def needs_user(plan: ExpressPlan, op: str) -> bool:
    """Whether an operation needs to know who asks."""
    if plan.owner is None:
        return False
    return op == "create" or op in plan.owner.ops or (op == "list" and plan.owner.list_own)


def arguments(plan: ExpressPlan, op: str) -> list[tuple[str, str]]:
    """What a function is given: name and type."""
    names = names_of_schemas(plan)
    key = ("id", "number" if plan.key_type == "Int" else "string")
    own = {
        "list": [("query", names["list_type"])],
        "get": [key],
        "create": [("input", names["create_type"])],
        "update": [key, ("input", names["update_type"])],
        "delete": [key],
    }[op]
    assert plan.owner is not None or not needs_user(plan, op)
    target = plan.owner_field.target if plan.owner_field is not None else None
    user = ("userId", "number" if target is not None and target.key_python == "int" else "string")
    return [*own, *([user] if needs_user(plan, op) else [])]


def parameters(plan: ExpressPlan, op: str) -> str:
    """The parameters as source."""
    typed = plan.house.layout.typed
    return ", ".join(f"{name}: {kind}" if typed else name for name, kind in arguments(plan, op))


def body_of(plan: ExpressPlan, op: str) -> str:
    """What a function does."""
    return render("express/service.jinja", op=op, **_values(plan))


def _values(plan: ExpressPlan) -> dict[str, object]:
    name, failures = plan.name, plan.house.failures
    key = field_name(key_of(plan.sibling.table))
    refs = [f for f in plan.fields if f.target is not None]
    unique = [f.spec.name.replace("_", " ") for f in plan.fields if f.spec.unique]
    taken = f"A {name.human} with this {unique[0]} exists already" if unique else f"This {name.human} exists already"
    missing = (
        f"There is no such {refs[0].target.name.human}"
        if len(refs) == 1 and refs[0].target
        else "What it refers to does not exist"
    )
    return {
        "ts": plan.house.layout.typed,
        "client": plan.sibling.client,
        "model": name.camel,
        "entity": name.pascal,
        "by_key": "id" if key == "id" else f"{key}: id",
        "key": key,
        "filters": [plan.field(n).attr for n in plan.listing.filters],
        "sorts": bool(plan.listing.sorts),
        "sort_fields": [plan.field(n).attr for n in plan.listing.sorts],
        "search": [plan.field(n).attr for n in plan.listing.search],
        "insensitive": plan.house.provider == "postgresql",
        "listing": plan.listing,
        "paging": plan.house.paging,
        "ops": plan.operations,
        "owner": plan.owner_field.attr if plan.owner_field is not None else "",
        "owned": plan.owner.ops if plan.owner is not None else (),
        "own_list": plan.owner is not None and plan.owner.list_own,
        "dates": [(f.attr, is_null(f)) for f in plan.fields if f.type == "date"],
        "not_found": failure(plan, 404, f"{name.pascal} not found") if 404 in failures else "",
        "conflict": failure(plan, 409, taken) if has_unique(plan) else "",
        "in_use": failure(plan, 409, f"The {name.human} is in use") if 409 in failures else "",
        "invalid": failure(plan, invalid_status(plan), missing) if refs and invalid_status(plan) in failures else "",
        "forbidden": failure(plan, 403, "This belongs to somebody else") if 403 in failures else "",
    }
