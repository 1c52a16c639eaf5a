"""Groups of routes, and the middlewares that guard them: who may call what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backwright.core.facts import Expr
from backwright.kit.chains import positional
from backwright.kit.house import AuthStyle, Guard
from backwright.kit.index import Definition, FactIndex
from backwright.kit.ref import Ref
from backwright.stacks.gin.siblings import Endpoint, Resource, takes_context
from backwright.stacks.gin.sources import Sources
from backwright.stacks.gin.style import Access

_SIGNS_IN = re.compile(r"auth|jwt|bearer|token|session|log(ged)?_?in|signed", re.IGNORECASE)
_NO_GUARD = re.compile(r"cors|limit|log|recover|timeout|cache|metric|trace|gzip|valid|error|request_?id", re.IGNORECASE)
_ADMIN = re.compile(r"admin", re.IGNORECASE)
_KEPT = re.compile(r"""\b\w+\.Set\(\s*((?:"\w+")|[\w.]+)\s*,\s*([^\n]+?)\)\s*$""", re.MULTILINE)
_DEPTH = 4


@dataclass(frozen=True)
class Group:
    """A group of routes in a function: the variable it comes from, and what every route of it passes."""

    parent: str
    prefix: str
    guards: tuple[str, ...]
    line: int  # where it is defined, 0 for a parameter
    end: int  # its last line


def groups_in(path: str, function: Definition, sources: Sources) -> dict[str, Group]:
    """The groups that a function defines, by their variables."""
    found: dict[str, Group] = {}
    inside = function.symbol.loc
    for assign in sources.index.assigns(path):
        value = assign.value
        if not (inside.start <= assign.loc.start and assign.loc.end <= inside.end) or value.kind != "call":
            continue
        callee = value.parts[0]
        if callee.kind == "attribute" and callee.text == "Group":
            given = positional(value)
            prefix = given[0].text if given and given[0].kind == "string" else ""
            guards = tuple(sources.at(path, g.loc) for g in given[1:])
            found[assign.target.text] = Group(
                callee.parts[0].dotted(), prefix, guards, assign.loc.line, assign.loc.end_line
            )
    for call in sources.index.calls(path):
        callee = call.expr.parts[0]
        within = inside.start <= call.loc.start and call.loc.end <= inside.end
        if within and callee.kind == "attribute" and callee.text == "Use":
            name = callee.parts[0].dotted()
            own = found.get(name, Group("", "", (), 0, 0))
            used = tuple(sources.at(path, g.loc) for g in positional(call.expr))
            found[name] = Group(own.parent, own.prefix, (*own.guards, *used), own.line, own.end)
    return found


def chain_of(variable: str, groups: Mapping[str, Group]) -> list[tuple[str, Group]]:
    """A group and those that it is part of, the outermost last."""
    found: list[tuple[str, Group]] = []
    while variable and len(found) < _DEPTH * 2:
        group = groups.get(variable, Group("", "", (), 0, 0))
        found.append((variable, group))
        variable = group.parent
    return found


def guards_before(endpoint: Endpoint, sources: Sources) -> tuple[str, ...]:
    """The middlewares that guard a route, the outermost first."""
    function = sources.enclosing(endpoint.path, endpoint.route.loc)
    if function is None:
        return endpoint.between
    chain = chain_of(endpoint.route.router, groups_in(endpoint.path, function, sources))
    outer = outside(function, chain[-1][0], sources)
    inner = [g for _, group in reversed(chain) for g in group.guards]
    found = (*outer, *inner, *endpoint.between)
    return tuple(dict.fromkeys(g for g in found if level_of(endpoint.path, g, sources)))


def outside(function: Definition, variable: str, sources: Sources, depth: int = 0) -> tuple[str, ...]:
    """The guards of the group that a function is handed as a parameter, wherever it is called."""
    at = next((n for n, p in enumerate(_own(function)) if p == variable), -1)
    if at < 0 or depth > _DEPTH:
        return ()
    for path, call in calls_of(function, sources):
        given = positional(call)
        around = sources.enclosing(path, call.loc)
        if around is None or len(given) <= at:
            continue
        chain = chain_of(given[at].dotted(), groups_in(path, around, sources))
        inner = [g for _, group in reversed(chain) for g in group.guards if level_of(path, g, sources)]
        return (*outside(around, chain[-1][0], sources, depth + 1), *inner)
    return ()


def _own(function: Definition) -> list[str]:
    params = function.symbol.params
    return [p.name for p in (params[1:] if function.symbol.kind == "method" else params)]


def calls_of(function: Definition, sources: Sources) -> Iterator[tuple[str, Expr]]:
    """Where a function is called, tests too."""
    name = function.symbol.name
    module = sources.index.module(function.path)
    for path in sources.index.files:
        for call in sources.index.calls(path):
            callee = call.expr.parts[0]
            if callee.text != name or callee.kind not in {"name", "attribute"}:
                continue
            if callee.kind == "name" and sources.index.module(path) != module:
                continue
            imported = sources.imports_of(path).get(callee.parts[0].dotted()) if callee.kind == "attribute" else None
            if imported is None or imported == module:
                yield path, call.expr


def level_of(path: str, guard: str, sources: Sources) -> str:
    """What a middleware asks for: `user`, `admin`, `""` for nothing of the kind."""
    text = f"{guard} {_made(path, guard, sources)}"
    head = guard.partition("(")[0].rpartition(".")[2]
    if _ADMIN.search(text):
        return "admin"
    if _NO_GUARD.search(head) and not _SIGNS_IN.search(head):
        return ""
    made = _made(path, guard, sources).partition("(")[0].rpartition(".")[2]
    body = " ".join(sources.at(d.path, d.symbol.loc) for n in {head, made} for d in sources.functions(n))
    role = re.search(r"[Rr]ole|[Pp]ermission|[Ss]cope|[Aa]uthori[sz]e\w*\(", text)
    if role is not None and "uthenti" not in text and re.search(r"\bStatusForbidden|\b403\b", body):
        return ""  # another role
    if re.search(r"optional|maybe", f"{head} {made}", re.IGNORECASE):
        return ""
    refuses = re.search(r"\b401\b|Unauthorized", body) is not None
    return "user" if _SIGNS_IN.search(f"{head} {made}") or (_SIGNS_IN.search(f"{text} {body}") and refuses) else ""


def _made(path: str, guard: str, sources: Sources) -> str:
    """What a variable that holds a middleware was made of."""
    if not re.fullmatch(r"\w+", guard):
        return ""
    found = (a for a in sources.index.assigns(path) if a.target.text == guard)
    return next((sources.at(path, a.value.loc) for a in found), "")


def access_of(
    index: FactIndex, resources: tuple[Resource, ...], sibling: Resource | None, sources: Sources
) -> tuple[Access, AuthStyle, dict[str, dict[str, str]]]:
    """The guards of the house, what they amount to, and who may do what with each resource."""
    guards: dict[str, tuple[str, ...]] = {}
    imports: dict[str, str] = {}
    levels: dict[str, dict[str, str]] = {}
    ordered = sorted(resources, key=lambda r: r is not sibling)
    for resource in ordered:
        own: dict[str, str] = {}
        for op, endpoint in resource.endpoints.items():
            found = guards_before(endpoint, sources)
            known = [level_of(endpoint.path, g, sources) for g in found]
            own[op] = "admin" if "admin" in known else "user" if "user" in known else "public"
            near = sibling is None or endpoint.path == sibling.routes or all(re.match(r"\w+\.\w+", g) for g in found)
            if own[op] != "public" and own[op] not in guards and near:
                guards[own[op]] = found
                imports.update(sources.imports_of(endpoint.path))
        levels[resource.name.snake] = own
    if "user" not in guards and "admin" in guards:
        lower = tuple(g for g in guards["admin"] if level_of(ordered[0].routes, g, sources) == "user")
        if lower:
            guards["user"] = lower
    user = next(
        (t for _, t in index.tables() if t.orm == "gorm" and t.entity.lower() in {"user", "users", "account"}), None
    )
    known_by = _user_id(sources)
    style = AuthStyle(
        guards=tuple(Guard(level, ", ".join(given), ()) for level, given in guards.items()),
        user=Ref(user.entity, "") if user is not None else None,
        user_table=user.table if user is not None and known_by else "",
    )
    return Access(guards, imports, known_by), style, levels


def _user_id(sources: Sources) -> str:
    """How a handler says who is signed in, with `{c}` for its context: what a middleware has kept for it."""
    for definition in sources.index.functions():
        text = sources.at(definition.path, definition.symbol.loc)
        if (
            definition.path.endswith("_test.go")
            or "gin." not in text
            or (takes_context(definition) and "Abort" not in text)
        ):
            continue
        for key, value in _KEPT.findall(text):
            name = key.strip('"').rpartition(".")[2]
            if re.fullmatch(r"(current)?_?(user_?)?(id|uid)", name, re.IGNORECASE) and key.startswith('"'):
                kind = _kind(value, sources)
                if kind:
                    return f"{{c}}.MustGet({key}).({kind})"
    return ""


def _kind(value: str, sources: Sources) -> str:
    """The type of a value that is kept: of a field, as claims or users have it."""
    name = value.strip().rpartition(".")[2]
    for found in sources.types():
        for field in found.symbol.fields:
            if field.name == name and "." in value and name.lower() not in {"id"}:
                return field.annotation
    users = (t for t in sources.types() if t.symbol.name.lower() in {"user", "users"})
    if name.lower() == "id":
        return next((f.annotation for t in users for f in t.symbol.fields if f.name.lower() == "id"), "")
    return ""
