"""Who may do what: the middlewares of routes that sign somebody in or ask for a role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.kit.house import AuthStyle, Guard, Ref
from backwright.kit.index import FactIndex
from backwright.stacks.express.reading import Sources
from backwright.stacks.express.siblings import Endpoint, Resource
from backwright.stacks.express.style import Guards

_SIGNS_IN = re.compile(r"authorization|jwt|bearer|passport|session|req\.user\b|verifyToken", re.IGNORECASE)
_ADMIN = re.compile(r"admin", re.IGNORECASE)
_ROLE = re.compile(r"role|admin|permission|isAdmin|right", re.IGNORECASE)
_USER_ID = re.compile(
    r"\breq\.(?:user|auth)[!?]?\.(?:id|userId|sub)\b!?|\breq\.userId\b!?|\bres\.locals\.user(?:Id|\.id)\b"
)
_USER = re.compile(r"\b(req\.user!?|res\.locals\.user)(?=\s*[,)])")


def level_of(path: str, argument: str, sources: Sources) -> str:
    """What an argument of a route asks for: `user`, `admin`, `""` for nothing of the kind."""
    head = re.match(r"[\w$.]+", argument)
    if head is None:
        return ""
    found = sources.function(path, head[0])
    text = sources.at(found.path, found.symbol.loc) if found is not None else ""
    named = f"{head[0]} {found.path if found is not None else ''}"
    if re.search(r"valid|schema|limit|upload|optional", head[0], re.IGNORECASE):
        return ""
    if _ADMIN.search(argument) or (argument == head[0] and _ADMIN.search(text) and "403" in text):
        return "admin" if _ROLE.search(f"{argument} {text}") else ""
    if "(" in argument and argument[len(head[0]) :].strip() not in {"()"}:
        return ""  # another role
    return "user" if _SIGNS_IN.search(text) or re.search(r"auth", named, re.IGNORECASE) else ""


def _of_router(resource: Resource, sources: Sources) -> tuple[str, ...]:
    """What every route of the router passes first: `router.use(authenticate)`."""
    text = sources.read(resource.routes)
    given = re.findall(rf"\b{re.escape(resource.router)}\.use\(\s*([^'\"`/][^;\n]*?)\s*\)\s*;?\s*$", text, re.MULTILINE)
    return tuple(g for g in given if level_of(resource.routes, g, sources))


def guards_before(endpoint: Endpoint, resource: Resource, sources: Sources) -> tuple[str, ...]:
    """The arguments of a route that guard it."""
    own = tuple(b for b in endpoint.between if level_of(endpoint.path, b, sources))
    return (*_of_router(resource, sources), *own)


def level_before(endpoint: Endpoint, resource: Resource, sources: Sources) -> str:
    """Who may call an endpoint."""
    levels = [level_of(endpoint.path, g, sources) for g in guards_before(endpoint, resource, sources)]
    return "admin" if "admin" in levels else "user" if "user" in levels else "public"


def access_of(
    index: FactIndex, resources: tuple[Resource, ...], sources: Sources
) -> tuple[Guards, AuthStyle, dict[str, dict[str, str]]]:
    """The guards of the house, what they amount to, and who may do what with each resource."""
    arguments: dict[str, tuple[str, ...]] = {}
    paths: dict[str, str] = {}
    levels: dict[str, dict[str, str]] = {}
    for resource in resources:
        found = {op: level_before(e, resource, sources) for op, e in resource.endpoints.items()}
        levels[resource.name.snake] = found
        for op, endpoint in resource.endpoints.items():
            if found[op] != "public" and found[op] not in arguments:
                arguments[found[op]] = guards_before(endpoint, resource, sources)
                paths[found[op]] = endpoint.path
    user = next((t for _, t in index.tables() if t.orm == "prisma" and t.entity.lower() in {"user", "account"}), None)
    style = AuthStyle(
        guards=tuple(Guard(level, ", ".join(given), ()) for level, given in arguments.items()),
        user=Ref(user.entity, "") if user is not None else None,
        user_table=user.table if user is not None and _user_id(index, sources) else "",
    )
    return Guards(arguments, paths, _user_id(index, sources)), style, levels


def _user_id(index: FactIndex, sources: Sources) -> str:
    """How a handler says who is signed in: as most do."""
    found = list(_uses(index, sources, _USER_ID))
    if found:
        return max(set(found), key=lambda text: (found.count(text), text))
    whole = list(_uses(index, sources, _USER))
    return f"{max(set(whole), key=whole.count)}.id" if whole else ""


def _uses(index: FactIndex, sources: Sources, pattern: re.Pattern[str]) -> Iterator[str]:
    for path, route in index.routes():
        endpoint = sources.function(path, route.handler)
        if endpoint is not None:
            yield from (m[0] for m in pattern.finditer(sources.at(endpoint.path, endpoint.symbol.loc)))
