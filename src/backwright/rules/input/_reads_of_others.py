"""Fields of raw bodies that handlers of other languages than Python read on the way to their data."""

from __future__ import annotations

import re

from backwright.core.facts import Expr, Param
from backwright.kit.bodies import Body, bodies, names_in, walk
from backwright.kit.chains import awaited, links, mark_of, name_of
from backwright.kit.handlers import Handler
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import Requests, libraries, pattern
from backwright.rules.input._bodies_of_others import is_checked


def is_schemed(index: FactIndex, handler: Handler) -> bool:
    """Whether a schema checks what this handler takes."""
    known = libraries(index.files[handler.body.path].language).request
    if known.schemas and is_checked(index, handler, known, known.schemas):
        return True
    for param in handler.body.symbol.params if handler.body.symbol is not None else ():
        found = inference(index).resolve(handler.body.path, param.annotation) if _is_sent(param, known) else None
        if found is not None and any(field.decorators for field in found.symbol.fields):
            return True
    return False


def checks_all(index: FactIndex) -> bool:
    """Whether some package checks the bodies of all routes."""
    packages = {p for language in index.spoken for p in libraries(language).request.checked_by}
    return any(i.module in packages for path in index.files for i in index.imports(path) if not i.level)


def unchecked_read(index: FactIndex, handler: Handler) -> Expr | Param | None:
    """The first field of the body that a handler reads, where nobody has looked at the body before."""
    known = libraries(index.files[handler.body.path].language).request
    if not known.body or is_checked(index, handler, known) or _is_verified(handler.body):
        return None
    for body in bodies(index).with_inner(handler.body):
        found = _untyped(index, body, known) or _field(body, pattern(known.body))
        if found is not None:
            return found
    return None


def _is_verified(body: Body) -> bool:
    """Whether something verifies what was sent: a signature, a credential."""
    return any(name_of(link).startswith("verify") for call in body.calls for link in links(call.expr))


def _is_sent(param: Param, known: Requests) -> bool:
    """Whether a parameter is the whole body."""
    return any(mark_of(d) in known.sent_in and len(d.parts) <= 1 for d in param.decorators)


def _untyped(index: FactIndex, body: Body, known: Requests) -> Param | None:
    """A parameter that is the body, whose type does not exist when the service runs, and that is read by field."""
    for param in body.symbol.params if body.symbol is not None else ():
        if not _is_sent(param, known):
            continue
        found = inference(index).resolve(body.path, param.annotation)
        is_shape = found is not None and found.symbol.is_shape
        if not is_shape and not pattern(known.untyped).search(param.annotation):
            continue
        names = set(param.names)
        if not _is_examined(body, names, None) and (len(names) > 1 or _reads_field(body, names) is not None):
            return param
    return None


def _field(body: Body, raw: re.Pattern[str]) -> Expr | None:
    """`req.body.name`, `const { name } = req.body`, `data.name` of `const data = req.body`."""
    whole: set[str] = set()
    fields: set[str] = set()
    first: Expr | None = None
    for assign in body.assigns:
        value = awaited(assign.value)
        if value.kind == "binary" and value.text in {"||", "??"} and value.parts:
            value = value.parts[0]
        if _is_raw(value, raw):
            if assign.target.kind == "name":
                whole.add(assign.target.text)
            elif assign.target.kind == "mapping":
                fields |= {e.text for e in names_in(assign.target)}
                first = first or value
        elif assign.target.kind == "name" and any(
            e.kind in {"attribute", "subscript"} and _is_raw(e.parts[0], raw) for e in walk(assign.value)
        ):
            fields.add(assign.target.text)
    first = first or _direct(body, raw) or _reads_field(body, whole)
    return None if first is None or _is_examined(body, whole | fields, raw) else first


def _is_raw(expr: Expr, raw: re.Pattern[str]) -> bool:
    dotted = expr.dotted()
    return bool(dotted) and raw.search(dotted) is not None


def _direct(body: Body, raw: re.Pattern[str]) -> Expr | None:
    for top in body.expressions():
        for node in walk(top):
            if node.kind in {"attribute", "subscript"} and _is_raw(node.parts[0], raw):
                return node
    return None


def _reads_field(body: Body, names: set[str]) -> Expr | None:
    for top in body.expressions():
        for node in walk(top):
            if node.kind in {"attribute", "subscript"} and node.parts[0].kind == "name" and node.parts[0].text in names:
                return node
    for assign in body.assigns:
        if assign.target.kind == "mapping" and assign.value.kind == "name" and assign.value.text in names:
            return assign.value
    return None


def _is_examined(body: Body, names: set[str], raw: re.Pattern[str] | None) -> bool:
    """Whether conditions look at what was sent: somebody checks it by hand."""
    for branch in body.branches:
        for node in walk(branch.condition):
            if node.kind == "name" and node.text in names:
                return True
            if raw is not None and node.kind == "attribute" and _is_raw(node, raw):
                return True
    return False
