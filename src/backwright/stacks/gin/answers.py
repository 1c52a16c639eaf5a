"""How handlers answer: what stands around a row, how a request is refused, which error becomes which status."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from backwright.core.facts import Expr
from backwright.kit.chains import positional
from backwright.kit.index import Definition
from backwright.stacks.gin.siblings import Resource
from backwright.stacks.gin.sources import Sources
from backwright.stacks.gin.style import Answers

STATUSES = {
    200: "StatusOK", 201: "StatusCreated", 204: "StatusNoContent", 400: "StatusBadRequest", 401: "StatusUnauthorized",
    403: "StatusForbidden", 404: "StatusNotFound", 409: "StatusConflict", 422: "StatusUnprocessableEntity",
    500: "StatusInternalServerError",
}  # fmt: skip
_STATUS = re.compile(r"\bhttp\.(Status\w+)|(?<![\w.])([1-5]\d\d)(?![\w.])")
_MAPPED = re.compile(r"errors\.Is\(\s*\w+,\s*([\w.]+)\)(.*?)(?=errors\.Is\(|\bdefault:|\Z)", re.DOTALL)
_MESSAGE = re.compile(
    r'"(?:[^"\\]|\\.)*"(\s*:)?(?:\s*\+\s*err\.Error\(\))?|\berr\.Error\(\)|fmt\.Sprintf\([^()]*(?:err\.Error\(\))?\)'
)
_PAGE = (("page", "limit"), ("page", "page_size"), ("page", "pageSize"), ("page", "per_page"), ("page", "perPage"),
         ("page", "size"), ("offset", "limit"))  # fmt: skip


def status_in(text: str) -> int:
    """The status that a call names; 0 for none."""
    found = _STATUS.search(text)
    if found is None:
        return 0
    return int(found[2]) if found[2] else next((s for s, n in STATUSES.items() if n == found[1]), 0)


def answers_of(resource: Resource, sources: Sources) -> Answers:
    """How the exemplar's handlers answer."""
    handlers = {op: e.chain[0] for op, e in resource.endpoints.items()}
    first = next(iter(handlers.values()))
    context = next(p.name for p in first.symbol.params if p.annotation == "*gin.Context")
    success = {op: text for op, d in handlers.items() if (text := _success(op, d, context, sources))}
    calls = [c for d in handlers.values() for c in _answering(d, context, sources)]
    failures = [text for d, c in calls if (text := _failure(d, c, context, sources))]
    failure = max(failures, key=failures.count) if failures else ""
    mapper, mapped = _mapper(handlers, context, sources)
    return Answers(
        context=context,
        success=success,
        failure=failure or '{c}.JSON({status}, gin.H{"error": {message}})',
        invalid=_invalid(handlers, context, sources),
        mapper=mapper,
        failures=mapped,
        imports=sources.imports_of(first.path),
        page=_page(handlers.get("list"), sources),
    )


def _answering(definition: Definition, context: str, sources: Sources) -> Iterator[tuple[Definition, Expr]]:
    """The calls of a handler that answer: methods of its context, or functions that are given it."""
    for call in sources.calls_within(definition):
        callee, given = call.parts[0], positional(call)
        of_context = callee.kind == "attribute" and callee.parts[0].dotted() == context
        if (
            of_context and callee.text in {"JSON", "AbortWithStatusJSON", "IndentedJSON", "Status", "PureJSON", "JSONP"}
        ) or (
            given
            and given[0].dotted() == context
            and not of_context
            and status_in(sources.at(definition.path, call.loc))
        ):
            yield definition, call


def _held(definition: Definition, sources: Sources) -> dict[str, Expr]:
    """Variables of a handler and what they hold."""
    inside = definition.symbol.loc
    found = {}
    for assign in sources.index.assigns(definition.path):
        if inside.start <= assign.loc.start and assign.loc.end <= inside.end and assign.target.kind == "name":
            found[assign.target.text] = assign.value
    return found


def _inlined(definition: Definition, call: Expr, sources: Sources) -> str:
    """The call, with what was made right for it: `resp := response.Of(…); c.JSON(200, resp)` is one expression."""
    text = sources.at(definition.path, call.loc)
    given = positional(call)
    if not given or given[-1].kind != "name":
        return text
    before = [
        a
        for a in sources.index.assigns(definition.path)
        if a.target.text == given[-1].text
        and definition.symbol.loc.start <= a.loc.start
        and a.loc.end <= call.loc.start
        and a.value.kind == "call"
    ]
    if not before:
        return text
    value = sources.at(definition.path, max(before, key=lambda a: a.loc.start).value.loc)
    made = re.search(r"[Rr]esp|[Rr]esult\b|[Bb]ody", given[-1].text) and status_in(value)
    return text[: text.rindex(given[-1].text)] + value + ")" if made else text


def _success(op: str, definition: Definition, context: str, sources: Sources) -> str:
    """The last statement that answers with success, with `{payload}` for the row, or the rows."""
    calls = [c for _, c in _answering(definition, context, sources)]
    good = [c for c in calls if status_in(sources.at(definition.path, c.loc)) in {200, 201, 202, 204}]
    if not good:
        return ""
    text = _inlined(definition, good[-1], sources)
    if op == "delete":
        return _deleted(text, context)
    return text if op == "list" else _around(text, context)


def _deleted(text: str, context: str) -> str:
    """An answer that says nothing about the row, or no answer."""
    if re.search(r"Sprintf|err\b", text) or re.search(r"[,:]\s*\w+(\.\w+)*\s*[,)}]\s*\)*$", text.replace("nil", '""')):
        return text if re.fullmatch(rf"{context}\.Status\([\w.]+\)", text) else ""
    return text.replace(f"{context}.", "{c}.", 1) if text.startswith(f"{context}.") else text


def _around(text: str, context: str) -> str:
    """A statement with `{payload}` in the place of the only value that it shows; `""` where that cannot be told."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: '"' + "_" * (len(m[0]) - 2) + '"', text)
    shown = [
        m
        for m in re.finditer(r"(?<=[,:(])\s*(&?[a-z]\w*(?:\.\w+)*(?:\([\w.&, ]*\))?(?:\.\w+\(\))?)(?=\s*[,)}])", bare)
        if m[1] not in {context, "nil", "true", "false"} and not m[1].startswith(("http.Status", "gin.H"))
    ]
    if len(shown) != 1:
        return ""
    found = shown[0]
    start = found.start(1)
    return f"{text[:start]}{{payload}}{text[found.end(1) :]}"


def _failure(definition: Definition, call: Expr, context: str, sources: Sources) -> str:
    """How a request is refused, as a pattern; `""` where a call says more than a status and a message."""
    text = _inlined(definition, call, sources)
    status = status_in(text)
    if status < 400:
        return ""
    pattern = _STATUS.sub("{status}", text)
    messages = [m[0] for m in _MESSAGE.finditer(pattern) if not m[1]]
    if len(messages) != 1:
        return ""
    pattern = pattern.replace(messages[0], "{message}", 1)
    pattern = re.sub(rf"(?<![\w.]){context}(?=[.,)])", "{c}", pattern)
    if re.search(r"(?<![\w.\"])err\b", pattern) or "\n\n" in pattern:
        return ""
    rest = re.sub(r"\{(?:c|status|message)\}|gin\.H|nil|true|false|\bstring\b", "", re.sub(r'"[^"]*"', "", pattern))
    names = re.findall(r"(?<![\w.])[a-z]\w*(?![\w.(:])", rest)
    return "" if names else pattern


def _invalid(handlers: Mapping[str, Definition], context: str, sources: Sources) -> int:
    """What a request is answered that cannot be read, or whose values are out of bounds."""
    for op in ("create", "update"):
        if op in handlers:
            text = sources.at(handlers[op].path, handlers[op].symbol.loc)
            found = re.search(r"\.(?:ShouldBind\w*|BindJSON|Bind)\((.*?)\n\s*return", text, re.DOTALL)
            if found is not None and status_in(found[1]) in {400, 422}:
                return status_in(found[1])
    return 400


def _mapper(handlers: Mapping[str, Definition], context: str, sources: Sources) -> tuple[str, dict[int, str]]:
    """The function that answers any error, and the error that it answers with each status."""
    for definition in handlers.values():
        for call in sources.calls_within(definition):
            given = [g.dotted() for g in positional(call)]
            if given != [context, "err"]:
                continue
            name = call.parts[0].text
            for found in sources.functions(name):
                text = sources.at(found.path, found.symbol.loc)
                mapped = {status_in(rest): error for error, rest in _MAPPED.findall(text) if status_in(rest)}
                if mapped:
                    shown = sources.at(definition.path, call.parts[0].loc)
                    qualified = {s: _qualified(e, found.path, sources) for s, e in mapped.items()}
                    return f"{shown}({{c}}, {{error}})", qualified
    return "", {}


def _qualified(name: str, path: str, sources: Sources) -> str:
    """The error with its package, as others would write it."""
    return name if "." in name else f"{sources.package(path)}.{name}"


def _page(definition: Definition | None, sources: Sources) -> tuple[str, str]:
    """How the exemplar's list is asked for a part, by the names in its handler and in what it binds the query to."""
    if definition is None:
        return "page", "limit"
    text = sources.at(definition.path, definition.symbol.loc)
    bound = re.search(r"var\s+\w+\s+(?:\w+\.)?(\w+)\s[^}]*?ShouldBindQuery|(\w+)\{\}[^}]*?ShouldBindQuery", text)
    for kind in sources.types((bound[1] or bound[2]) if bound is not None else "-"):
        text += sources.declared(kind.path, kind.symbol)
    names = set(re.findall(r'(?:Query(?:Array)?\(|form:)"(\w+)', text))
    return next((pair for pair in _PAGE if set(pair) <= names), ("page", "limit"))
