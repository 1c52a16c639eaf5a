"""Spells the routes, and mounts their router where the exemplar's is."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.kit.chains import positional
from backwright.stacks.express.access import level_of
from backwright.stacks.express.controller import handlers_of
from backwright.stacks.express.decide import ExpressPlan
from backwright.stacks.express.functions import names_of
from backwright.stacks.express.imports import Bound, exported, imports_of, spelled
from backwright.stacks.express.validation import names_of_schemas

_COMMENT = re.compile(r"^[ \t]*(//[^\n]*|/\*.*?\*/)\n", re.MULTILINE | re.DOTALL)


def routes_text(plan: ExpressPlan) -> str:
    """The file of the routes: what stands around the exemplar's, with the routes of the new resource."""
    head, tail = _around(plan)
    body = f"{head}\n\n" + "\n".join(_route(plan, op) for op in plan.operations) + f"\n\n{tail}"
    path = plan.paths["routes"]
    text = f"{imports_of(plan, path, plan.sibling.routes, body, _own(plan, path))}\n\n{body.strip()}\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _around(plan: ExpressPlan) -> tuple[str, str]:
    """What stands in the exemplar's file between imports and routes, and behind them."""
    path = plan.sibling.routes
    source = plan.sources.read(path).encode()
    spans = [plan.sources.statement(path, e.call.loc) for e in plan.sibling.endpoints.values()]
    begin = max((i.loc.end for i in plan.index.imports(path)), default=0)
    line = source.find(b"\n", begin)
    calls = [
        c
        for c in plan.index.calls(path)
        if c.expr.parts[0].kind == "attribute" and c.expr.parts[0].parts[0].text == plan.sibling.router
    ]
    first = min(plan.sources.statement(path, c.loc)[0] for c in calls)
    last = max(end for _, end in [*spans, *(plan.sources.statement(path, c.loc) for c in calls)])
    head = _COMMENT.sub("", source[line + 1 : first].decode()).strip()
    if re.search(r"\brequire\(", head):  # CommonJS: what is required stands there, and is written again from facts
        head = "\n".join(
            part
            for part in head.splitlines()
            if "require(" not in part or "(" in part.partition("require(")[2].partition(")")[2]
        )
    return plan.like(_unguarded(plan, head)), plan.like(source[last:].decode().strip())


def _unguarded(plan: ExpressPlan, head: str) -> str:
    """The head of a routes file without what guards all of its routes: each route says who may pass."""
    kept = []
    for line in head.splitlines():
        given = re.match(rf"{re.escape(plan.sibling.router)}\.use\((.*)\);?$", line.strip())
        if given is None or not level_of(plan.sibling.routes, given[1], plan.sources):
            kept.append(line)
    return "\n".join(kept)


def _own(plan: ExpressPlan, path: str) -> tuple[Bound, ...]:
    names, guards, validation = names_of_schemas(plan), plan.house.guards, plan.house.validation
    schema, controller = spelled(plan, path, plan.paths["schema"]), spelled(plan, path, plan.paths["controller"])
    found = [Bound(schema, names[r], names[r]) for r in ("create", "update", "list", "params")]
    if not _prefix(plan):
        found += [Bound(controller, n, n) for n in names_of(plan, handlers_of(plan)).values()]
    sources = [(guards.path[level], a) for level in guards.arguments for a in guards.arguments[level]]
    if validation.middleware:
        sources.append((validation.module, validation.middleware))
    for origin, text in sources:
        for name in re.findall(r"(?<![\w.$'\"])[A-Za-z_$][\w$]*", text):
            item = plan.sources.import_of(origin, name)
            target = plan.index.imported_file(origin, item) if item is not None else ""
            if item is not None and target:
                bound = exported(plan, path, name, target)
                found.append(Bound(bound.module, item.name, name))
            elif item is not None:
                found.append(Bound(item.module, item.name, name))
    return tuple(found)


def _prefix(plan: ExpressPlan) -> str:
    """What handlers are called by in routes: `venueController.`, `""` for functions that are imported."""
    first = next(iter(plan.sibling.endpoints.values()))
    head = first.handler.rpartition(".")[0]
    return f"{plan.like(head)}." if head else ""


def _route(plan: ExpressPlan, op: str) -> str:
    """One route, laid out as it fits."""
    endpoints, layout = plan.sibling.endpoints, plan.house.layout
    own = endpoints.get(op)
    like = own or endpoints.get("update") or endpoints.get("get") or next(iter(endpoints.values()))
    verb = (
        own.verb if own else {"list": "get", "get": "get", "create": "post", "update": "patch", "delete": "delete"}[op]
    )
    keyed = next((e.address for e in endpoints.values() if e.key), "/:id")
    bare = next((e.address for e in endpoints.values() if not e.key), "/")
    address = plan.like(own.address if own else keyed if op in {"get", "update", "delete"} else bare)
    handler = f"{_prefix(plan)}{names_of(plan, handlers_of(plan))[op]}"
    wrapped = (
        plan.like(like.wrapper).replace("{owner}", _prefix(plan).rstrip("."))
        if "{owner}" in like.wrapper
        else like.wrapper
    )
    given = [f"{layout.quote}{address}{layout.quote}", *_guards(plan, op)]
    if op in {"create", "update"} and plan.house.validation.middleware:
        given.append(plan.house.validation.middleware.replace("{schema}", names_of_schemas(plan)[op]))
    given.append(wrapped.replace("{}", handler))
    start = f"{plan.like(plan.sibling.router)}.{verb}("
    line = f"{start}{', '.join(given)}){layout.semicolon}"
    if len(line) <= layout.width:
        return line
    return f"{start}\n" + "".join(f"{layout.indent}{g},\n" for g in given) + f"){layout.semicolon}"


def _guards(plan: ExpressPlan, op: str) -> tuple[str, ...]:
    level = plan.access[op]
    if level == "public":
        return ()
    return plan.house.guards.arguments[level]


# --- mounting ----------------------------------------------------------------------------------------------------------


def mounted(plan: ExpressPlan) -> tuple[str, str]:
    """The file that mounts the exemplar's router, and its text with the new one. Raises Unsupported where it is not found."""
    routes = plan.sibling.routes
    for path in plan.index.files:
        for item in plan.index.imports(path):
            if plan.index.imported_file(path, item) != routes or path == routes:
                continue
            text = plan.sources.read(path)
            statement = _mount(plan, path, item.alias)
            line = text.splitlines()[item.loc.line - 1]
            if statement and plan.like(line) != line:
                out = _after(text, statement, plan.like(statement))
                return path, _after(
                    out, "\n".join(text.splitlines()[item.loc.line - 1 : item.loc.end_line]), plan.like(line)
                )
    raise Unsupported("it was not found where the exemplar's router is mounted", where=routes)


def _mount(plan: ExpressPlan, path: str, alias: str) -> str:
    """The statement, or the element of a list, that mounts a router."""
    text = plan.sources.read(path)
    for call in plan.index.calls(path):
        given = positional(call.expr) if call.expr.kind == "call" else []
        callee = call.expr.parts[0]
        if callee.kind == "attribute" and callee.text == "use" and any(g.dotted() == alias for g in given):
            return plan.sources.between(path, *plan.sources.statement(path, call.loc))
    found = re.search(rf"^[ \t]*\{{[^{{}}]*\b{re.escape(alias)}\b[^{{}}]*\}},?", text, re.MULTILINE)
    return found[0] if found is not None else ""


def _after(text: str, statement: str, addition: str) -> str:
    """The text with an addition right below a statement; a comma where an element of a list needs one."""
    ended = statement if statement.rstrip().endswith((";", ",", ")", "'", '"')) else f"{statement},"
    return text.replace(statement, f"{ended}\n{addition}", 1)
