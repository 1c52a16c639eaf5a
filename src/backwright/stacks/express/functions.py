"""How functions of a layer are written: what stands around a body is the exemplar's, the body is the new resource's."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from backwright.core.errors import Unsupported
from backwright.core.facts import Catch
from backwright.kit.index import Definition
from backwright.stacks.express.decide import ExpressPlan
from backwright.stacks.express.siblings import OPERATIONS

_VERBS = {
    "list": ("list", "getAll", "findAll", "index", "getMany", "find", "get", "all"),
    "get": ("get", "getOne", "findOne", "show", "getById", "find"),
    "create": ("create", "store", "add"),
    "update": ("update", "edit", "patch"),
    "delete": ("delete", "remove", "destroy"),
}


@dataclass(frozen=True)
class Frame:
    """What stands around a body: `before` ends with the opening bracket of the parameters, `after` with that of the body.

    `caught` is the clause with which the whole body ends, where it is a `try`.
    """

    before: str
    params: str
    after: str
    tail: str
    caught: str
    indent: str


def frame_of(plan: ExpressPlan, definition: Definition) -> Frame:
    """The frame of an exemplar's function, about the new resource. Raises Unsupported for what has no body."""
    sources, path = plan.sources, definition.path
    inner = sources.body_of(definition)
    where = f"{path}:{definition.symbol.loc.line}"
    if inner is None or inner.body is None:
        raise Unsupported(f"{definition.symbol.name} is no function that can be imitated", where=where)
    start, end = sources.statement(path, definition.symbol.loc)
    head = sources.between(path, start, inner.body.start + 1)
    if not head.endswith("{"):
        raise Unsupported(f"{definition.symbol.name} has no body in braces", where=where)
    if inner.params:
        first = inner.params[0].loc.start
        last = max(p.loc.end for p in inner.params)
        before, params = sources.between(path, start, first), sources.between(path, first, last)
        after = sources.between(path, last, inner.body.start + 1)
    else:
        at = head.rfind("()")
        before, params, after = head[: at + 1], "", head[at + 1 :]
    tail = sources.between(path, inner.body.end - 1, end).rstrip()
    indent = re.match(r"[ \t]*", before)
    assert indent is not None
    catches = [
        f for f in plan.index.facts(path) if isinstance(f, Catch) and inner.body.start < f.loc.start < inner.body.end
    ]
    body = sources.between(path, inner.body.start + 1, inner.body.end - 1).strip()
    caught = ""
    if body.startswith("try") and catches:
        outer = max(catches, key=lambda c: c.loc.end)
        caught = (
            textwrap.dedent(sources.between(path, *sources.statement(path, outer.loc)))
            .strip()
            .removeprefix("}")
            .strip()
        )
    return Frame(
        before,
        re.sub(r"^\(|\)$", "", params.strip().rstrip(",")),
        after.lstrip().removeprefix(",").lstrip(),
        tail,
        caught,
        indent[0],
    )


def names_of(plan: ExpressPlan, found: Mapping[str, Definition]) -> dict[str, str]:
    """The function of each operation: called as the exemplar's, or as the exemplar would call it."""
    own = {op: d.symbol.name for op, d in found.items()}
    names = {op: plan.like(name) for op, name in own.items()}
    like = own.get("create") or next(iter(own.values()))
    verb = next((v for v in _VERBS["create"] if like.startswith(v)), "")
    for op in OPERATIONS:
        if op not in names:
            rest = plan.like(like).removeprefix(verb) if "create" in own and verb else plan.name.pascal
            plural = rest.replace(plan.name.pascal, plan.name.pascal_plural) if op == "list" else rest
            names[op] = f"{_VERBS[op][0]}{plural}"
    return names


def function_text(
    plan: ExpressPlan, found: Mapping[str, Definition], op: str, name: str, body: str, params: str | None
) -> str:
    """A function of the layer. `params` replaces the exemplar's parameters; None keeps them."""
    definition = found.get(op) or found.get("update") or found["create"]
    frame = frame_of(plan, definition)
    own = definition.symbol.name
    head = re.sub(rf"\b{re.escape(own)}\b", "@NAME@", frame.before, count=1)
    before = plan.like(head).replace("@NAME@", name)
    after = plan.like(frame.after)
    if params is not None:
        after = re.sub(r"\)\s*:\s*[^{]*?(?=\s*(=>\s*)?\{$)", ")", after)
        if not frame.after.lstrip().startswith(")"):
            after = f") {after.lstrip()}"
        before = before.rstrip()
        if not before.rstrip().endswith("("):
            before = f"{before.rstrip()} ("
    shown = plan.like(frame.params) if params is None else params
    step = plan.house.layout.indent
    inside = frame.indent + step
    text = body.strip("\n")
    if frame.caught and params is None:
        text = f"try {{\n{textwrap.indent(text, step)}\n}} {plan.like(frame.caught)}"
    return f"{before}{shown}{after}\n{textwrap.indent(text, inside)}\n{frame.indent}{frame.tail}"


def file_text(plan: ExpressPlan, found: Mapping[str, Definition], functions: Mapping[str, str]) -> str:
    """All functions of a layer in the container that the exemplar has them in: a class, an object, or the file itself."""
    first = next(iter(found.values()))
    path, scope = first.path, first.symbol.scope.split(".")[0] if first.symbol.scope else ""
    symbols = plan.index.symbols(path)
    source = plan.sources.read(path).encode()
    joined = "\n\n".join(functions.values())
    held = _held(plan, path, joined) if not scope else ""
    joined = f"{held}\n\n{joined}" if held else joined
    if scope and scope in symbols:
        owner = symbols[scope]
        start, _ = plan.sources.statement(path, owner.loc)
        members = [s for s in symbols.values() if s.scope == scope and s.kind in {"method", "function"}]
        constructors = [s for s in members if s.name == "constructor"]
        begin = min(plan.sources.statement(path, s.loc)[0] for s in members if s.name != "constructor")
        head = source[start:begin].decode()
        if constructors:
            head = f"{head.rstrip()}\n\n"
        tail = source[owner.loc.end - 1 :].decode()
        comma = "" if owner.kind == "class" else ","
        members_text = "\n\n".join(f"{f.rstrip().removesuffix(',')}{comma}" for f in functions.values())
        return f"{plan.like(head)}{members_text}\n{plan.like(tail).strip()}\n"
    listed = re.search(
        r"^(module\.exports\s*=|export)\s*\{([^}]*)\}\s*;?\s*$|^export default\s*\{([^}]*)\}\s*;?\s*$",
        source.decode(),
        re.MULTILINE,
    )
    if listed is None:
        return f"{joined}\n"
    opening = listed[0][: listed[0].index("{")].strip()
    names = ", ".join(functions)
    semicolon = ";" if listed[0].rstrip().endswith(";") else ""
    line = f"{opening} {{ {names} }}{semicolon}"
    if len(line) > plan.house.layout.width:
        inner = "".join(f"{plan.house.layout.indent}{n},\n" for n in functions)
        line = f"{opening} {{\n{inner}}}{semicolon}"
    return f"{joined}\n\n{line}\n"


def _held(plan: ExpressPlan, path: str, text: str) -> str:
    """The variables of the exemplar's file that the new functions name too, such as an instance of a service."""
    kept = []
    for symbol in plan.index.symbols(path).values():
        plain = symbol.kind == "variable" and not symbol.scope and symbol.value is not None
        name = plan.like(symbol.name)
        if not plain or plan.sources.body_of(Definition(path, symbol)) is not None or symbol.name == "default":
            continue
        defined = re.search(rf"(?:const|let|var|function)\s+{re.escape(name)}\b", text)
        if re.search(rf"(?<![\w.$]){re.escape(name)}(?![\w$])", text) and defined is None:
            kept.append(plan.like(plan.sources.between(path, *plan.sources.statement(path, symbol.loc))))
    return "\n".join(kept)
