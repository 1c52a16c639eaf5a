"""BW907: all endpoints answer errors in one shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.chains import links, name_of
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Errors, libraries, pattern
from backwright.kit.shapes import Rule
from backwright.kit.statuses import status_of

_VOICE = Voice("BW907", "inconsistent-error-shape", "advice")
_ANSWERS = {"JSONResponse": "content", "ORJSONResponse": "content", "UJSONResponse": "content", "JsonResponse": "data",
            "Response": "data"}  # fmt: skip
_FRAMEWORK = ("fastapi.", "starlette.", "django.", "rest_framework.", "flask.")
_TEXT = frozenset({"string", "interpolation", "concatenation", "percent"})
_LEAST = 5  # answers, before one shape is the house's
_SHARE = 0.75  # of them that have it
_ERROR = 400
_STATUS = frozenset({"status", "code"})  # what says the status in a chain of calls

Keys = frozenset[str]


@dataclass(frozen=True)
class Answer:
    """An error that a function answers with: the keys of its body at the top."""

    body: Body
    loc: Loc
    keys: Keys


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One advice for each error whose body shares no key with the one that most errors of the project have."""
    serving = Serving(index, archmap)
    raised = _raised_as(index)
    served = (b for b in serving.functions() if "health" not in f"{b.path} {b.scope}".lower())
    found = [a for body in served for a in _answers(index, body, raised)]
    for language in sorted(index.spoken):
        yield from _judged([a for a in found if index.files[a.body.path].language == language])


def _judged(answers: list[Answer]) -> Iterator[Finding]:
    """What of the answers in one language is not like most of them."""
    if len(answers) < _LEAST:
        return
    usual, times = Counter(a.keys for a in answers).most_common(1)[0]
    agreeing = [a for a in answers if a.keys & usual]
    if times < 2 or len(agreeing) < len(answers) * _SHARE:
        return
    exemplar = next(place(a.body.path, a.loc) for a in agreeing if a.keys == usual)
    for answer in answers:
        if not answer.keys & usual:
            yield _VOICE.finding(
                answer.body.path,
                answer.loc,
                f"this error answers with {_shown(answer.keys)}; {len(agreeing)} of {len(answers)} have {_shown(usual)}",
                scope=answer.body.scope,
                text=f"{answer.body.scope} {_shown(answer.keys)}",
                help=f"answer as {exemplar} does, so that clients read one shape",
            )


def answered(known: Errors, call: Expr) -> Expr | None:
    """The body of `res.status(404).json({ … })`, `reply.code(404).send({ … })` and `c.json({ … }, 404)`; None for other calls."""
    given = call.positional()
    if not given or not pattern(known.answers).search(call.parts[0].dotted()):
        return None
    said = [
        first for link in links(call) if name_of(link) in _STATUS and (first := next(iter(link.positional()), None))
    ]
    said += [given[1]] if len(given) > 1 and given[1].kind != "mapping" else []
    said += [stated for part in given[1:] if part.kind == "mapping" and (stated := part.keyword("status")) is not None]
    return given[0] if said and (status_of(said[0]) or 0) >= _ERROR else None


def _shown(keys: Keys) -> str:
    return "`{" + ", ".join(sorted(keys)) + "}`"


def _answers(index: FactIndex, body: Body, raised: Keys | None) -> Iterator[Answer]:
    known = libraries(index.files[body.path].language).errors
    if known.answers:
        for call in body.calls:
            keys = _keys(answered(known, call.expr))
            if keys:
                yield Answer(body, call.expr.loc, keys)
        return
    for call in body.calls:
        for link in links(call.expr):
            keys = _of_call(index, body, link, raised)
            if keys:
                yield Answer(body, link.loc, keys)
    for item in body.returns:
        value = item.value
        if value is None or value.kind != "sequence" or len(value.parts) < 2 or not _is_flask(index, body.path):
            continue
        keys = _keys(_unwrapped(value.parts[0])) if (status_of(value.parts[1]) or 0) >= _ERROR else None
        if keys:
            yield Answer(body, item.loc, keys)


def _of_call(index: FactIndex, body: Body, link: Expr, raised: Keys | None) -> Keys | None:
    name = name_of(link)
    if name == "HTTPException" and index.origin(body.path, link.parts[0].dotted()).startswith(("fastapi", "starlette")):
        given = [*link.positional(), None, None]
        status = link.keyword("status_code") or given[0]
        detail = link.keyword("detail") or given[1]
        known = (status_of(status) or 0) >= _ERROR and detail is not None and detail.kind in _TEXT
        return (raised if raised is not None else frozenset({"detail"})) if known else None
    if name not in _ANSWERS or not index.origin(body.path, link.parts[0].dotted()).startswith(_FRAMEWORK):
        return None
    status = link.keyword("status_code") or link.keyword("status")
    content = link.keyword(_ANSWERS[name]) or next(iter(link.positional()), None)
    return _keys(content) if (status_of(status) or 0) >= _ERROR else None


def _keys(expr: Expr | None) -> Keys | None:
    """The keys of a literal body; None where another part makes some of them."""
    if expr is None or expr.kind != "mapping" or not expr.parts or not all(expr.keys):
        return None
    return frozenset(expr.keys) if not {"**", "*"} & set(expr.keys) else None


def _unwrapped(expr: Expr) -> Expr:
    """What `jsonify({…})` and `jsonify(error=…)` make."""
    if expr.kind == "call" and name_of(expr) == "jsonify":
        given = expr.positional()
        if given:
            return given[0]
        return Expr("mapping", "", expr.loc, expr.parts[1:], expr.keys[1:])
    return expr


def _is_flask(index: FactIndex, path: str) -> bool:
    return any(item.module.partition(".")[0] == "flask" for item in index.imports(path))


def _raised_as(index: FactIndex) -> Keys | None:
    """The body that a handler of the project's own makes of `HTTPException`; None where the framework answers."""
    for path in index.files:
        for body in _handlers_of(index, path):
            for call in body.calls:
                keys = _keys(call.expr.keyword("content") or next(iter(call.expr.positional()), None))
                if name_of(call.expr) in _ANSWERS and keys:
                    return keys
            return frozenset()  # made somewhere else: nothing is known of what is raised
    return None


def _handlers_of(index: FactIndex, path: str) -> Iterator[Body]:
    for call in index.calls(path):
        given = call.expr.positional()
        if (
            name_of(call.expr) == "add_exception_handler"
            and len(given) > 1
            and given[0].dotted().endswith("HTTPException")
        ):
            found = index.resolve(path, given[1].dotted())
            body = bodies(index).get(found.path, found.symbol.qualname) if found is not None else None
            if body is not None:
                yield body
    for body in bodies(index).by_path.get(path, {}).values():
        for mark in body.symbol.decorators if body.symbol is not None else ():
            marked = next(iter(mark.positional()), None) if mark.kind == "call" else None
            if (
                marked is not None
                and name_of(mark) == "exception_handler"
                and marked.dotted().endswith("HTTPException")
            ):
                yield body


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
