"""BW508: a row that a request names is asked whose it is, as the requests beside it do."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, walk
from backwright.kit.callgraph import Hop, shown
from backwright.kit.findings import Voice, place
from backwright.kit.handlers import Handler, handlers, injected
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule
from backwright.rules.security._django_visits import fetched
from backwright.rules.security._ownership import Caller, Ownership, derived, ownership

_VOICE = Voice("BW508", "missing-ownership-check", "warning")
_HOLE = re.compile(r"[{<]\s*(?:\w+\s*:\s*)?(\w+)(?::\w+)?\s*[}>]")
_WHO = re.compile(
    r"current_?\w*(user|account|member|tenant|org)|^(user|principal|account|member|tenant|subject|identity|auth_\w+|\w+_user|"
    r"authenticated_\w+|claims|token_data|me)$|auth(enticated|_subject|_user|_entity)",
    re.IGNORECASE,
)
# Rows that are meant for others too, and routes whose guard is another one.
_OPEN = re.compile(
    r"admin|public|share|webhook|callback|internal|superuser|staff|moderat|system|token|invite|invitation|verify|confirm|"
    r"health|download|preview|catalog|template|guest|anonymous|published|featured",
    re.IGNORECASE,
)
_OBJECT_GUARD = re.compile(
    r"admin|staff|superuser|permission|role|owner|(?<!login)_required|access|internal|api_?key", re.IGNORECASE
)
_ASKER = re.compile(rf"{_WHO.pattern}|log_?in|authenticated|current", re.IGNORECASE)
_ADMIN = re.compile(r"admin|superuser|staff|internal", re.IGNORECASE)
_OF_ONES_OWN = re.compile(
    r"(^|[/_-])(my|mine|me|own)([/_-]|$)"
)  # what the caller has to do with the row, not whose it is
_VERBS = frozenset({"get()", "post()", "put()", "patch()", "delete()", "route()", "api_route()", ""})

Key = tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """A handler that fetches a row by an id of the request (`fetch` with the `way` to the database), or lists rows."""

    title: str
    body: Body
    changes: bool
    caller: Caller
    guards: frozenset[str]
    condition: tuple[Hop, ...] | None
    fetch: Expr | None = None
    way: tuple[Hop, ...] = ()


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each handler that leaves out the condition which most handlers of the same rows have."""
    read = ownership(index)
    for group in _groups(index, read, Serving(index, archmap), archmap):
        yield from _left_out(read, group)


def _groups(index: FactIndex, read: Ownership, serving: Serving, archmap: ArchMap) -> Iterable[list[Visit]]:
    """The handlers of the same rows."""
    groups: dict[Key, list[Visit]] = defaultdict(list)
    served = [h for h in handlers(index, archmap) if h.path in serving]
    for handler in served:
        for key, visit in _by_route(index, read, handler):
            groups[key].append(visit)
    for handler in served:
        _add_list(index, read, handler, groups)
    for key, visit in _of_django(index, read, serving):
        groups[key].append(visit)
    return groups.values()


def _left_out(read: Ownership, group: Sequence[Visit]) -> Iterator[Finding]:
    asked = [v for v in group if v.condition is not None and not _OF_ONES_OWN.search(v.title)]
    known = frozenset(g for v in asked for g in v.guards)
    askers = frozenset(g for g in known if _ASKER.search(g) and "optional" not in g.lower())
    bare = [v for v in group if v.condition is None and v.guards <= known and _is_bare(read, v)]
    # a route that asks nobody who they are is open on purpose, or found by BW504
    bare = [v for v in bare if not askers or v.guards & askers]
    for visit in bare if len(bare) <= len(asked) else ():
        # what may be read by everybody is still changed by its owner only: readers are compared with readers
        sibling = next((v for v in asked if visit.changes or not v.changes), None)
        if sibling is not None:
            yield _one(visit, sibling, len(asked), len(group))


# -- by the paths of routes ----------------------------------------------------------------------------------------
def _by_route(index: FactIndex, read: Ownership, handler: Handler) -> Iterator[tuple[Key, Visit]]:
    """By the file and the part of the path that names the rows: `/orders/{id}`."""
    symbol, route = handler.body.symbol, handler.route
    hole = _HOLE.search(route.path)
    if symbol is None or hole is None or hole.group(1) not in {p.name for p in symbol.params}:
        return
    owners = derived(handler.body, _owners(index, handler))
    ids = derived(handler.body, {hole.group(1)})
    caller = Caller(handler.body, ids, owners - ids)
    found = read.fetch(caller)
    if found is not None:
        title, changes = f"{route.method} {route.path}", route.method not in {"GET", "HEAD"}
        condition = read.condition(caller)
        key = (handler.path, route.path[: hole.start()].rstrip("/"), hole.group(1))
        yield key, Visit(title, handler.body, changes, caller, _guards(index, handler), condition, *found)


def _add_list(index: FactIndex, read: Ownership, handler: Handler, groups: dict[Key, list[Visit]]) -> None:
    """A list that is cut down to the rows of the caller says that they are not for everybody."""
    route = handler.route
    keys = [k for k in groups if k[0] == handler.path and k[1] == route.path.rstrip("/")]
    if route.method != "GET" or not keys:
        return
    owners = derived(handler.body, _owners(index, handler))
    found = read.limit(handler.body, owners)
    if found is not None:
        caller = Caller(handler.body, frozenset(), owners)
        visit = Visit(f"GET {route.path}", handler.body, False, caller, _guards(index, handler), found)
        for key in keys:
            groups[key].append(visit)


def _owners(index: FactIndex, handler: Handler) -> Iterator[str]:
    """The parameters that say who sends the request."""
    symbol = handler.body.symbol
    for param in symbol.params if symbol is not None else ():
        provider = injected(index).of(handler.path, param)
        named = provider.symbol.name if provider is not None else param.name
        if named in handler.route.auth or (_WHO.search(named) and f"{{{param.name}" not in handler.route.path):
            yield param.name
    yield from ("current_user", "request.user", "g.user", "request.auth")


def _guards(index: FactIndex, handler: Handler) -> frozenset[str]:
    """Everything that may ask beside the function: its dependencies and decorators."""
    symbol = handler.body.symbol
    out = set(handler.route.auth)
    for param in symbol.params if symbol is not None else ():
        provider = injected(index).of(handler.path, param)
        if provider is not None:
            out.add(provider.symbol.qualname)
        elif param.default_expr is not None and param.default_expr.dotted().removesuffix("()") in {
            "Depends",
            "Security",
        }:
            out |= _dotted(param.default_expr)
    for decorator in symbol.decorators if symbol is not None else ():
        given = decorator.keyword("dependencies") if decorator.kind == "call" else None
        out |= _dotted(given) if given is not None else set()
        out.add(decorator.dotted().rpartition(".")[2])
    return frozenset(out - _VERBS)


def _dotted(expr: Expr) -> set[str]:
    return {e.dotted() for e in walk(expr) if e.kind in {"name", "attribute"}}


# -- by the models of Django ---------------------------------------------------------------------------------------
def _of_django(index: FactIndex, read: Ownership, serving: Serving) -> Iterator[tuple[Key, Visit]]:
    """By the file and the model."""
    for found in fetched(index, serving):
        caller = Caller(found.body, found.ids, found.owners)
        condition = read.condition(caller)
        if any(_OBJECT_GUARD.search(guard) for guard in found.guards):
            continue
        visit = Visit(found.body.scope, found.body, found.changes, caller, found.guards, condition, found.link)
        yield (found.body.path, *found.model.key), visit


# -- findings ------------------------------------------------------------------------------------------------------
def _is_bare(read: Ownership, visit: Visit) -> bool:
    """Whether nothing at all of a handler asks who sends the request."""
    if visit.fetch is None or _OPEN.search(visit.title) or _OPEN.search(visit.body.scope):
        return False
    if any(_ADMIN.search(guard) for guard in visit.guards):
        return False
    return not read.asks_otherwise(visit.caller) and not read.asks_below(visit.caller.body, visit.fetch)


def _one(visit: Visit, sibling: Visit, asked: int, all_: int) -> Finding:
    assert visit.fetch is not None
    assert sibling.condition is not None
    where = sibling.condition[-1]
    return _VOICE.finding(
        visit.body.path,
        visit.fetch.loc,
        f"`{visit.title}` {'changes' if visit.changes else 'returns'} whatever row the client names; "
        f"{asked} of {all_} handlers of these rows ask whose it is",
        scope=visit.body.scope,
        text=visit.title,
        help=f"ask for the owner in `{shown(visit.fetch)}` or after it, as {place(where.path, where.loc)} does",
        related=[
            *(hop.related() for hop in visit.way),
            Hop(sibling.body.path, sibling.condition[0].loc, f"`{sibling.body.scope}` asks").related(),
            *(hop.related() for hop in sibling.condition[1:]),
        ],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python",), check)
