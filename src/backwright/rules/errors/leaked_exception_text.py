"""BW703: clients are not told the text of an exception that nobody foresaw."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Catch, Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.callgraph import Hop
from backwright.kit.chains import links, name_of
from backwright.kit.findings import Voice
from backwright.kit.handlers import handlers
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.shapes import Rule
from backwright.rules.errors._answers_of_others import told

_VOICE = Voice("BW703", "leaked-exception-text", "warning")
_INTERNAL = frozenset(
    {"Exception", "BaseException", "SQLAlchemyError", "IntegrityError", "DBAPIError", "OperationalError",
     "DatabaseError", "ProgrammingError", "DataError", "PyMongoError", "RedisError", "ClientError", "OSError",
     "IOError", "RuntimeError"}
)  # fmt: skip
_ANSWERS = frozenset(
    {"HTTPException", "JSONResponse", "ORJSONResponse", "PlainTextResponse", "HTMLResponse", "Response"}
)
_WEB = ("fastapi", "starlette", "flask", "werkzeug", "django", "rest_framework")
_TEXTS = frozenset({"str", "repr", "format_exc", "format_exception", "format"})


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each answer that is made of the text of an internal exception."""
    for place, expr, catch in told(index, Serving(index, archmap)):
        yield _VOICE.finding(
            place.path,
            expr.loc,
            "the text of any error is told to the client in this answer",
            scope=place.scope,
            text=f"answer of {expr.dotted() or expr.text}",
            help="log the error and answer with a message of your own; only errors of the domain are told",
            related=[Hop(place.path, catch.loc, "it is caught here").related()],
        )
    index = index.only(("python",))
    serving = Serving(index, archmap)
    handled = {h.body.key for h in handlers(index, archmap)}
    for body in serving.functions():
        for name, where, caught in _internal(index, body):
            for answer, kind in _answers(index, body, where, body.key in handled):
                leak = _leak(body, answer, name, where)
                if leak is not None:
                    yield _VOICE.finding(
                        body.path,
                        leak.loc,
                        f"the text of {caught} is told to the client in this {kind}",
                        scope=body.scope,
                        text=f"{kind} of {caught}",
                        help="log the exception and answer with a message of your own; only errors of the domain are told",
                        related=[Hop(body.path, where.loc, "it is caught here").related()]
                        if isinstance(where, Catch)
                        else [],
                    )
                    break


def _internal(index: FactIndex, body: Body) -> Iterator[tuple[str, Catch | None, str]]:
    """The names of internal exceptions in a function: caught, or what an exception handler of the application gets."""
    for catch in body.catches:
        known = [t for t in catch.types if t.rpartition(".")[2] in _INTERNAL]
        if not catch.types:
            yield catch.name, catch, "any exception"
        elif known:
            last = known[0].rpartition(".")[2]
            yield catch.name, catch, "any exception" if last in {"Exception", "BaseException"} else f"a `{last}`"
    symbol = body.symbol
    for decorator in symbol.decorators if symbol is not None else ():
        if decorator.kind == "call" and name_of(decorator) in {"exception_handler", "errorhandler"}:
            given = next(iter(decorator.positional()), None)
            if (
                given is not None
                and given.dotted() in {"Exception", "BaseException"}
                and symbol is not None
                and symbol.params
            ):
                yield symbol.params[-1].name, None, "any exception"


def _answers(index: FactIndex, body: Body, where: Catch | None, is_handler: bool) -> Iterator[tuple[Expr, str]]:
    """What is answered where an exception was caught: HTTP errors, responses, and what a handler returns."""
    area = where.body if where is not None else (body.symbol.loc if body.symbol is not None else None)
    infer = inference(index)
    for call in body.calls:
        if not inside(call.loc, area):
            continue
        for link in links(call.expr):
            origin = infer.origin(body.path, link.parts[0].dotted())
            if name_of(link) in _ANSWERS and origin.startswith(_WEB):
                yield link, "HTTP error" if name_of(link) == "HTTPException" else "response"
    for item in body.returns if is_handler else ():
        if item.value is not None and item.value.kind in {"mapping", "sequence"} and inside(item.loc, area):
            yield item.value, "answer"


def _leak(body: Body, answer: Expr, name: str, where: Catch | None, depth: int = 0) -> Expr | None:
    """Where an answer holds the text of the exception: `str(e)`, `f"{e}"`, `e.args`, a traceback, or the exception itself."""
    held = answer.parts[1:] if answer.kind == "call" else answer.parts
    for part in held:
        for expr in walk(part):
            if expr.kind == "call" and name_of(expr) == "format_exc":
                return expr
            if expr.kind == "call" and name_of(expr) in _TEXTS and any(p.dotted() == name for p in expr.parts[1:]):
                return expr
            if expr.kind == "interpolation" and any(p.dotted() == name for p in expr.parts if name):
                return expr
            if expr.kind == "attribute" and expr.text in {"args", "orig"} and expr.parts[0].dotted() == name:
                return expr
            if expr.kind == "name" and depth == 0 and where is not None:
                for assign in body.targets().get(expr.text, ()):
                    if inside(assign.loc, where.body) and assign.loc.end <= expr.loc.start:
                        found = _leak(body, Expr("other", "", assign.value.loc, (assign.value,)), name, where, 1)
                        if found is not None:
                            return expr
        if part.dotted() == name and name:
            return part
    return None


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
