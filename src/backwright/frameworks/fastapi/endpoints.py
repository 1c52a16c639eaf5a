"""How endpoints are written: paths, names, status codes, registration."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from backwright.core.archmap import Convention, RouteInfo
from backwright.core.facts import Expr, Span, Symbol
from backwright.frameworks.fastapi.errors import status_of
from backwright.frameworks.fastapi.pages import OFFSETS, PAGES, SIZES
from backwright.frameworks.fastapi.routes import Mount, Router, mounts, routers
from backwright.kit.declarations import read_annotation
from backwright.kit.house import DeleteAnswer, Ref, Registration, RouterStyle
from backwright.kit.imitation import mentions, pattern_of
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms
from backwright.kit.references import ref_of
from backwright.kit.rendering import source_of

_NOT_BODY = frozenset(
    {*SIZES, *OFFSETS, *PAGES, "session", "db", "current_user", "user", "request", "response", "background_tasks"}
)


_KEY = re.compile(r"(^|_)(id|pk|uuid|guid|uid|key)$", re.IGNORECASE)


_VERSION = re.compile(r"|api|v\d+(\.\d+)?|latest", re.IGNORECASE)


def router_style(
    index: FactIndex,
    operations: Mapping[str, RouteInfo],
    name: NameForms,
    all_routes: Sequence[RouteInfo],
    read: Callable[[str], str],
) -> tuple[RouterStyle, tuple[Convention, ...]]:
    """The style of the exemplar resource's endpoints; counts are over all routes of the project."""
    known = routers(index)
    main = operations.get("list") or operations.get("create") or next(iter(operations.values()), None)
    if main is None:
        return RouterStyle(), ()
    handlers = {
        op: index.symbols(i.path)[i.route.handler]
        for op, i in operations.items()
        if i.route.handler in index.symbols(i.path)
    }
    key = (main.path, main.route.router.split(".")[0])
    router = known.get((main.path, main.route.router)) or _imported_router(index, main, known)
    local = {op: _local_path(handlers[op], operations[op]) for op in handlers}
    collection = local.get("list", local.get("create", ""))
    collection = re.sub(r"/(list|all|create|add|new)(/?)$", r"\2", collection)  # listing and creating share a path
    own_segment = bool(router and mentions(router.prefix, name))
    delete_answer, message, message_field = _delete_answer(index, operations.get("delete"), handlers.get("delete"))
    mount = _registration(index, main, known, read)
    style = RouterStyle(
        variable=pattern_of(main.route.router, name),
        own_router=router is not None and not router.is_app and router.path == main.path,
        prefix_in_router=own_segment,
        outer=_before(router.prefix, name) if router is not None and own_segment else "",
        tag=_tag(index, key, name),
        prefix_in_mount=mount is not None
        and not own_segment
        and bool(re.search(r"prefix\s*=", mount.statement))
        and mentions(mount.statement.partition("prefix")[2], name),
        status_names=sum(r.route.status.startswith("status.") for r in all_routes) * 2
        > sum(bool(r.route.status) for r in all_routes),
        collection=collection if own_segment else _below_segment(collection, name),
        item=_item(local, name),
        id_param=_id_param(local, name),
        update_method="put" if "update" in operations and operations["update"].route.method == "PUT" else "patch",
        # A lone POST, such as a login, says nothing about how rows are created.
        create_status=_status(operations.get("create"), handlers.get("create"), 200) if len(operations) > 2 else 201,
        delete_status=_delete_status(index, operations.get("delete"), handlers.get("delete")),
        delete_answer=delete_answer,
        message=message,
        message_field=message_field,
        response_in_decorator=any(
            d.keyword("response_model") is not None for s in handlers.values() for d in s.decorators if d.kind == "call"
        ),
        annotated=_annotated(all_routes, index),
        names={op: _named(op, pattern_of(s.name, name)) for op, s in handlers.items()},
        body=_body_name(handlers, name, index, operations),
        documents=_documents(index, all_routes),
        path_prefix=_path_prefix(main, name),
        segment=_segment(main, name, all_routes),
        registration=mount,
    )
    return style, tuple(_conventions(all_routes, index, style, main))


def _named(operation: str, pattern: str) -> str:
    """The pattern of a handler's name; one that is the resource's alone is what the row is called in it."""
    return f"{operation}_{{snake}}" if pattern == "{snake}" else pattern


def _below_segment(collection: str, name: NameForms) -> str:
    """The collection's path behind the segment that names the resource: what leads there, such as an owner, is the exemplar's."""
    parts = collection.split("/")
    own = [number for number, part in enumerate(parts) if "{" not in part and mentions(part, name)]
    if own:
        parts = ["", *parts[own[-1] + 1 :]]
    shared = [part for part in parts if "{" not in part]
    return "/".join(shared) if len(shared) > 1 else ""


def _imported_router(index: FactIndex, info: RouteInfo, known: Mapping[tuple[str, str], Router]) -> Router | None:
    found = index.resolve(info.path, info.route.router)
    return known.get((found.path, found.symbol.qualname)) if found is not None else None


def _decorator(symbol: Symbol, info: RouteInfo) -> Expr | None:
    for decorator in symbol.decorators:
        if decorator.kind == "call" and decorator.parts[0].dotted().split(".")[-1] in {
            info.route.method.lower(),
            "api_route",
        }:
            return decorator
    return None


def _local_path(symbol: Symbol, info: RouteInfo) -> str:
    decorator = _decorator(symbol, info)
    if decorator is None:
        return ""
    positional = decorator.positional()
    path = positional[0] if positional else decorator.keyword("path")
    return path.text if path is not None and path.kind == "string" else ""


def _item(local: Mapping[str, str], name: NameForms) -> str:
    path = local.get("get") or local.get("update") or local.get("delete") or "/{id}"
    found = re.search(r"/\{[^}]+\}/?$", path)
    tail = found.group(0) if found else "/{id}"
    return "/{param}/" if tail.endswith("/") else "/{param}"


def _id_param(local: Mapping[str, str], name: NameForms) -> str:
    path = local.get("get") or local.get("update") or local.get("delete") or ""
    found = re.search(r"\{([^}:]+)", path)
    pattern = pattern_of(found.group(1), name) if found else ""
    # A row that is found by its name or slug says nothing about how keys are called.
    return pattern if "{" in pattern or _KEY.search(pattern) else "{snake}_id"


def _status(info: RouteInfo | None, handler: Symbol | None, default: int) -> int:
    if info is None or handler is None:
        return {200: 200}.get(default, default)
    decorator = _decorator(handler, info)
    expr = decorator.keyword("status_code") if decorator is not None else None
    text = info.route.status
    found = re.search(r"2\d\d", text)
    if found:
        return int(found.group(0))
    names = {"CREATED": 201, "NO_CONTENT": 204, "OK": 200, "ACCEPTED": 202}
    return names.get(text.split(".")[-1], status_of(expr) or default)


def _delete_status(index: FactIndex, info: RouteInfo | None, handler: Symbol | None) -> int:
    """The status of a deletion that answers nothing: as declared, else as the handler itself gives it."""
    if info is None or handler is None:
        return 204
    given = (source_of(r.value) for r in index.returns(info.path, handler.qualname))
    by_hand = any(re.search(r"\bResponse\(.*(204|NO_CONTENT)", text) for text in given)
    return 204 if by_hand else _status(info, handler, 200)


def _delete_answer(
    index: FactIndex, info: RouteInfo | None, handler: Symbol | None
) -> tuple[DeleteAnswer, Ref | None, str]:
    if info is None or handler is None:
        return "none", None, "message"
    response = info.route.response.strip("'\"")
    if (
        response in {"", "None", "Any", "Response", "dict", "dict[str, str]", "dict[str, Any]"}
        or _status(info, handler, 200) == 204
    ):
        return "none", None, "message"
    found = index.resolve(info.path, response)
    if found is None or found.symbol.kind != "class":
        return "none", None, "message"
    fields = [f for current in [found, *index.bases(found)] for f in current.symbol.fields if not f.value]
    if len(fields) == 1 and read_annotation(fields[0].annotation_expr).inner == "str":
        return "message", ref_of(index, info.path, response), fields[0].name
    return "entity", None, "message"


def _tag(index: FactIndex, key: tuple[str, str], name: NameForms) -> str:
    """The pattern of the first tag that the router carries, `""` when it carries none that is about the resource."""
    for assign in index.assigns(key[0]):
        if assign.target.dotted() == key[1] and assign.value.kind == "call":
            tags = assign.value.keyword("tags")
            if tags is not None and tags.parts and tags.parts[0].kind == "string":
                pattern = pattern_of(tags.parts[0].text, name)
                return pattern if "{" in pattern else ""
    return ""


def _annotated(all_routes: Sequence[RouteInfo], index: FactIndex) -> bool:
    """Whether dependencies come by Annotated (or an alias of it) rather than as defaults."""
    votes: Counter[bool] = Counter()
    for info in all_routes:
        handler = index.symbols(info.path).get(info.route.handler)
        for param in handler.params if handler is not None else ():
            if (
                param.default_expr is not None
                and param.default_expr.kind == "call"
                and param.default_expr.parts[0].dotted().endswith("Depends")
            ):
                votes[False] += 1
            elif "Annotated" in param.annotation or (param.annotation.endswith("Dep") and not param.default):
                votes[True] += 1
            elif param.annotation_expr is not None and param.annotation_expr.kind == "name" and not param.default:
                found = index.resolve(info.path, param.annotation)
                if found is not None and found.symbol.kind == "variable":
                    votes[True] += 1
    return votes[True] >= votes[False]


def _documents(index: FactIndex, all_routes: Sequence[RouteInfo]) -> bool:
    """Whether every fifth endpoint documents errors itself; what a router says for all of its own holds for new ones too."""
    documented = sum("responses" in _decorator_keys(index, r) for r in all_routes)
    return 0 < len(all_routes) <= documented * 5


def _body_name(
    handlers: Mapping[str, Symbol], name: NameForms, index: FactIndex, operations: Mapping[str, RouteInfo]
) -> str:
    for operation in ("create", "update"):
        handler = handlers.get(operation)
        for param in handler.params if handler is not None else ():
            if param.name in _NOT_BODY or (param.default_expr is not None and param.default_expr.kind == "call"):
                continue
            kind = read_annotation(param.annotation_expr).inner
            found = index.resolve(operations[operation].path, kind) if kind else None
            if (
                found is not None
                and found.symbol.kind == "class"
                and re.search(r"create|in$|request|payload|schema|update|base", found.symbol.name, re.IGNORECASE)
            ):
                return pattern_of(param.name, name)
    return "{snake}_in"


def _path_prefix(info: RouteInfo, name: NameForms) -> str:
    """What stands before the resource's own segment."""
    return _before(info.route.path, name)


def _before(path: str, name: NameForms) -> str:
    out = []
    for segment in path.split("/"):
        if segment and mentions(segment, name):
            break
        out.append(segment)
    return "/".join(_not_nested(out)).rstrip("/")


def _not_nested(segments: list[str]) -> list[str]:
    """Without the rows that the exemplar is reached through, `users/{user_id}`: a new resource does not belong to them."""
    row = next((number for number, segment in enumerate(segments) if "{" in segment), None)
    if row is None:
        return segments
    return segments[:row] if row == 0 or _VERSION.fullmatch(segments[row - 1]) else segments[: row - 1]


def _segment(info: RouteInfo, name: NameForms, all_routes: Sequence[RouteInfo]) -> str:
    """snakes | kebabs | snake | kebab: plural as the exemplar has it, hyphens as most paths of two words have them."""
    own = next((s for s in info.route.path.split("/") if s and mentions(s, name)), name.snake_plural)
    number = "s" if own.lower() in {name.snake_plural, name.kebab_plural, name.camel_plural.lower()} else ""
    segments = [s for r in all_routes for s in r.route.path.split("/") if s and "{" not in s]
    hyphens, underscores = sum("-" in s for s in segments), sum("_" in s for s in segments)
    return ("snake" if underscores > hyphens else "kebab") + number


def _registration(
    index: FactIndex, info: RouteInfo, known: Mapping[tuple[str, str], Router], read: Callable[[str], str]
) -> Registration | None:
    """The statement that mounts the exemplar's router, and the import that brings it."""
    mount = next((m for m in mounts(index, known) if m.child == (info.path, info.route.router)), None)
    if mount is None:
        return None
    listed, call = mount.listed, mount.call
    positional = call.expr.positional()
    head = positional[0] if positional else call.expr.keyword("router")
    path, loc, line = mount.path, call.loc, call.loc.line
    if listed is not None:
        path, loc, line, head = listed.path, listed.sequence.loc, listed.sequence.loc.line, listed.element
    text = read(path).encode()
    imported = ""
    if head is not None:
        alias = head.dotted().split(".")[0]
        found = next((i.loc for i in index.imports(path) if i.alias == alias), None)
        imported = text[found.start : found.end].decode() if found is not None else ""
    element = head.dotted() if listed is not None and head is not None else ""
    return Registration(path, text[loc.start : loc.end].decode(), imported, line, element)


def _conventions(
    all_routes: Sequence[RouteInfo], index: FactIndex, style: RouterStyle, main: RouteInfo
) -> list[Convention]:
    decorated = [r for r in all_routes if r.route.method != "HEAD"]
    models = sum("response_model" in _decorator_keys(index, r) for r in decorated)
    out = [
        Convention(
            "router",
            f"each resource has its own `{main.route.router}`"
            if style.own_router
            else f"routes sit on `{main.route.router}`",
            sum(r.route.router == main.route.router for r in decorated),
            sum(r.route.router != main.route.router for r in decorated),
            Span(main.path, main.route.loc.line),
        ),
        Convention(
            "response",
            "responses are declared by response_model"
            if models * 2 >= len(decorated)
            else "responses are declared by return annotations",
            max(models, len(decorated) - models),
            min(models, len(decorated) - models),
        ),
    ]
    if style.registration is not None:
        out.append(
            Convention(
                "registration",
                f"routers are mounted in {style.registration.path}",
                len({r.path for r in decorated}),
                0,
                Span(style.registration.path, style.registration.line),
            )
        )
    return out


def _decorator_keys(index: FactIndex, info: RouteInfo) -> tuple[str, ...]:
    handler = index.symbols(info.path).get(info.route.handler)
    decorator = _decorator(handler, info) if handler is not None else None
    return decorator.keys if decorator is not None else ()


__all__ = ["Mount", "router_style"]
