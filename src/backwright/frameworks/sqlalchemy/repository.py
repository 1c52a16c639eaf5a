"""The repository of a new resource, and how the layer above calls it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backwright.frameworks.sqlalchemy.queries import list_params, query_fragments, sort_table
from backwright.kit.artifacts import Emission, Fragments, Piece, ResourcePlan
from backwright.kit.house import LayerStyle
from backwright.kit.imitation import fill
from backwright.kit.spelling import KEY_TYPES, TYPE_IMPORTS, python_type
from backwright.kit.templates import render

_METHODS = {
    "get": ("get", "get_by_id", "find_one"),
    "list": ("list_page", "find_page", "search_page"),
    "add": ("add", "insert", "add_new"),
    "save": ("save", "persist", "save_changes"),
    "remove": ("remove", "delete", "delete_row"),
}


@dataclass(frozen=True)
class Method:
    """One method or function: its head without decorator, its body without indentation."""

    head: str
    body: str


def method_name(plan: ResourcePlan, style: LayerStyle, operation: str) -> str:
    """The name of a repository operation: free of what a base class already means by it."""
    if style.form == "functions":
        snake, snakes = plan.name.snake, plan.name.snake_plural
        return {
            "get": f"get_{snake}",
            "list": f"list_{snakes}",
            "add": f"create_{snake}",
            "save": f"update_{snake}",
            "remove": f"delete_{snake}",
        }[operation]
    return next((n for n in _METHODS[operation] if n not in style.base_methods), f"{operation}_{plan.name.snake}")


def finder_name(plan: ResourcePlan, style: LayerStyle, attr: str) -> str:
    if style.form == "functions":
        return f"get_{plan.name.snake}_by_{attr}"
    return f"get_by_{attr}" if f"get_by_{attr}" not in style.base_methods else f"find_by_{attr}"


def exists_name(plan: ResourcePlan, style: LayerStyle, relation: str) -> str:
    return f"{plan.name.snake}_{relation}_exists" if style.form == "functions" else f"{relation}_exists"


def emit_repository(plan: ResourcePlan) -> tuple[Emission, ...]:
    """The repository class or functions; nothing where the house has no such layer."""
    style = plan.house.repository
    if style.form == "inline":
        return ()
    session = fill(style.session, plan.name) if style.form == "class" else style.session_param
    queries = query_fragments(plan, session)
    methods = _methods(plan, style, queries)
    values = {"sort_table": sort_table(plan), "methods": methods}
    if style.form == "functions":
        body = render("sqlalchemy/repository_functions.py.jinja", **values)
    else:
        body = render(
            "sqlalchemy/repository_class.py.jinja",
            name=fill(style.name, plan.name),
            base=fill(style.base, plan.name),
            class_lines=[fill(line, plan.name) for line in style.class_lines],
            constructor=_constructor(plan, style),
            decorators=style.decorators,
            static=style.static,
            instance=_instance(plan, style),
            **values,
        )
    schemas = [f"from {plan.module('schema')} import {plan.schemas[s]}" for s in ("create", "update")]
    imports = [
        *TYPE_IMPORTS,
        "from collections.abc import Sequence",
        *queries.imports,
        *schemas,
        plan.list_query_import,
        plan.house.session.type.line,
    ]
    imports += [
        fill(r.line, plan.name)
        for r in (*style.base_imports, *style.constructor_imports)
        if r.name not in {plan.house.sibling.entity if plan.house.sibling else ""}
    ]
    piece = Piece(
        "repository",
        plan.paths["repository"],
        tuple(dict.fromkeys(imports)),
        body,
        "data access",
        plan.house.sibling.repository_path if plan.house.sibling else "",
        ", ".join(("list", "get", "add", "save", "remove")),
    )
    return (piece,)


def _constructor(plan: ResourcePlan, style: LayerStyle) -> str:
    if style.form != "class":
        return ""
    if style.constructor:
        return fill(style.constructor, plan.name)
    if style.base:
        return ""
    head = f"def __init__(self, {style.takes_param}: {plan.house.session.type.name}) -> None:"
    return f"{head}\n        {fill(style.session, plan.name)} = {style.takes_param}"


def _instance(plan: ResourcePlan, style: LayerStyle) -> str:
    if style.form != "instance" or not style.instance:
        return ""
    argument = plan.class_name if style.base else ""
    return f"{fill(style.instance, plan.name)} = {fill(style.name, plan.name)}({argument})"


def _methods(plan: ResourcePlan, style: LayerStyle, queries: Fragments) -> list[Method]:
    d = "async def" if plan.house.session.is_async else "def"
    entity, var = plan.class_name, plan.name.snake
    key = KEY_TYPES[plan.key_python]

    def head(name: str, params: list[str], returns: str, *, keyword: bool = False) -> str:
        return f"{d} {name}({_signature(plan, style, params, keyword=keyword)}) -> {returns}:"

    out = [
        Method(
            head(method_name(plan, style, "get"), [f"{var}_id: {key}"], f"{entity} | None"),
            f"return {queries.get(f'{var}_id')}",
        )
    ]
    for field in plan.unique:
        name = finder_name(plan, style, field.attr)
        out.append(
            Method(
                head(name, [f"{field.attr}: {python_type(field)}"], f"{entity} | None"),
                f"return {queries.find[field.attr](field.attr)}",
            )
        )
    params = [f"{n}: {kind}" + (f" = {default}" if default else "") for n, kind, default in list_params(plan)]
    if "list" in plan.operations:
        out.append(
            Method(
                head(method_name(plan, style, "list"), params, f"tuple[Sequence[{entity}], int]", keyword=True),
                f"{queries.listing}\nreturn rows, total",
            )
        )
    if "create" in plan.operations:
        out.append(
            Method(head(method_name(plan, style, "add"), [f"{var}: {entity}"], "None"), _reraising(plan, queries.add))
        )
    if "update" in plan.operations:
        out.append(
            Method(head(method_name(plan, style, "save"), [f"{var}: {entity}"], "None"), _reraising(plan, queries.save))
        )
    if "delete" in plan.operations:
        out.append(Method(head(method_name(plan, style, "remove"), [f"{var}: {entity}"], "None"), queries.remove))
    for field in plan.refs:
        assert field.target is not None
        value = f"{field.attr}: {KEY_TYPES[field.target.key_python]}"
        out.append(
            Method(
                head(exists_name(plan, style, field.relation), [value], "bool"),
                "return " + queries.missing[field.attr](field.attr).replace(" is None", " is not None"),
            )
        )
    return out


def _reraising(plan: ResourcePlan, write: Callable[[str], str]) -> str:
    """The write, with the rollback that a failed commit needs; the layer above turns the error into an answer."""
    if plan.house.session.commits == "dependency":
        return write("")
    return write("raise").replace("raise from error", "raise").replace(" as error", "")


def _signature(plan: ResourcePlan, style: LayerStyle, params: list[str], *, keyword: bool) -> str:
    session = f"{style.session_param}: {plan.house.session.type.name}"
    match style.form:
        case "class":
            first = ["self", *(["*"] if keyword and params else [])]
        case "instance":
            first = [*([] if style.static else ["self"]), session, *(["*"] if keyword and params else [])]
        case _:
            first = ["*", session] if style.keyword_only else [session, *(["*"] if keyword and params else [])]
    return ", ".join([*first, *params])


def repository_fragments(plan: ResourcePlan, receiver: str, session: str) -> Fragments:
    """Calls to the repository. `receiver` is what stands before the dot; `session` is handed on where methods take one."""
    style = plan.house.repository
    a = "await " if plan.house.session.is_async else ""
    first = [] if style.form == "class" else [f"{style.session_param}={session}" if style.keyword_only else session]
    var = plan.name.snake

    def call(name: str, param: str, value: str) -> str:
        argument = f"{param}={value}" if style.keyword_only else value
        return f"{a}{receiver}.{name}({', '.join([*first, argument])})"

    def checked(statement: str, conflict: str) -> str:
        if not conflict:
            return statement
        return f"try:\n    {statement}\nexcept IntegrityError as error:\n    {conflict} from error"

    def writer(operation: str) -> Callable[[str], str]:
        return lambda conflict: checked(call(method_name(plan, style, operation), var, var), conflict)

    def finder(attr: str) -> Callable[[str], str]:
        return lambda value: call(finder_name(plan, style, attr), attr, value)

    def missing(attr: str, relation: str) -> Callable[[str], str]:
        return lambda value: f"not {call(exists_name(plan, style, relation), attr, value)}"

    arguments = ", ".join([*first, *(f"{n}={n}" for n, _, _ in list_params(plan))])
    return Fragments(
        get=lambda key: call(method_name(plan, style, "get"), f"{var}_id", key),
        find={f.attr: finder(f.attr) for f in plan.unique},
        missing={f.attr: missing(f.attr, f.relation) for f in plan.refs},
        listing=f"rows, total = {a}{receiver}.{method_name(plan, style, 'list')}({arguments})",
        add=writer("add"),
        save=writer("save"),
        remove=call(method_name(plan, style, "remove"), var, var),
        imports=("from sqlalchemy.exc import IntegrityError", f"from {plan.module('model')} import {plan.class_name}"),
    )
