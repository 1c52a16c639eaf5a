"""The service of a new resource: its rules over a repository, or over the session where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backwright.frameworks.fastapi.logic import Logic, error_imports
from backwright.kit.artifacts import Emission, Emitter, Fragments, Piece, ResourcePlan
from backwright.kit.house import LayerStyle
from backwright.kit.imitation import fill
from backwright.kit.spelling import KEY_TYPES, TYPE_IMPORTS
from backwright.kit.templates import render


@dataclass(frozen=True)
class Access:
    """How the ORM spells data access."""

    queries: Callable[[ResourcePlan, str], Fragments]
    repository: Callable[[ResourcePlan, str, str], Fragments]
    list_params: Callable[[ResourcePlan], list[tuple[str, str, str]]]
    sort_table: Callable[[ResourcePlan], str]


def access_for(
    plan: ResourcePlan, access: Access, *, session: str, holder: str = ""
) -> tuple[Fragments, tuple[str, ...]]:
    """Data access below a service or a handler, and its imports. `holder` is how a class reaches its repository."""
    style = plan.house.repository
    match style.form:
        case "inline":
            found = access.queries(plan, session)
            return found, found.imports
        case "class":
            receiver = holder or f"{fill(style.name, plan.name)}({session})"
            found = access.repository(plan, receiver, session)
            return found, (*found.imports, f"from {plan.module('repository')} import {fill(style.name, plan.name)}")
        case "instance":
            name = instance_name(plan, style) if style.instance else fill(style.name, plan.name)
            found = access.repository(plan, name, session)
            line = (
                instance_import(plan, "repository", style)
                if style.instance
                else f"from {plan.module('repository')} import {name}"
            )
            return found, (*found.imports, line)
        case _:
            found = access.repository(plan, module_name(plan, "repository"), session)
            return found, (*found.imports, module_import(plan, "repository"))


def module_name(plan: ResourcePlan, role: str) -> str:
    """What a module of functions is called where it is used: never as a row is."""
    parent, _, last = plan.module(role).rpartition(".")
    if last not in {plan.name.snake, plan.name.snake_plural}:
        return last
    return f"{parent.rpartition('.')[2] or role}_{last}"


def module_import(plan: ResourcePlan, role: str) -> str:
    """The import of a module of functions."""
    parent, _, last = plan.module(role).rpartition(".")
    name = module_name(plan, role)
    renamed = f"{last} as {name}" if name != last else last
    return f"from {parent} import {renamed}" if parent else f"import {renamed}"


def instance_name(plan: ResourcePlan, style: LayerStyle) -> str:
    """What a module-level object is called where it is used: never as a row is."""
    name = fill(style.instance, plan.name)
    if name not in {plan.name.snake, plan.name.snake_plural}:
        return name
    return f"{'crud' if 'crud' in style.name.lower() else style.place.role if style.place else 'repository'}_{name}"


def instance_import(plan: ResourcePlan, role: str, style: LayerStyle) -> str:
    """The import of a module-level object."""
    name, shown = fill(style.instance, plan.name), instance_name(plan, style)
    renamed = f"{name} as {shown}" if shown != name else name
    return f"from {plan.module(role)} import {renamed}"


def method_name(plan: ResourcePlan, style: LayerStyle, operation: str) -> str:
    """The name of a service operation, free of what a base class already means by it."""
    snake, snakes = plan.name.snake, plan.name.snake_plural
    long = {
        "list": f"list_{snakes}",
        "get": f"get_{snake}",
        "create": f"create_{snake}",
        "update": f"update_{snake}",
        "delete": f"delete_{snake}",
    }
    if style.form == "functions":
        return long[operation]
    short = {"list": "list_page"}.get(operation, operation)
    return short if short not in style.base_methods else long[operation]


def service_emitter(access: Access) -> Emitter:
    """The emitter, given how the ORM spells data access."""

    def emit(plan: ResourcePlan) -> tuple[Emission, ...]:
        style = plan.house.service
        if style.form == "inline":
            return ()
        session = fill(style.session, plan.name) if style.form == "class" else style.session_param
        holds = style.form == "class" and (style.takes == "repository" or style.makes_repository)
        holder = style.repository if holds else ""
        below, imports = access_for(plan, access, session=session, holder=fill(holder, plan.name) if holder else "")
        methods = _methods(plan, style, below, access)
        body = _body(plan, style, methods, access)
        needed = [
            *TYPE_IMPORTS,
            "from collections.abc import Sequence",
            *imports,
            *error_imports(plan),
            plan.house.session.type.line,
        ]
        needed += [f"from {plan.module('schema')} import {plan.schemas[s]}" for s in ("create", "update")]
        needed.append(plan.list_query_import)
        needed += [
            f"from {plan.module('model')} import {n}"
            for n in (plan.class_name, *(f.enum for f in plan.fields if f.enum))
        ]
        needed += [_filled_import(plan, r.line) for r in (*style.base_imports, *style.constructor_imports)]
        needed += [r.line for r in (plan.house.auth.user, *plan.house.auth.admin_imports) if r is not None]
        like = plan.house.sibling.service_path if plan.house.sibling else ""
        return (
            Piece(
                "service",
                plan.paths["service"],
                tuple(dict.fromkeys(needed)),
                body,
                "the rules",
                like,
                ", ".join(plan.operations),
            ),
        )

    return emit


def _filled_import(plan: ResourcePlan, line: str) -> str:
    """The exemplar's own import line, about the new resource."""
    sibling = plan.house.sibling
    if sibling is None:
        return line
    from backwright.kit.imitation import pattern_of
    from backwright.kit.naming import forms

    return fill(pattern_of(line, forms(sibling.snake)), plan.name)


def _body(plan: ResourcePlan, style: LayerStyle, methods: list[dict[str, str]], access: Access) -> str:
    if style.form == "functions":
        table = access.sort_table(plan) if plan.house.repository.form == "inline" else ""
        return render("fastapi/service_functions.py.jinja", methods=methods, sort_table=table)
    table = access.sort_table(plan) if plan.house.repository.form == "inline" else ""
    text = render(
        "fastapi/service_class.py.jinja",
        name=fill(style.name, plan.name),
        base=fill(style.base, plan.name),
        constructor=_constructor(plan, style),
        decorators=style.decorators,
        methods=methods,
        static=style.static,
        instance=f"{fill(style.instance, plan.name)} = {fill(style.name, plan.name)}()" if style.instance else "",
    )
    return f"{table}\n\n\n{text}" if table else text


def _listed(below: Fragments) -> str:
    """One call is returned as it is, statements leave their names."""
    call = below.listing.removeprefix("rows, total = ")
    return f"return {call}" if call != below.listing else f"{below.listing}\nreturn rows, total"


def _constructor(plan: ResourcePlan, style: LayerStyle) -> str:
    if style.form != "class":
        return ""
    if style.constructor:
        return fill(style.constructor, plan.name)
    if style.base:
        return ""
    if style.takes == "repository":
        kind = fill(plan.house.repository.name, plan.name)
        param = fill(style.takes_param, plan.name)
        return f"def __init__(self, {param}: {kind}) -> None:\n        {fill(style.repository, plan.name)} = {param}"
    return f"def __init__(self, session: {plan.house.session.type.name}) -> None:\n        {style.session} = session"


def body_name(plan: ResourcePlan) -> str:
    """What the service calls the body of a request: never as it calls the row."""
    return "data" if plan.name.snake != "data" else "data_in"


def _methods(plan: ResourcePlan, style: LayerStyle, below: Fragments, access: Access) -> list[dict[str, str]]:
    data = body_name(plan)
    logic = Logic(plan, below, data=data)
    d = "async def" if plan.house.session.is_async else "def"
    entity, var, key = plan.class_name, plan.name.snake, KEY_TYPES[plan.key_python]
    user = plan.house.auth.user.name if plan.house.auth.user is not None else "Any"

    def head(operation: str, params: list[str], returns: str, *, keyword: bool = False) -> str:
        session = f"{style.session_param}: {plan.house.session.type.name}"
        if style.form == "class":
            first = ["self", *(["*"] if keyword and params else [])]
        elif style.form == "instance":
            first = [*([] if style.static else ["self"]), session]
        else:
            first = ["*", session] if style.keyword_only else [session, *(["*"] if keyword and params else [])]
        asked = [f"current_user: {user}"] if operation in plan.user_operations and operation != "list" else []
        return f"{d} {method_name(plan, style, operation)}({', '.join([*first, *params, *asked])}) -> {returns}:"

    def load(operation: str) -> str:
        own = "self." if style.form in {"class", "instance"} else ""
        open_get = "get" in plan.operations and "get" not in plan.user_operations and style.form == "class"
        fetch = (
            f"{'await ' if d.startswith('async') else ''}{own}{method_name(plan, style, 'get')}({var}_id)"
            if open_get
            else ""
        )
        return logic.load(operation, f"{var}_id", fetch=fetch)

    out = []
    params = [f"{n}: {kind}" + (f" = {default}" if default else "") for n, kind, default in access.list_params(plan)]
    bodies = {
        "list": (params, f"tuple[Sequence[{entity}], int]", _listed(below)),
        "get": ([f"{var}_id: {key}"], entity, f"{logic.load('get', f'{var}_id')}\nreturn {var}"),
        "create": ([f"{data}: {plan.schemas['create']}"], entity, f"{logic.create()}\nreturn {var}"),
        "update": (
            [f"{var}_id: {key}", f"{data}: {plan.schemas['update']}"],
            entity,
            f"{load('update')}\n{logic.update()}\nreturn {var}",
        ),
        "delete": ([f"{var}_id: {key}"], "None", f"{load('delete')}\n{below.remove}"),
    }
    for operation in plan.operations:
        wanted, returns, body = bodies[operation]
        out.append({"head": head(operation, wanted, returns, keyword=operation == "list"), "body": body})
    return out
