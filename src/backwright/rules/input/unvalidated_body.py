"""BW201: what clients send is checked by a schema before our own code reads it."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc, Param
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, names_in, walk
from backwright.kit.callgraph import CallGraph, Hop, callgraph
from backwright.kit.chains import name_of, receiver_of
from backwright.kit.database import access
from backwright.kit.findings import Voice, place
from backwright.kit.handlers import Handler, handlers
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import libraries
from backwright.kit.naming import words
from backwright.kit.rawdata import raw_bodies
from backwright.kit.shapes import Rule
from backwright.rules.input._constraints_of_others import Unchecked, checks, unchecked
from backwright.rules.input._reads_of_others import checks_all, is_schemed, unchecked_read

_VOICE = Voice("BW201", "unvalidated-body", "error")
_SCHEMAS = frozenset({"pydantic.BaseModel", "sqlmodel.SQLModel", "marshmallow.Schema", "msgspec.Struct"})
_CHECKING = frozenset(
    {"model_validate", "parse_obj", "validate_python", "validate", "load", "loads", "convert", "is_valid", "parse",
     "verify", "verify_signature", "construct_event", "validate_request"}
)  # fmt: skip
# The other side decides what is in these, and signs it.
_FOREIGN = frozenset(
    {"hook", "webhook", "callback", "slack", "event", "stripe", "github", "telegram", "twilio", "proxy", "forward", "ingest",
     "scim", "rpc", "jsonrpc", "graphql", "saml", "oauth", "oauth2"}
)  # fmt: skip
_WRITING = frozenset({"POST", "PUT", "PATCH"})
# Fewer handlers than this are no style.
_STYLE = 3


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each handler that reads fields of a raw body on the way to its data, where others have schemas."""
    yield from _of_others(index, archmap)
    yield from _by_constraints(index, archmap)
    index = index.only(("python",))
    serving = Serving(index, archmap)
    graph = callgraph(index)
    found: list[tuple[Handler, Expr]] = []
    exemplar: tuple[str, Loc] | None = None
    for handler in handlers(index, archmap):
        if handler.path not in serving or handler.route.method not in _WRITING:
            continue
        if exemplar is None and (param := _schema_param(index, handler)) is not None:
            exemplar = handler.path, param
        if _is_foreign(handler):
            continue
        if access(index).chain(*handler.body.key) is None:
            continue
        raw = list(raw_bodies(graph, handler))
        if not raw or any(_is_checked(graph, body, names) for body, names, _ in raw):
            continue
        read = next((r for body, names, _ in raw[:1] if (r := _read_field(body, names)) is not None), None)
        if read is not None:
            found.append((handler, read))
    if exemplar is None:
        return
    for handler, read in found:
        yield _VOICE.finding(
            handler.path,
            read.loc,
            f"`{handler.route.method} {handler.route.path}` reads a body that no schema has checked",
            scope=handler.body.scope,
            text=f"{handler.route.method} {handler.route.path}",
            help=f"take a pydantic model as the body; {place(*exemplar)} does",
        )


def _by_constraints(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Bodies whose type says what they must be, and that nobody holds against it."""
    index = index.only({language for language in index.spoken if libraries(language).request.constraints})
    serving = Serving(index, archmap)
    found: list[tuple[Handler, Unchecked]] = []
    exemplar: Handler | None = None
    for handler in handlers(index, archmap) if index.files else ():
        if handler.path not in serving or handler.route.method not in _WRITING:
            continue
        body = unchecked(index, handler)
        if body is not None:
            found.append((handler, body))
        elif exemplar is None and checks(index, handler):
            exemplar = handler
    like = f"; {place(exemplar.path, exemplar.route.loc)} does" if exemplar is not None else ""
    for handler, body in found:
        schema, name = body.schema.symbol.name, body.field.name
        yield _VOICE.finding(
            handler.body.path,
            body.loc,
            f"`{schema}` says what `{name}` must be, and nobody checks `{body.name}` against it",
            scope=handler.body.scope,
            text=f"unchecked {schema}",
            help=f"let it be checked before it is used (`@Valid`, or a call of the validator){like}",
            related=[Hop(body.schema.path, body.field.loc, f"`{schema}.{name}` has a constraint").related()],
        )


def _of_others(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """The same in other languages; where no handler at all has a schema it is the style of the project, and is said once."""
    index = index.only({language for language in index.spoken if libraries(language).request.body})
    if not index.files or checks_all(index):
        return
    serving = Serving(index, archmap)
    found: list[tuple[Handler, Expr | Param]] = []
    exemplar: Handler | None = None
    for handler in handlers(index, archmap):
        if handler.path not in serving or handler.route.method not in _WRITING:
            continue
        if is_schemed(index, handler):
            exemplar = exemplar or handler
            continue
        if not _is_foreign(handler) and access(index).chain(*handler.body.key) is not None:
            read = unchecked_read(index, handler)
            if read is not None:
                found.append((handler, read))
    like = f"; {place(exemplar.path, exemplar.route.loc)} has one" if exemplar is not None else ""
    each = [
        _VOICE.finding(
            handler.path,
            read.loc,
            f"`{handler.route.method} {handler.route.path}` reads a body that no schema has checked",
            scope=handler.body.scope,
            text=f"{handler.route.method} {handler.route.path}",
            help=f"check the body against a schema before it is read{like}",
            related=[hop.related() for hop in access(index).chain(*handler.body.key) or ()],
        )
        for handler, read in found
    ]
    if exemplar is not None:
        yield from each
    elif len(each) >= _STYLE:
        message = f"{len(each)} handlers read bodies that no schema has checked"
        yield _VOICE.style(each, message, help="a schema before each handler says what clients may send")


def _is_foreign(handler: Handler) -> bool:
    named = words(f"{handler.route.path} {handler.body.scope} {handler.path}")
    return bool(_FOREIGN & {w.removesuffix("s") for w in named})


def _schema_param(index: FactIndex, handler: Handler) -> Loc | None:
    """Where a handler takes a schema as its body."""
    symbol = handler.body.symbol
    for param in symbol.params if symbol is not None else ():
        found = inference(index).annotation(handler.path, param.annotation)
        if (
            found is not None
            and found.definition is not None
            and _is_schema(index, found.definition)
            and not param.default
        ):
            return param.loc
    return None


def _is_schema(index: FactIndex, found: Definition) -> bool:
    """A class that checks what it is made of: SQLModel does not where the class is a table."""
    is_table = "table" in found.symbol.base_keys
    return found.symbol.kind == "class" and not is_table and bool(index.root_bases(found) & _SCHEMAS)


def _is_checked(graph: CallGraph, body: Body, names: frozenset[str]) -> bool:
    """`Order(**data)` of a schema, `Order.model_validate(data)`, a check of its signature."""
    for call in body.calls:
        for link in (e for e in walk(call.expr) if e.kind == "call"):
            if not any(e.text in names for p in link.parts[1:] for e in names_in(p)):
                continue
            if name_of(link) in _CHECKING:
                return True
            found = graph.inference.function(body.path, body.scope, link.parts[0])
            if found is not None and _is_schema(graph.index, found):
                return True
    return False


def _read_field(body: Body, names: frozenset[str]) -> Expr | None:
    """The first `data["name"]` or `data.get("name")`."""
    for top in body.expressions():
        for expr in walk(top):
            if expr.kind == "subscript" and expr.parts[0].dotted() in names and expr.parts[0].kind == "name":
                return expr
            receiver = receiver_of(expr) if expr.kind == "call" else None
            if receiver is not None and receiver.kind == "name" and receiver.text in names and name_of(expr) == "get":
                return expr
    return None


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust", "java", "kotlin"), check)
