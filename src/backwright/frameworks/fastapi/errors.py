"""How errors are raised and which status each error class becomes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from backwright.core.archmap import Convention
from backwright.core.facts import Expr, Span, Symbol
from backwright.frameworks.fastapi.application import handles
from backwright.kit.house import ErrorClass, ErrorStyle, NewErrorClass, Ref
from backwright.kit.imitation import mentions
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import forms
from backwright.kit.references import ref_of, refs_in
from backwright.kit.rendering import source_of
from backwright.kit.statuses import status_named

_ERROR = 400
_STATUS = re.compile(r"(?<!\d)(4\d\d|5\d\d)(?!\d)")
_MESSAGE_PARAMS = frozenset(
    {"message", "detail", "msg", "error", "reason", "description", "text", "error_message", "details"}
)
_ENTITY_PARAMS = frozenset(
    {"entity", "resource", "model", "entity_name", "resource_name", "name", "model_name", "what", "kind", "object_name"}
)
_KEY_PARAMS = frozenset(
    {"id", "key", "identifier", "entity_id", "resource_id", "pk", "value", "obj_id", "object_id", "item_id"}
)
_WANTED = (404, 409, 403)


def status_of(expr: Expr | None) -> int | None:
    """The status of an error, more loosely than `kit.statuses`: houses spell theirs `codes.NOT_FOUND`, `"404"`, `E404`."""
    if expr is None:
        return None
    text = source_of(expr)
    found = _STATUS.search(text)
    if found:
        return int(found.group(1))
    known = status_named(text.split(".")[-1])
    return known if known is not None and known >= _ERROR else None


def _given_status(call: Expr) -> Expr | None:
    """The status that a HTTPException is built with, by name or in first place."""
    return call.keyword("status_code") or next(iter(call.positional()), None)


def error_style(
    index: FactIndex, tests: frozenset[str], read: Callable[[str], str]
) -> tuple[ErrorStyle, Convention | None]:
    """Domain error classes when the project has them and raises them, HTTPException otherwise."""
    raised: Counter[tuple[str, str]] = Counter()
    http = 0
    named = 0
    first: dict[tuple[str, str], Span] = {}
    for path in index.files:
        if path in tests:
            continue
        for fact in index.raises(path):
            name = fact.value.dotted().removesuffix("()") if fact.value is not None else ""
            if not name:
                continue
            if index.origin(path, name).split(".")[-1] == "HTTPException":
                http += 1
                named += fact.value is not None and "status.HTTP_" in source_of(_given_status(fact.value))
                continue
            found = index.resolve(path, name)
            if found is not None and found.symbol.kind == "class":
                key = (found.path, found.symbol.qualname)
                raised[key] += 1
                first.setdefault(key, Span(path, fact.loc.line))
    known = [(d, status) for d, status in _classes(index, tests) if _general(index, d)]
    used = sum(raised[d.path, d.symbol.qualname] for d, status in known if status == 404 or status == 409)
    shown = next(iter(first.values()), None)
    if known and used and used * 2 >= http:
        classes = tuple(_error_class(index, d, status) for d, status in _best(known, raised))
        kept = tuple(c for c in classes if c is not None)
        if any(c.status == 404 for c in kept):
            additions = tuple(_missing(index, kept, known, tests, read))
            style = ErrorStyle("domain", kept, additions, named * 2 > http > 0)
            names = ", ".join(f"{c.ref.name} ({c.status})" for c in kept)
            return style, Convention("errors", f"errors are classes of the project: {names}", used, http, shown)
    style = ErrorStyle("http", (), (), named * 2 > http > 0)
    value = "errors are HTTPException where they happen"
    return style, Convention("errors", value, http, used, None) if http else None


def declared_errors(index: FactIndex, tests: frozenset[str], read: Callable[[str], str]) -> ErrorStyle | None:
    """Translated error classes of the project that nothing raises yet; None when there is none for 404."""
    known = [(d, s) for d, s in _classes(index, tests) if _answered(index, d, tests) and _general(index, d)]
    found = (_error_class(index, d, status) for d, status in _best(known, Counter()))
    kept = tuple(c for c in found if c is not None)
    if not any(c.status == 404 for c in kept):
        return None
    return ErrorStyle("domain", kept, tuple(_missing(index, kept, known, tests, read)))


def _general(index: FactIndex, definition: Definition) -> bool:
    """Whether an error is about no entity of its own: `TaskNotFound` is no answer for a product."""
    entities = (re.sub(r"(?<=[a-z])(Model|Entity|ORM|Table)$", "", t.entity) for _, t in index.tables())
    return not any(mentions(definition.symbol.name, forms(entity)) for entity in entities if entity != "Item")


def _answered(index: FactIndex, definition: Definition, tests: frozenset[str]) -> bool:
    """Whether an exception becomes an answer: FastAPI's own, or one that a handler is registered for."""
    if any(b.endswith("HTTPException") for b in index.root_bases(definition)):
        return True
    return any(handles(index, d.symbol.name, tests) for d in (definition, *index.bases(definition)))


def _classes(index: FactIndex, tests: frozenset[str]) -> Iterator[tuple[Definition, int]]:
    """Exception classes of the project with the status they become."""
    translated = dict(_handlers(index, tests))
    for found in index.classes():
        if found.path in tests or found.symbol.scope:
            continue
        bases = {b.split(".")[-1] for b in index.root_bases(found)}
        if not any(b.endswith(("Exception", "Error")) for b in bases):
            continue
        status = _own_status(index, found)
        if status is None:
            for current in [found, *index.bases(found)]:
                status = translated.get((current.path, current.symbol.qualname))
                if status is not None:
                    break
        if status is not None:
            yield found, status


def _own_status(index: FactIndex, definition: Definition) -> int | None:
    """A status in the class itself or in a base: a field, or what `__init__` hands to `super().__init__`."""
    for current in [definition, *index.bases(definition)]:
        for field in current.symbol.fields:
            if re.search(r"status|code", field.name, re.IGNORECASE) and status_of(field.value_expr) is not None:
                return status_of(field.value_expr)
        scope = f"{current.symbol.qualname}.__init__"
        for call in index.calls(current.path, scope):
            if call.expr.parts[0].dotted().endswith("__init__"):
                for key, part in zip(call.expr.keys[1:], call.expr.parts[1:], strict=True):
                    if (
                        (key == "" or re.search(r"status|code", key))
                        and part.kind != "name"
                        and status_of(part) is not None
                    ):
                        return status_of(part)
        init = index.symbols(current.path).get(scope)
        for param in init.params if init is not None else ():
            if re.search(r"status|code", param.name) and status_of(param.default_expr) is not None:
                return status_of(param.default_expr)
        for assign in index.assigns(current.path, scope):
            if (
                re.search(r"status|code", assign.target.dotted())
                and assign.value.kind != "name"
                and status_of(assign.value) is not None
            ):
                return status_of(assign.value)
    return None


def _handlers(index: FactIndex, tests: frozenset[str]) -> Iterator[tuple[tuple[str, str], int]]:
    """Exception classes that a handler function or a table translates."""
    for path in index.files:
        if path in tests:
            continue
        for symbol in index.symbols(path).values():
            for decorator in symbol.decorators:
                if decorator.kind == "call" and decorator.parts[0].dotted().endswith("exception_handler"):
                    for name in decorator.positional():
                        yield from _translated(index, path, name, symbol)
        for call in index.calls(path):
            if call.expr.parts[0].dotted().endswith("add_exception_handler") and len(call.expr.positional()) >= 2:
                name, handler = call.expr.positional()[:2]
                found = index.resolve(path, handler.dotted())
                if found is not None:
                    yield from _translated(index, path, name, found.symbol, found.path)
        for assign in index.assigns(path):
            if assign.value.kind == "mapping":
                for key, part in zip(assign.value.keys, assign.value.parts, strict=False):
                    found = index.resolve(path, key) if key and status_of(part) is not None else None
                    status = status_of(part)
                    if found is not None and found.symbol.kind == "class" and status is not None:
                        yield (found.path, found.symbol.qualname), status


def _translated(
    index: FactIndex, path: str, name: Expr, handler: Symbol, handler_path: str = ""
) -> Iterator[tuple[tuple[str, str], int]]:
    found = index.resolve(path, name.dotted())
    if found is None or found.symbol.kind != "class":
        return
    for fact in index.calls(handler_path or path, handler.qualname):
        for key, part in zip(fact.expr.keys[1:], fact.expr.parts[1:], strict=True):
            status = (
                status_of(part)
                if (key == "status_code" or (key == "" and fact.expr.parts[0].dotted().endswith("Response")))
                else None
            )
            if status is not None:
                yield (found.path, found.symbol.qualname), status
                return


def _best(known: list[tuple[Definition, int]], raised: Counter[tuple[str, str]]) -> Iterator[tuple[Definition, int]]:
    """One class a status: the most general one, that is not named after an entity, then the most raised one."""
    words = {404: "NotFound", 409: "Conflict|AlreadyExists|Duplicate", 403: "Forbidden|Permission|AccessDenied"}
    for status, pattern in words.items():
        candidates = [d for d, s in known if s == status and re.search(pattern, d.symbol.name)] or [
            d for d, s in known if s == status
        ]
        if candidates:
            yield max(candidates, key=lambda d: (-_specific(d, pattern), raised[d.path, d.symbol.qualname])), status


def _specific(definition: Definition, pattern: str) -> int:
    rest = re.sub(
        rf"{pattern}|Error|Exception|HTTP|Http|Entity|Resource|Record|Object|Item|Domain|App|Service|Custom|Base",
        "",
        definition.symbol.name,
    )
    return len(rest)


def _error_class(index: FactIndex, definition: Definition, status: int) -> ErrorClass | None:
    call = _call_pattern(index, definition)
    if call is None:
        return None
    return ErrorClass(status, Ref(definition.symbol.name, index.module(definition.path)), call)


def _call_pattern(index: FactIndex, definition: Definition) -> str | None:
    """How to build the error, from its constructor: the roles of its parameters are told by their names."""
    name = definition.symbol.name
    init = None
    for current in [definition, *index.bases(definition)]:
        init = index.symbols(current.path).get(f"{current.symbol.qualname}.__init__")
        if init is not None:
            break
    if init is None:
        bases = {b.split(".")[-1] for b in index.root_bases(definition)}
        return f"{name}(detail={{message}})" if "HTTPException" in bases else f"{name}({{message}})"
    arguments: list[str] = []
    named_message = False
    for param in init.params[1:]:
        if param.kind in {"var_positional", "var_keyword"}:
            continue
        kind = _param_role(param.name)
        if kind == "message" and not named_message:
            arguments.append(
                f"{param.name}={{message}}" if param.default or param.kind == "keyword" or arguments else "{message}"
            )
            named_message = True
        elif not param.default:
            if kind not in {"entity", "key"}:
                return None
            arguments.append(f"{param.name}={{{kind}}}")
    if not arguments and any(p.kind == "var_positional" for p in init.params):
        arguments.append("{message}")
    return f"{name}({', '.join(arguments)})"


def _param_role(name: str) -> str:
    bare = name.lower()
    if bare in _MESSAGE_PARAMS:
        return "message"
    if bare in _ENTITY_PARAMS:
        return "entity"
    return "key" if bare in _KEY_PARAMS else ""


_OLD_NAMES = ("NotFound", "not_found", "NOT_FOUND", "not found", "Not found", "not-found")
_NEW_NAMES = {
    409: ("Conflict", "conflict", "CONFLICT", "already exists", "Conflict", "conflict"),
    403: ("Forbidden", "forbidden", "FORBIDDEN", "not allowed", "Forbidden", "forbidden"),
}


def _missing(
    index: FactIndex,
    classes: tuple[ErrorClass, ...],
    known: list[tuple[Definition, int]],
    tests: frozenset[str],
    read: Callable[[str], str],
) -> Iterator[NewErrorClass]:
    """For a status without a class: the 404 class again, under another name, translated the same way."""
    model = next((c for c in classes if c.status == 404), None)
    definition = next((d for d, _ in known if model is not None and d.symbol.name == model.ref.name), None)
    if model is None or definition is None or "NotFound" not in model.ref.name:
        return
    have = {c.status for c in classes}
    text = read(definition.path).encode()
    source = text[definition.symbol.loc.start : definition.symbol.loc.end].decode()
    for status in _WANTED:
        if status in have:
            continue
        renamed = _renamed(source, status)
        name = _renamed(model.ref.name, status)
        error = ErrorClass(status, Ref(name, model.ref.module), _renamed(model.call, status))
        path, handler, imports = _handler_source(index, definition, tests, read)
        translated = _renamed(handler, status) if handler else ""
        if str(status) in renamed or _STATUS_WORD[status] in renamed or translated:
            yield NewErrorClass(
                status, error, definition.path, renamed, path if translated else "", translated, imports
            )


_STATUS_WORD = {409: "CONFLICT", 403: "FORBIDDEN"}


def _renamed(text: str, status: int) -> str:
    for old, new in zip(_OLD_NAMES, _NEW_NAMES[status], strict=True):
        text = text.replace(old, new)
    return text.replace("404", str(status))


def _handler_source(
    index: FactIndex, definition: Definition, tests: frozenset[str], read: Callable[[str], str]
) -> tuple[str, str, tuple[Ref, ...]]:
    """The handler function that is registered by decorator for exactly this class, as source."""
    for path in index.files:
        if path in tests:
            continue
        for symbol in index.symbols(path).values():
            for decorator in symbol.decorators:
                if decorator.kind != "call" or not decorator.parts[0].dotted().endswith("exception_handler"):
                    continue
                for name in decorator.positional():
                    found = index.resolve(path, name.dotted())
                    if found == definition:
                        start = decorator.loc.start - 1
                        text = read(path).encode()[start : symbol.loc.end].decode()
                        needed = ref_of(index, path, name.dotted())
                        return (
                            path,
                            text,
                            (needed,)
                            if needed is not None and needed.module != index.module(path)
                            else refs_in(index, path, None),
                        )
    return "", "", ()
