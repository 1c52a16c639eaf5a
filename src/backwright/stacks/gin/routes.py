"""Spells the routes: a group of their own, below or beside the exemplar's, each with its guards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import dirname

from backwright.core.errors import Unsupported
from backwright.kit.index import Definition
from backwright.stacks.gin.decide import GinPlan
from backwright.stacks.gin.imitating import renamed_path
from backwright.stacks.gin.routing import Group, chain_of, groups_in, level_of, outside
from backwright.stacks.gin.spelled import functions_of

_METHODS = {"list": "GET", "get": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}


@dataclass(frozen=True)
class Region:
    """Where the exemplar's routes stand: the function, its lines from `first` to `last`, and the group that they are below."""

    path: str
    function: Definition
    first: int
    last: int
    anchor: str  # a variable that is not guarded, or no more than all are
    prefix: str  # of the new group, below the anchor
    behind: tuple[str, ...]  # the guards that every route there passes
    braces: bool
    own: bool  # the function is about the exemplar alone


def region_of(plan: GinPlan) -> Region:
    """Raises Unsupported where the exemplar's routes stand in several functions, or where none could be followed."""
    endpoints = list(plan.sibling.endpoints.values())
    path = endpoints[0].path
    functions = [plan.sources.enclosing(e.path, e.route.loc) for e in endpoints]
    function = functions[0]
    if function is None or any(f is None or f != function for f in functions):
        raise Unsupported("the exemplar's routes stand in several functions, which cannot be imitated yet", where=path)
    groups = groups_in(path, function, plan.sources)
    own = any(plan.like(n) != n for n in (function.symbol.name, function.symbol.scope) if n) or _is_home(plan, path)
    chain = chain_of(endpoints[0].route.router, groups)
    anchor, prefix, behind = _anchor(plan, path, function, chain, groups, own=own)
    lines = plan.sources.read(path).splitlines()
    variables = {e.route.router for e in endpoints}
    starts = [e.call.loc.line for e in endpoints]
    ends = [e.call.loc.end_line for e in endpoints]
    about = [
        g for v, g in groups.items() if g.line and v != anchor and (v in variables or _within(v, variables, groups))
    ]
    mine = [g for g in about if plan.like_address(g.prefix) != g.prefix or g.prefix in {"", "/"} or own]
    first = min([*starts, *(g.line for g in mine)])
    last = max([*ends, *(_closing(lines, g) for g in mine)])
    braces = any(lines[g.end : g.end + 1] and lines[g.end].strip() == "{" for g in mine)
    return Region(path, function, first, last, anchor, prefix, behind, braces, own)


def _is_home(plan: GinPlan, path: str) -> bool:
    """Whether the package of a file is about the exemplar alone."""
    return dirname(renamed_path(path, plan.sibling.name, plan.name, plan.case)) != dirname(path)


def _within(variable: str, inner: set[str], groups: Mapping[str, Group]) -> bool:
    """Whether a group is one that an exemplar's group is part of."""
    return any(variable in [name for name, _ in chain_of(v, groups)] for v in inner)


def _closing(lines: list[str], group: Group) -> int:
    """The last line of the block that stands below a group, that of the group where there is none."""
    if group.end >= len(lines) or lines[group.end].strip() != "{":
        return group.end
    depth = 0
    for number in range(group.end, len(lines)):
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', lines[number])
        depth += bare.count("{") - bare.count("}")
        if depth == 0:
            return number + 1
    return group.end


def _anchor(
    plan: GinPlan,
    path: str,
    function: Definition,
    chain: list[tuple[str, Group]],
    groups: Mapping[str, Group],
    *,
    own: bool,
) -> tuple[str, str, tuple[str, ...]]:
    """The variable to group below, what stands before the new address there, and the guards that all pass there."""
    local = plan.like_address(f"/{plan.sibling.base.strip('/')}")
    outer = outside(function, chain[-1][0], plan.sources)
    # The innermost group outside of the exemplar's own that nothing guards.
    prefixes = [group.prefix for _, group in chain]
    candidates = [(n, name) for n, (name, _) in enumerate(chain) if own is False or n == len(chain) - 1]
    for n, name in candidates:
        rest = "".join(p.rstrip("/") for p in reversed(prefixes[:n]))
        guarded = [g for _, group in chain[n:] for g in group.guards if level_of(path, g, plan.sources)]
        about = plan.like_address(chain[n][1].prefix) != chain[n][1].prefix
        if not guarded and not about and not (n == 0 and len(chain) > 1 and not rest and plan.like(name) != name):
            return name, _joined(plan.like_address(rest), local, rest, plan), outer
    name = chain[-1][0]
    rest = "".join(p.rstrip("/") for p in reversed(prefixes[:-1]))
    last = chain[-1][1].guards
    return (
        name,
        _joined(plan.like_address(rest), local, rest, plan),
        (*outer, *(g for g in last if level_of(path, g, plan.sources))),
    )


def _joined(rest: str, whole: str, before: str, plan: GinPlan) -> str:
    """The address of the new group below its anchor: the whole one without what the anchor stands for."""
    if plan.like_address(before) != before:
        return rest
    last = whole.rpartition("/")[2]
    return f"{rest.rstrip('/')}/{last}"


def block_text(plan: GinPlan, region: Region) -> str:
    """The routes, as they stand where the exemplar's do."""
    variable = _variable(plan, region)
    routes = [_route(plan, region, op, variable) for op in plan.operations]
    head = f'{variable} := {region.anchor}.Group("{region.prefix}")'
    if region.braces:
        return "\n".join([head, "{", *routes, "}"])
    return "\n".join([head, *routes])


def _variable(plan: GinPlan, region: Region) -> str:
    """The group's variable: named as the exemplar's, never as the one that it is below."""
    for endpoint in plan.sibling.endpoints.values():
        new = plan.like(endpoint.route.router)
        if new != endpoint.route.router:
            return new
    return f"{plan.name.camel}Routes"


def _route(plan: GinPlan, region: Region, op: str, variable: str) -> str:
    endpoints = plan.sibling.endpoints
    own = endpoints.get(op)
    verb = own.verb if own is not None else _METHODS[op]
    address = own.address if own is not None else _address_like(plan, op)
    handler = handler_of(plan, op)
    level = plan.access[op]
    held = {level_of(region.path, g, plan.sources) for g in region.behind}
    if level == "public" and held & {"user", "admin"}:
        raise Unsupported(
            f"every route here passes {region.behind[0]}, so none can be open to all",
            where=f"{region.path}:{region.first}",
            hints=("ask for it with --auth user",),
        )
    guards = () if level == "public" else tuple(g for g in plan.house.guards.guards[level] if g not in region.behind)
    refuse_out_of_scope(plan, region, guards)
    return f"{variable}.{verb}({', '.join([_quoted(plan, region, address), *guards, handler])})"


def _quoted(plan: GinPlan, region: Region, address: str) -> str:
    """An address below the new group, which stands for all that leads to the resource."""
    base = plan.sibling.base.rstrip("/").rpartition("/")[2]
    found = re.sub(rf"^/?(?:[\w/-]*/)?{re.escape(base)}(?=/|$)", "", address) if base in address else address
    return f'"{plan.like_address(found)}"'


def _address_like(plan: GinPlan, op: str) -> str:
    endpoints = plan.sibling.endpoints
    keyed = op in {"get", "update", "delete"}
    if keyed:
        return next((e.address for e in endpoints.values() if e.key and e.address.count("/") <= 2), "/:id")
    return next((e.address for o, e in endpoints.items() if not e.key and o in {"list", "create"}), "")


def handler_of(plan: GinPlan, op: str) -> str:
    """What answers, as routes name it."""
    names = functions_of(plan, "handler")
    first = next(iter(plan.sibling.endpoints.values()))
    head, dot, _ = first.handler.rpartition(".")
    handler = plan.layer("handler")
    assert handler is not None, "a house without handlers is refused"
    return f"{plan.like(head)}{dot}{names[op]}"


def refuse_out_of_scope(plan: GinPlan, region: Region, guards: tuple[str, ...]) -> None:
    """Raises Unsupported for a middleware that is a variable of another function."""
    text = plan.sources.at(region.path, region.function.symbol.loc)
    imports = {**plan.sources.imports_of(region.path), **plan.house.guards.imports}
    for guard in guards:
        bare = re.sub(r'"[^"]*"', "", guard)
        for name in re.findall(r"(?<![\w.])([A-Za-z_]\w*)", bare):
            module = plan.sources.index.module(region.path)
            package = any(
                name in plan.index.symbols(p) for p in plan.index.files if plan.sources.index.module(p) == module
            )
            if name not in imports and not package and not re.search(rf"\b{name}\b", text):
                raise Unsupported(
                    f"`{guard}` guards routes elsewhere, but {name} is not known where the new routes go",
                    where=f"{region.path}:{region.first}",
                )
