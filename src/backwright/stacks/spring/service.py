"""Spells what is done with rows: the service, or what handlers do by themselves where the house has none."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from backwright.kit.artifacts import FieldPlan
from backwright.kit.templates import render
from backwright.stacks.spring.bodies import has_update_class, update_name, update_shape
from backwright.stacks.spring.columns import TEXTUAL, default_of, is_null, java_type
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.failures import failure
from backwright.stacks.spring.files import whole_file, wrapped
from backwright.stacks.spring.reading import marks
from backwright.stacks.spring.shapes import Shape, bases_of, getter, setter
from backwright.stacks.spring.siblings import Resource, repositories_of

_USUAL = {"list": "list", "get": "get", "create": "create", "update": "update", "delete": "delete"}


def statuses(plan: SpringPlan) -> set[int]:
    """The errors that this resource answers by itself."""
    found = {404} if {"get", "update", "delete"} & set(plan.operations) else set()
    if any(f.target is not None for f in plan.fields) and {"create", "update"} & set(plan.operations):
        found.add(invalid_status(plan))
    if plan.owner is not None and set(plan.owner.ops) & set(plan.operations):
        found.add(403)
    if has_unique(plan):
        found.add(409)
    if "list" in plan.operations and (plan.listing.sorts or _texts(plan)):
        found.add(refused_status(plan))
    return found


def has_unique(plan: SpringPlan) -> bool:
    """Whether two rows may not be alike."""
    return any(f.spec.unique for f in plan.columns) or bool(plan.unique_together)


def invalid_status(plan: SpringPlan) -> int:
    """What a request is answered that refers to what is not there: by an exception of the project's own, if it has one."""
    own = [
        s for s in (422, 400, 404) if s in plan.house.failures and "ResponseStatus" not in plan.house.failures[s].call
    ]
    return own[0] if own else 400


def refused_status(plan: SpringPlan) -> int:
    """What a list is answered that is asked for what it cannot do."""
    found = invalid_status(plan)
    return found if found != 404 else 400


def _texts(plan: SpringPlan) -> list[FieldPlan]:
    named = {*plan.listing.filters, *plan.listing.search}
    return [f for f in plan.columns if {f.spec.name, f.attr} & named and f.type in TEXTUAL and f.target is None]


def error(plan: SpringPlan, status: int, message: str, key: str = "", value: str = "") -> str:
    """The exception of a status, made."""
    return failure(plan.house.failures, status, message, plan.name.pascal, key or plan.key, value or plan.key)


def method_names(plan: SpringPlan) -> dict[str, str]:
    """The service's method for each operation: as the exemplar's handlers call theirs."""
    sibling = plan.sibling
    found = {}
    for op, endpoint in sibling.endpoints.items():
        text = plan.sources.at(sibling.controller.path, endpoint.handler.loc)
        called = re.search(rf"\b{re.escape(sibling.holder)}\s*\.\s*(\w+)\(", text) if sibling.service else None
        found[op] = plan.like(called[1]) if called is not None else ""
    return _filled(plan, found)


def _filled(plan: SpringPlan, found: dict[str, str]) -> dict[str, str]:
    """Names for all operations, of which no two are alike; those that are not known are called as the known ones are."""
    like = next((found[op] for op in ("create", "get", "update") if found.get(op)), "")
    named = plan.name.pascal in like
    names: dict[str, str] = {}
    for op in _USUAL:
        usual = f"{_USUAL[op]}{plan.name.pascal_plural if op == 'list' else plan.name.pascal}" if named else _USUAL[op]
        own = found.get(op) or usual
        names[op] = own if own not in names.values() else f"{own}{plan.name.pascal}"
    return names


def row_type(plan: SpringPlan) -> str:
    return plan.names["response"]


def list_type(plan: SpringPlan) -> str:
    """What a list is answered in."""
    if not plan.listing.paginate:
        return f"List<{row_type(plan)}>"
    outer = plan.house.envelope.type if plan.house.envelope is not None else "Page"
    return f"{outer}<{row_type(plan)}>"


def queries(plan: SpringPlan) -> list[tuple[str, str]]:
    """What a list is asked for besides its page: type and name."""
    found = [(java_type(plan, f), f.attr) for f in map(plan.field, plan.listing.filters)]
    if plan.listing.search:
        found.append(("String", "search"))
    return found


def list_arguments(plan: SpringPlan) -> list[tuple[str, str]]:
    """All that the list is asked for."""
    found = queries(plan)
    paging = plan.house.paging
    if plan.listing.paginate and paging.kind == "pageable":
        return [*found, ("Pageable", "pageable")]
    found += [("String", "sort")] if plan.listing.sorts else []
    return [*found, *([("int", paging.at), ("int", paging.size)] if plan.listing.paginate else [])]


def parameters(plan: SpringPlan, op: str) -> list[tuple[str, str]]:
    """What the service is given: type and name."""
    key = (plan.key_type, plan.key)
    return {
        "list": list_arguments(plan),
        "get": [key],
        "create": [(plan.names["request"], "request")],
        "update": [key, (update_name(plan), "request")],
        "delete": [key],
    }[op]


def returned(plan: SpringPlan, op: str) -> str:
    return {"list": list_type(plan), "delete": "void"}.get(op, row_type(plan))


def service_text(plan: SpringPlan) -> str:
    """The file of the class that asks the database."""
    sibling = plan.sibling
    made = sibling.implementation or sibling.service
    assert made is not None, "asked only where the house has services"
    role = "implementation" if sibling.implementation is not None else "service"
    names = method_names(plan)
    methods = []
    for op in plan.operations:
        given = [f"{kind} {name}" for kind, name in parameters(plan, op)]
        head = wrapped(f"public {returned(plan, op)} {names[op]}", given, " {", "    ", plan.house.layout.width)
        text = body_of(plan, op).replace("@RETURN", "return").replace("@END", ";")
        methods.append((op in {"list", "get"}, head.strip(), text.rstrip()))
    body = render(
        "spring/service.jinja",
        name=plan.names[role],
        implements=f" implements {plan.names['service']}" if role == "implementation" else "",
        override=role == "implementation",
        injection=injection_of(plan, sibling, made.path, made.symbol.name),
        fields=dependencies(plan),
        constants=constants(plan),
        methods=methods,
        helpers=helpers(plan),
    )
    return whole_file(plan, role, body, made.path)


def interface_text(plan: SpringPlan) -> str:
    """The interface of the service."""
    service = plan.sibling.service
    assert service is not None, "asked only where the house has an interface"
    names = method_names(plan)
    lines = [
        wrapped(
            f"{returned(plan, op)} {names[op]}",
            [f"{k} {n}" for k, n in parameters(plan, op)],
            ";",
            "    ",
            plan.house.layout.width,
        )
        for op in plan.operations
    ]
    body = render("spring/interface.jinja", name=plan.names["service"], lines=lines)
    return whole_file(plan, "service", body, service.path)


def injection_of(plan: SpringPlan, sibling: Resource, path: str, name: str) -> str:
    """How a class is given what it needs: lombok, field, or constructor."""
    definition = plan.sources.named(name, path)
    assert definition is not None
    if {"RequiredArgsConstructor", "AllArgsConstructor"} & set(marks(definition.symbol.decorators)):
        return "lombok"
    fields = [f for f in definition.symbol.fields if "Autowired" in marks(f.decorators)]
    return "field" if fields else "constructor"


def dependencies(plan: SpringPlan) -> list[tuple[str, str]]:
    """What the class needs: type and name of the field, the repository of each reference among it."""
    found = {plan.names["repository"]: _camel(plan.names["repository"])}
    if {"create", "update"} & set(plan.operations):
        for field in plan.fields:
            if field.target is not None:
                name = repository_of(plan, field.target.entity)
                found[name] = _camel(name)
    user = plan.house.current_user
    if plan.owner is not None and user is not None and not user.static:
        found[user.owner.symbol.name] = _camel(user.owner.symbol.name)
    return list(found.items())


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def repository_of(plan: SpringPlan, entity: str) -> str:
    """The repository of an entity; as the exemplar's is called where there is none."""
    found = dict(repositories_of(plan.sources)).get(entity)
    return found.symbol.name if found is not None else ""


def constants(plan: SpringPlan) -> list[str]:
    """What the class holds beside its dependencies: by what a list can be sorted."""
    if "list" not in plan.operations or not plan.listing.sorts:
        return []
    names = ", ".join(f'"{plan.field(n).attr}"' for n in plan.listing.sorts)
    made = "List.of" if plan.house.build.java >= 9 else "Arrays.asList"
    return [f"private static final List<String> SORTS = {made}({names});"]


def body_of(plan: SpringPlan, op: str) -> str:
    """What an operation does; `@RETURN value@END` is where it gives its answer."""
    return render("spring/operation.jinja", op=op, **_values(plan))


def helpers(plan: SpringPlan) -> list[str]:
    """The private methods that operations share."""
    text = render("spring/helpers.jinja", **_values(plan))
    applied = textwrap.indent(body_of(plan, "apply").strip("\n"), "    ") if "@APPLY@" in text else ""
    parts = re.split(r"^----\n", text.replace("@APPLY@", applied), flags=re.MULTILINE)
    return [p.strip() for p in parts if p.strip()]


def _values(plan: SpringPlan) -> dict[str, object]:
    unique = [f.spec.name.replace("_", " ") for f in plan.fields if f.spec.unique]
    taken = (
        f"A {plan.name.human} with this {unique[0]} exists already"
        if unique
        else f"This {plan.name.human} exists already"
    )
    refused = refused_status(plan)
    failures = plan.house.failures
    return {
        "row": plan.variable,
        "entity": plan.names["entity"],
        "response": f"{plan.names['response']}::{plan.response.factory}",
        "shown": f"{plan.names['response']}.{plan.response.factory}",
        "repository": _camel(plan.names["repository"]),
        "key": plan.key,
        "key_type": plan.key_type,
        "ops": plan.operations,
        "listing": plan.listing,
        "paging": plan.house.paging,
        "streams": plan.house.build.java >= 16,
        "made": plan.house.envelope.made if plan.house.envelope is not None else "{page}",
        "filters": [_filter(plan, plan.field(n)) for n in plan.listing.filters],
        "search": [plan.field(n).attr for n in plan.listing.search],
        "sorts": plan.listing.sorts,
        "unsorted": error(
            plan, refused, f"{plan.name.human_plural.capitalize()} cannot be sorted by that", "sort", "sort"
        )
        if plan.listing.sorts
        else "",
        "no_text": error(plan, refused, "This is no text", "search", "text") if _texts(plan) else "",
        "texts": bool(_texts(plan)),
        "request_type": plan.names["request"],
        "change_type": update_name(plan),
        "same": not has_update_class(plan) and all(f.spec.update for f in plan.fields),
        "creates": list(_assignments(plan, plan.request, partial=False, changes=False)),
        "changes": list(_assignments(plan, update_shape(plan), partial=plan.is_patch, changes=True)),
        "unique": has_unique(plan),
        "not_found": error(plan, 404, f"{plan.name.pascal} not found") if 404 in failures else "",
        "outrun": _outrun(plan),
        "in_use": error(plan, 409, f"The {plan.name.human} is in use", value=plan.key)
        if 409 in failures and not plan.house.integrity
        else "",
        "conflict": error(plan, 409, taken, unique[0] if unique else plan.key, f"{plan.variable}")
        if 409 in failures
        else "",
        "forbidden": error(plan, 403, "This belongs to somebody else") if 403 in failures else "",
        **_ownership(plan),
    }


def _ownership(plan: SpringPlan) -> dict[str, object]:
    """Whose rows they are, and how the house knows who is signed in."""
    own = plan.owner_field
    user = plan.house.current_user
    signed_in = ""
    if plan.owner is not None and user is not None:
        holder = user.owner.symbol.name if user.static else _camel(user.owner.symbol.name)
        signed_in = f"{holder}.{user.method}()"
    return {
        "signed_in": signed_in,
        "user": plan.house.auth.user.name if plan.house.auth.user is not None else "",
        "owner": own.relation if own is not None else "",
        "owner_set": setter(own.relation) if own is not None else "",
        "owner_key": f"{getter(Shape('plain'), own.relation)}.{getter(Shape('plain'), own.target.key)}"
        if own is not None and own.target is not None
        else "",
        "user_key": getter(Shape("plain"), own.target.key) if own is not None and own.target is not None else "",
        "owned": plan.owner.ops if plan.owner is not None else (),
        "own_list": plan.owner is not None and plan.owner.list_own,
    }


def _outrun(plan: SpringPlan) -> str:
    """What an update is answered whose row somebody else has changed, where rows have versions, or taken away."""
    versioned = any(
        "Version" in marks(f.decorators)
        for owner in bases_of(plan.sibling.entity, plan.sources)
        for f in owner.symbol.fields
    )
    key = f"{plan.variable}.{getter(Shape('plain'), plan.key)}"
    if versioned and 409 in plan.house.failures:
        return error(plan, 409, f"Somebody else has changed this {plan.name.human}", value=key)
    return error(plan, 404, f"{plan.name.pascal} not found", value=key) if 404 in plan.house.failures else ""


def _filter(plan: SpringPlan, field: FieldPlan) -> dict[str, object]:
    """How a filter is asked of the rows."""
    path = f'root.get("{field.attr}")'
    if field.target is not None:
        path = f'root.get("{field.relation}").get("{field.target.key}")'
    return {"name": field.attr, "path": path, "text": field.type in TEXTUAL and field.target is None}


def _assignments(plan: SpringPlan, shape: Shape, *, partial: bool, changes: bool) -> Iterator[dict[str, object]]:
    """How each field is set: what it is, where it comes from, and when."""
    for field in plan.fields:
        if changes and not field.spec.update:
            continue
        asked = f"request.{getter(shape, field.attr)}"
        target = field.target
        missing = ""
        if target is not None:
            missing = error(plan, invalid_status(plan), f"There is no such {target.name.human}", field.attr, asked)
        default = default_of(plan, field)
        yield {
            "set": setter(field.relation if target is not None else field.attr),
            "asked": asked,
            "default": default if not partial else "",
            "entity": target.entity if target is not None else "",
            "variable": field.relation,
            "repository": _camel(repository_of(plan, target.entity)) if target is not None else "",
            "missing": missing,
            "nullable": is_null(field),
            "when": (
                f"request.was{field.attr[:1].upper()}{field.attr[1:]}Sent()" if is_null(field) else f"{asked} != null"
            )
            if partial
            else "",
        }


def refused_repositories(plan: SpringPlan) -> Iterator[tuple[str, str]]:
    """References to entities that no repository is for, with where they are."""
    for field in plan.fields:
        if field.target is not None and not repository_of(plan, field.target.entity):
            yield field.target.entity, f"{field.target.path}:{field.target.facts.loc.line}"
