"""BW203: a list endpoint answers with a page, and the client cannot ask for one without an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Param, Span
from backwright.core.findings import Finding, Fix, Patch
from backwright.kit.annotations import split, take_apart
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import CallGraph, Hop, callgraph
from backwright.kit.chains import awaited, links, name_of, receiver_of
from backwright.kit.database import access
from backwright.kit.findings import Voice, heading, span_of
from backwright.kit.handlers import Handler, handlers, roles
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference
from backwright.kit.pages import PAGING, Limit, is_bounded, limits_of, params_of
from backwright.kit.patches import appended, imported, inserted, replaced
from backwright.kit.shapes import Rule
from backwright.rules.input._limits_of_others import endless
from backwright.rules.input._sizes_of_others import Endless, chosen

_VOICE = Voice("BW203", "unbounded-page-size", "warning")
_DEPTH = 4
_ALL = frozenset({"all", "fetchall", "fetch_all", "fetch"})
_CUTTING = frozenset(
    {"limit", "slice", "paginate", "apaginate", "fetchmany", "fetch_page", "first", "one", "one_or_none",
     "scalar_one", "scalar_one_or_none"}
)  # fmt: skip
_ENVELOPE = frozenset({"items", "data", "results", "records", "rows", "objects", "entries", "list"})
# Fewer lists than this are no style.
_STYLE = 3
_MOST = 100  # rows, where nothing says how many a client may ask for
_NUMBERS = frozenset({"Number", "parseInt", "parseFloat"})
_MODELS = frozenset({"BaseModel", "SQLModel"})


@dataclass(frozen=True)
class Lister:
    """A handler of a list route, with everything it runs that leads to data."""

    handler: Handler
    reached: tuple[Body, ...]
    limits: tuple[Limit, ...]


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Limits without a maximum, each once; lists without pages, or one finding where most lists have none."""
    yield from _of_others(index, archmap)
    index = index.only(("python",))
    graph = callgraph(index)
    listers = [found for h in _readers(index, archmap) if (found := _lister(index, graph, h)) is not None]
    seen: set[tuple[str, int]] = set()
    paged: list[Span] = []
    for lister in listers:
        for limit in lister.limits:
            where = limit.path, limit.loc.start
            if is_bounded(graph, limit):
                paged.append(span_of(limit.path, limit.loc))
            elif where not in seen and _is_used(lister, limit):
                seen.add(where)
                yield _endless(index, lister, limit, _bounded_sibling(graph, listers))
    whole = [(lister, site) for lister in listers if (site := _returns_everything(index, lister)) is not None]
    lists = sum(1 for lister in listers if _answers_list(index, lister))
    each = [_everything(lister, site, paged) for lister, site in whole]
    if len(whole) >= _STYLE and len(whole) * 2 > lists:
        yield _VOICE.style(
            each,
            f"{len(whole)} of {lists} list endpoints answer with every row that matches, without pages",
            help="a limit with a maximum keeps answers small when tables grow",
        )
    else:
        yield from each


def _of_others(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Limits without a maximum in other languages."""
    index = index.only(index.spoken - {"python"})
    graph, seen = callgraph(index), set()
    for handler in _readers(index, archmap) if index.files else ():
        found = chosen(index, handler)
        if found is None and access(index).chain(*handler.body.key) is not None:
            found = endless(index, handler, _reached(index, graph, handler.body))
        if found is None or (found.path, found.loc.start) in seen:
            continue
        seen.add((found.path, found.loc.start))
        yield _VOICE.finding(
            found.path,
            found.loc,
            f"`{found.name}` is chosen by the client and has no maximum",
            scope=found.scope,
            text=found.name,
            help="give it one in its schema, or compare it with one before it reaches the query",
            related=[found.cut.related()],
            fix=_clamped(index, found),
        )


def _clamped(index: FactIndex, found: Endless) -> Fix | None:
    """`Math.min(Number(req.query.limit), 100)`, where a number is made of it in place."""
    body = bodies(index).get(found.path, found.scope)
    if body is None or index.files[found.path].language != "typescript":
        return None
    nodes = [e for top in body.expressions() for e in walk(top)]
    made = [
        e for e in nodes if e.kind == "call" and name_of(e) in _NUMBERS and any(p.loc == found.loc for p in e.parts[1:])
    ]
    if len(made) != 1:
        return None
    patches = (
        inserted(found.path, made[0].loc.start, "Math.min("),
        inserted(found.path, made[0].loc.end, f", {_MOST})"),
    )
    return Fix("Give it a maximum", "review", patches=patches)


def _readers(index: FactIndex, archmap: ArchMap) -> Iterator[Handler]:
    reading = {(path, route.handler) for path, route in index.routes() if route.method == "GET"}
    web = roles(archmap)
    for handler in handlers(index, archmap):
        if (handler.path, handler.route.handler) in reading and web.get(handler.path) != "test":
            yield handler


def _lister(index: FactIndex, graph: CallGraph, handler: Handler) -> Lister | None:
    if access(index).chain(*handler.body.key) is None:
        return None
    return Lister(handler, tuple(_reached(index, graph, handler.body)), tuple(limits_of(index, handler.body)))


def _reached(index: FactIndex, graph: CallGraph, start: Body) -> Iterator[Body]:
    """The functions on the way from a handler to its data."""
    reach = access(index)
    seen: set[tuple[str, str]] = set()
    queue = [(body, 0) for body in bodies(index).with_inner(start)]
    while queue:
        body, depth = queue.pop(0)
        if body.key in seen:
            continue
        seen.add(body.key)
        yield body
        for call in body.calls if depth < _DEPTH else ():
            for link in links(call.expr):
                if reach.through(body, link) is not None and (target := graph.target(body, link)) is not None:
                    found = graph.body_of(target)
                    if found is not None:
                        queue.append((found, depth + 1))


def _is_used(lister: Lister, limit: Limit) -> bool:
    """Whether a limit does anything here: one of a provider does, one of the handler where its name is read."""
    if (limit.path, limit.scope) != lister.handler.body.key:
        return True
    return any(
        e.kind == "name" and e.text == limit.name for top in lister.handler.body.expressions() for e in walk(top)
    )


def _endless(index: FactIndex, lister: Lister, limit: Limit, sibling: Span | None) -> Finding:
    handler = lister.handler
    example = f"; {sibling} does" if sibling is not None else ""
    return _VOICE.finding(
        limit.path,
        limit.loc,
        f"`{limit.name}` is chosen by the client and has no maximum",
        scope=limit.scope,
        text=limit.name,
        help=f"give it one, such as `Query(le=100)`, or clamp it with `min`{example}",
        related=[
            Hop(
                handler.path,
                heading(handler.body.symbol),
                f"`{handler.route.handler}` answers {handler.route.path or '/'} with it",
            ).related()
        ]
        if handler.body.symbol is not None and handler.body.scope != limit.scope
        else (),
        fix=_bound(index, limit),
    )


def _bound(index: FactIndex, limit: Limit) -> Fix | None:
    """`le=100` in the `Query(…)` that declares the limit, or a `Query` in place of its plain default."""
    nodes = [e for expr in limit.exprs for e in walk(expr)]
    declared = next((e for e in nodes if e.kind == "call" and name_of(e) in {"Query", "Field"}), None)
    if declared is not None:
        given = declared.parts[1:]
        most = f"le={_most(declared)}"
        patches = (
            appended(limit.path, declared, most)
            if given
            else (Patch(limit.path, declared.loc.end - 1, declared.loc.end, f"{most})", ")"),)
        )
        return Fix("Give it a maximum", "review", patches=patches) if patches is not None else None
    default = limit.exprs[-1] if len(limit.exprs) == 2 else None
    owner = index.symbols(limit.path).get(limit.scope)
    is_model = owner is not None and any(
        base.rpartition(".")[2] in _MODELS for base in index.root_bases(Definition(limit.path, owner))
    )
    module, name = ("pydantic", "Field") if is_model else ("fastapi", "Query")
    known = imported(index, limit.path, module, name)
    if default is None or default.kind != "constant" or not default.text.isdigit() or known is None:
        return None
    text = f"{name}({default.text}, le={_most(default)})"
    return Fix("Give it a maximum", "review", patches=(*known, replaced(limit.path, default.loc, default.text, text)))


def _most(expr: Expr) -> int:
    """A hundred, or the default where that is more."""
    return max([_MOST, *(int(e.text) for e in walk(expr) if e.kind == "constant" and e.text.isdigit())])


def _bounded_sibling(graph: CallGraph, listers: list[Lister]) -> Span | None:
    return next(
        (span_of(lim.path, lim.loc) for lister in listers for lim in lister.limits if is_bounded(graph, lim)), None
    )


def _returns_everything(index: FactIndex, lister: Lister) -> Hop | None:
    """The place that fetches all rows for a list route without any page."""
    if "{" in lister.handler.route.path or not _answers_list(index, lister) or _has_pages(index, lister):
        return None
    for body in lister.reached:
        for call in body.calls:
            for link in links(call.expr):
                if (
                    name_of(link) in _ALL
                    and not _is_grouped(body)
                    and link.parts[0].kind == "attribute"
                    and _is_rows(index, body, link.parts[0].parts[0].dotted())
                ):
                    return Hop(body.path, link.loc, "all rows are fetched here")
    return None


def _returns_rows(index: FactIndex, body: Body) -> bool:
    """Whether a function without a declared answer returns what `.all()` gave it, itself or under a name."""
    values = [item.value for item in body.returns if item.value is not None]
    values += [a.value for v in values if v.kind == "name" for a in body.targets().get(v.text, ())]
    calls = (awaited(v) for v in values)
    return any(
        call.kind == "call"
        and name_of(call) in _ALL
        and (receiver := receiver_of(call)) is not None
        and _is_rows(index, body, receiver.dotted())
        for call in calls
    )


def _is_grouped(body: Body) -> bool:
    """Sums and counts by group: as many rows as there are groups."""
    return any(name_of(link) == "group_by" for call in body.calls for link in links(call.expr))


def _is_rows(index: FactIndex, body: Body, receiver: str) -> bool:
    """`.all()` of something that came from the database: not of a dict or a settings object."""
    if any(
        word in receiver
        for word in ("execute()", "scalars()", "query()", "exec()", "fetch", "conn", "session", "db", "unique()")
    ):
        return True
    head = receiver.partition(".")[0]
    return any(
        e.kind == "call" and name_of(e) in {"execute", "scalars", "exec", "query", "stream"}
        for a in body.targets().get(head, ())
        for e in walk(a.value)
    )


def _has_pages(index: FactIndex, lister: Lister) -> bool:
    names = {p.name.lower() for p in params_of(index, lister.handler.body)}
    if any(PAGING.search(name) for name in names) or lister.limits:
        return True
    if any(isinstance(p, Param) and take_apart(p.annotation).many for p in params_of(index, lister.handler.body)):
        return True  # the client lists what it wants: the request bounds the answer
    if "Page" in lister.handler.route.response or "Paginat" in lister.handler.route.response:
        return True
    return any(
        name_of(link) in _CUTTING or (name_of(link) == "text" and "limit" in _strings(link))
        for body in lister.reached
        for call in body.calls
        for link in links(call.expr)
    )


def _strings(link: Expr) -> str:
    return " ".join(e.text.lower() for e in walk(link) if e.kind == "string")


def _answers_list(index: FactIndex, lister: Lister) -> bool:
    """Whether the response is a list, or an envelope with a list in it."""
    handler = lister.handler
    text = handler.route.response
    if not text:
        return _returns_rows(index, handler.body)
    if text == "None":
        return False
    read = take_apart(text)
    if read.many:
        return not any(a in {"str", "int"} for a in split(text[text.find("[") + 1 : -1], ","))
    found = inference(index).annotation(handler.path, text)
    if found is None or found.definition is None:
        return False
    fields = [f for owner in (found.definition, *index.bases(found.definition)) for f in owner.symbol.fields]
    return any(take_apart(f.annotation).many and f.name in _ENVELOPE for f in fields)


def _everything(lister: Lister, site: Hop, paged: list[Span]) -> Finding:
    handler = lister.handler
    symbol = handler.body.symbol
    assert symbol is not None
    example = f"; {paged[0]} has them" if paged else ""
    return _VOICE.finding(
        handler.path,
        heading(symbol),
        f"`{symbol.name}` answers with every row that matches: it has no pagination",
        scope=handler.body.scope,
        text="no pagination",
        help=f"add a limit with a maximum, and an offset or a cursor{example}",
        related=[site.related()],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "java", "kotlin"), check)
