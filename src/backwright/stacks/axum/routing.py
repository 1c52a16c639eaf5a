"""Spells the routes, and mounts and wires what is new where the exemplar is mounted and wired."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename

from backwright.core.errors import Unsupported
from backwright.kit.imitation import mentions
from backwright.kit.testfiles import is_test_file
from backwright.stacks.axum.decide import AxumPlan
from backwright.stacks.axum.names import own_types
from backwright.stacks.axum.reading import balance, closing
from backwright.stacks.axum.siblings import Endpoint

_VERBS = {"list": "get", "get": "get", "create": "post", "update": "patch", "delete": "delete"}
_LAYER = re.compile(r"\.(?:route_)?layer\(")
_GUARDS = re.compile(r"auth|guard|jwt|require|session|login|admin", re.IGNORECASE)


def local(endpoint: Endpoint, plan: AxumPlan) -> str:
    """The address of an endpoint as its file registers it."""
    text = plan.sources.at(endpoint.path, endpoint.route.loc)
    found = re.search(r'"(/[^"]*|)"', text)
    return found[1] if found is not None else "/"


def routes_of(plan: AxumPlan, handlers: Mapping[str, str], prefix: str) -> list[str]:
    """The calls that register the new handlers. `prefix` stands before their names."""
    endpoints = plan.sibling.endpoints
    bare = plan.like(local(endpoints["create"], plan))
    keyed = next((plan.like(local(e, plan)) for op, e in endpoints.items() if op in {"get", "update", "delete"}), "")
    if not keyed:
        keyed = f"{bare.rstrip('/')}/{{id}}"
    found = []
    for address, wanted in ((bare, ("list", "create")), (keyed, ("get", "update", "delete"))):
        verbs = [(endpoints[op].verb if op in endpoints else _VERBS[op], op) for op in wanted if op in plan.operations]
        if verbs:
            chain = ".".join(f"{verb}({prefix}{handlers[op]})" for verb, op in verbs)
            found.append(f'.route("{address}", {chain})')
    return found


def router_text(plan: AxumPlan, handlers: Mapping[str, str]) -> str:
    """The function that gives the routes, where the exemplar's handlers have one beside them; else `""`."""
    path = plan.sibling.endpoints["create"].path
    if path != plan.sibling.handlers:
        return ""
    at = plan.sibling.endpoints["create"].route.loc
    holder = next(
        (
            d
            for d in plan.sources.functions(path)
            if d.symbol.loc.start <= at.start and at.end <= d.symbol.loc.end and not d.symbol.is_async
        ),
        None,
    )
    if holder is None:
        raise Unsupported(
            "the routes of the exemplar stand in no function that gives a router", where=f"{path}:{at.line}"
        )
    body = plan.sources.body(holder)
    _refuse_layers(plan, body, f"{path}:{holder.symbol.loc.line}")
    text = plan.sources.of(holder)
    head = text[: len(text) - len(body) - 1]
    start = re.search(r"(?:axum::)?Router(?:::<[^>]*>)?::new\(\)", body)
    if start is None:
        raise Unsupported("the routes of the exemplar do not begin with Router::new()", where=f"{path}:{at.line}")
    tail = re.search(r"\.with_state\((?:[^()]|\([^()]*\))*\)", body)
    lines = [start[0], *routes_of(plan, handlers, ""), *([tail[0]] if tail is not None else [])]
    shown = "\n".join(f"    {'    ' if n else ''}{line}" for n, line in enumerate(lines))
    return f"{plan.like(head)}\n{shown}\n}}"


def _refuse_layers(plan: AxumPlan, body: str, where: str) -> None:
    """Raises Unsupported for routes that a layer guards: no extractor says who may pass."""
    for layer in _LAYER.finditer(body):
        inner = body[layer.end() : closing(body, layer.end() - 1)]
        if _GUARDS.search(inner):
            raise Unsupported("the routes here are guarded by a layer, which is not imitated yet", where=where)


# --- wiring ------------------------------------------------------------------------------------------------------------


def wired(plan: AxumPlan, handlers: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Path, text before and text after of each file that names the exemplar to declare, construct or mount it."""
    others = [r.name for r in plan.house.resources if r.name != plan.sibling.name]
    registering = plan.sibling.endpoints["create"].path
    central = "" if registering == plan.sibling.handlers else registering
    holders = _holders(plan)
    for path in plan.index.files:
        inner = path.rpartition("src/")[2]
        if (
            is_test_file(path)
            or "src/" not in f"/{path}"
            or (path in plan.sibling.files and basename(path) != "mod.rs")
        ):
            continue
        if any(mentions(inner, other) for other in others):
            continue
        text = plan.sources.read(path)
        after = with_routes(plan, text, handlers) if path == central else text
        holds = holders is not None and holders.search(text) is not None
        if not holds and not _mounting(plan, text):
            continue
        after = _with_units(plan, path, after, everything=holds)
        if after != text:
            yield path, text, after


def with_routes(plan: AxumPlan, text: str, handlers: Mapping[str, str]) -> str:
    """A central list of routes with the new ones below the exemplar's."""
    data = text.encode()
    calls = [e.route.loc for e in plan.sibling.endpoints.values() if e.path == plan.sibling.endpoints["create"].path]
    last = max(calls, key=lambda loc: loc.end)
    end = data.find(b")", last.end - 1) + 1 if data[last.end - 1 : last.end] != b")" else last.end
    endpoint = plan.sibling.endpoints["create"]
    shown = endpoint.handler.symbol.name
    found = re.search(rf"([\w:]*::)?{re.escape(shown)}\b", text)
    prefix = plan.like(found[1]) if found is not None and found[1] else ""
    before = data[:end].decode()
    indent = re.search(r"\n([ \t]*)\.route\(", before)
    added = "".join(
        f"\n{indent[1] if indent is not None else '        '}{line}" for line in routes_of(plan, handlers, prefix)
    )
    return before + added + data[end:].decode()


def _holders(plan: AxumPlan) -> re.Pattern[str] | None:
    """The structs of the exemplar's layers, which something has to make and to keep."""
    scopes = {d.symbol.scope for e in plan.sibling.endpoints.values() for d in e.below}
    named = sorted(s for s in scopes if s and plan.like(s) != s)
    return re.compile(rf"\b(?:{'|'.join(named)})\b") if named else None


def _mounting(plan: AxumPlan, text: str) -> bool:
    """Whether a file declares modules of the exemplar, or mounts its routes."""
    for line in re.findall(
        r"^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+\w+;|\.(?:nest|merge|route)\([^\n]*", text, re.MULTILINE
    ):
        if plan.like(line) != line:
            return True
    return False


def _with_units(plan: AxumPlan, path: str, text: str, *, everything: bool) -> str:
    """A text with a copy, about the new resource, of each declaration, field, element and call about the exemplar.

    Unless `everything`, only of modules that are declared, handed on or mounted.
    """
    lines = text.splitlines(keepends=True)
    out: list[str] = []
    at = 0
    while at < len(lines):
        unit = _unit(lines, at)
        joined = "".join(unit)
        copy = plan.like(joined)
        if copy == joined or _COMMENT.match(joined) or (".route(" in joined and copy in text):
            out += unit
        elif re.match(r"\s*(?:pub(?:\([^)]*\))?\s+)?use\s", joined):
            out += [*unit, _use(plan, path, joined, at + 1)]
        elif _container(joined):
            out.append(lines[at])
            at += 1
            continue
        elif ".route(" in joined or not (everything or re.search(r"\bmod\s+\w+;|\.(?:nest|merge)\(", joined)):
            out += unit
        else:
            out += _beside(unit, copy)
        at += len(unit)
    return "".join(out)


_COMMENT = re.compile(r"\s*//")


def _unit(lines: list[str], at: int) -> list[str]:
    """The lines of one declaration, field, element or call: until its brackets are closed."""
    unit = [lines[at]]
    depth = balance(lines[at])
    while depth > 0 and at + len(unit) < len(lines):
        unit.append(lines[at + len(unit)])
        depth += balance(unit[-1])
    return unit


def _container(text: str) -> bool:
    """Whether lines hold more than what is about the exemplar: a function, a block, a struct, a whole chain."""
    head = text.lstrip().split("\n")[0]
    return text.count("\n") > 1 and bool(
        re.match(r"(?:pub(?:\([^)]*\))?\s+)?(?:async\s+)?(?:fn|struct|impl|enum|mod|trait|match|if|for)\b", head)
        or re.search(r"(?:Self|[A-Z]\w*|Router::new\(\)|=|->.*)\s*[({]\s*$", head)
    )


def _beside(unit: list[str], copy: str) -> list[str]:
    """The lines with their copy: below them, but above where they end a chain or give away what the copy needs too."""
    joined = "".join(unit)
    if joined.lstrip().startswith(".") and joined.rstrip().endswith(";"):
        return [re.sub(r";\s*$", "\n", copy), *unit]
    if re.search(r"\((?:pool|db|conn)\)", joined):
        return [re.sub(r"\((pool|db|conn)\)", r"(\1.clone())", copy), *unit]
    ended = copy if joined.endswith("\n") else f"\n{copy}"
    if re.search(r"[\w)]$", joined.rstrip()) and not joined.lstrip().startswith("."):
        return [f"{joined.rstrip()},\n", ended]
    return [*unit, ended]


def _use(plan: AxumPlan, path: str, text: str, line: int) -> str:
    """The `use` line of what a file imports of the exemplar, about the new resource."""
    found = re.match(r"(\s*)((?:pub(?:\([^)]*\))?\s+)?)use\s", text)
    assert found is not None
    wanted = []
    made = {name for _, name in own_types(plan)}
    for item in plan.index.imports(path):
        about = plan.like(item.name) != item.name or plan.like(item.module) != item.module
        if item.loc.line != line or not about or not item.name:
            continue
        shown = plan.like(item.name)
        if (
            found[2]
            and shown not in made
            and re.match(r"[A-Z]", shown)
            and not re.search(r"(Service|Repository|Repo|Store)$", shown)
        ):
            continue  # a type that the new module does not have
        wanted.append((plan.like(item.module), shown))
    if found[2] and wanted:  # what is handed on: all that the new module has
        module = wanted[0][0]
        wanted = sorted(
            {*wanted, *((module, name) for m, name in own_types(plan) if m == module or m.startswith(module))}
        )
        names = sorted({name for _, name in wanted})
        inner = names[0] if len(names) == 1 else "{" + ", ".join(names) + "}"
        return f"{found[1]}{found[2]}use {module}::{inner};\n"
    return "".join(f"{found[1]}{found[2]}use {module}::{name};\n" for module, name in dict.fromkeys(wanted))
