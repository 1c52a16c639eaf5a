"""How a project says that something went wrong: its exceptions, and the statuses that they become."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from backwright.core.facts import Symbol
from backwright.kit.index import Definition, FactIndex
from backwright.stacks.spring.reading import Sources, marks
from backwright.stacks.spring.siblings import Resource
from backwright.stacks.spring.style import Failure

STATUSES = {400: "BAD_REQUEST", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT", 422: "UNPROCESSABLE_ENTITY"}
_NUMBERS = {name: number for number, name in STATUSES.items()}
_SHORT = {"notFound": 404, "badRequest": 400, "unprocessableEntity": 422}
_CATCH_ALL = ("Exception.class", "RuntimeException.class", "Throwable.class")
_SAYS = re.compile(r"message|msg|reason|detail|text|error|description|s", re.IGNORECASE)
_HANDLED = ("ResponseStatusException", "ErrorResponseException")
_KEYS = frozenset(("Long", "long"))


def handlers_of(index: FactIndex, sources: Sources) -> Iterator[tuple[Definition, Symbol, tuple[str, ...]]]:
    """The methods that answer exceptions, with the names of these."""
    for definitions in sources.classes.values():
        for definition in definitions:
            if not {"ControllerAdvice", "RestControllerAdvice"} & set(marks(definition.symbol.decorators)):
                continue
            for member in sources.members(definition):
                mark = marks(member.decorators).get("ExceptionHandler")
                if mark is None:
                    continue
                named = re.findall(r"(\w+)\.class", sources.at(definition.path, mark.loc))
                taken = [p.annotation for p in member.params if p.annotation.endswith(("Exception", "Error"))]
                yield definition, member, tuple(named or taken)


def status_said(text: str) -> int:
    """The status that an answer is given in a piece of Java; 0 where it is none of ours."""
    found = re.search(r"HttpStatus\.(\w+)|HttpServletResponse\.SC_(\w+)|ResponseEntity\s*\.(\w+)\(", text)
    numbers = re.search(r"(?:status|forStatus\w*|valueOf)\((\d{3})", text)
    if found is not None and (found[1] or found[2]):
        return _NUMBERS.get(found[1] or found[2], 0)
    if numbers is not None:
        return int(numbers[1])
    return _SHORT.get(found[3], 0) if found is not None else 0


def answered(index: FactIndex, sources: Sources) -> dict[str, int]:
    """The status that each exception becomes, by the name of its class."""
    found: dict[str, int] = {}
    for definition, member, names in handlers_of(index, sources):
        status = status_said(sources.at(definition.path, member.loc))
        found |= {name: status for name in names if status}
    for definitions in sources.classes.values():
        for definition in definitions:
            if not definition.symbol.bases or "interface" in definition.symbol.modifiers:
                continue
            mark = marks(definition.symbol.decorators).get("ResponseStatus")
            if mark is not None:
                found.setdefault(definition.symbol.name, status_said(sources.at(definition.path, mark.loc)))
            passed = re.search(r"super\(([^;]*HttpStatus\.\w+[^;]*)\);", sources.text_of(definition))
            if passed is not None:
                found.setdefault(definition.symbol.name, status_said(passed[1]))
    return found


def failures_of(index: FactIndex, sources: Sources, resources: tuple[Resource, ...]) -> dict[int, Failure]:
    """How each status is answered: by the project's own exception, else by Spring's where that reaches the caller."""
    found: dict[int, Failure] = {}
    statuses = answered(index, sources)
    about = [r.name.pascal for r in resources]
    keys = {f.annotation for r in resources for f in r.entity.symbol.fields if "Id" in marks(f.decorators)}
    told = {"Object", "String", *(_KEYS if keys and keys <= _KEYS else ())}
    for name, status in sorted(statuses.items(), key=lambda s: len(s[0])):
        definition = sources.named(name)
        if status not in STATUSES or status in found or definition is None or any(a in name for a in about):
            continue
        if "abstract" in definition.symbol.modifiers:
            continue
        call = _call(definition, sources, told)
        if call:
            found[status] = Failure(call, (name,))
    if not _swallowed(index, sources):
        for status, constant in STATUSES.items():
            call = f"new ResponseStatusException(HttpStatus.{constant}, {{message}})"
            found.setdefault(status, Failure(call, ("ResponseStatusException", "HttpStatus")))
    return found


def swallowing(index: FactIndex, sources: Sources) -> str:
    """Where a handler answers every exception, also those that Spring would answer; `""` where there is none."""
    for definition, member, names in handlers_of(index, sources):
        if {f"{n}.class" for n in names} & set(_CATCH_ALL):
            return f"{definition.path}:{member.loc.line}"
    return ""


def _swallowed(index: FactIndex, sources: Sources) -> bool:
    text = " ".join(sources.text_of(d) for d, _, _ in handlers_of(index, sources))
    six = any(True for _ in index.imports_package("jakarta"))  # Spring 6 answers it in the base of handlers too
    handled = (*_HANDLED, *(("ResponseEntityExceptionHandler",) if six else ()))
    return bool(swallowing(index, sources)) and not any(name in text for name in handled)


def _call(definition: Definition, sources: Sources, told: set[str]) -> str:
    """How an exception is made: told a message, else what is missing by which key (of the types `told`), else nothing."""
    symbol = definition.symbol
    made = [m for m in sources.members(definition) if m.name == symbol.name]
    lombok = {"StandardException", "AllArgsConstructor"} & set(marks(symbol.decorators))
    if "StandardException" in lombok:
        return f"new {symbol.name}({{message}})"
    shapes = [[(p.annotation.rpartition(".")[2], p.name) for p in m.params] for m in made]
    for shape in shapes:
        if len(shape) == 1 and shape[0][0] == "String" and _SAYS.search(shape[0][1]):
            return f"new {symbol.name}({{message}})"
    for shape in shapes:
        if len(shape) == 3 and [k for k, _ in shape[:2]] == ["String", "String"] and shape[2][0] in told:
            value = "String.valueOf({value})" if shape[2][0] == "String" else "{value}"
            return f"new {symbol.name}({{entity}}, {{key}}, {value})"
    if any(not shape for shape in shapes) or not made:
        return f"new {symbol.name}()"
    return ""


def failure(failures: Mapping[int, Failure], status: int, message: str, entity: str, key: str, value: str) -> str:
    """The exception of a status, made."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = failures[status].call.replace("{message}", quoted(message))
    return text.replace("{entity}", quoted(entity)).replace("{key}", quoted(key)).replace("{value}", value)
