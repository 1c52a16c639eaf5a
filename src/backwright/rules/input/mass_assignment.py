"""BW204: clients do not choose which columns of an entity they set."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Param
from backwright.core.findings import Finding
from backwright.kit.annotations import take_apart
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside, names_in, walk
from backwright.kit.callgraph import Hop, callgraph
from backwright.kit.chains import name_of
from backwright.kit.database import database
from backwright.kit.findings import Voice
from backwright.kit.handlers import Handler, handlers
from backwright.kit.index import FactIndex
from backwright.kit.loading import Entity, Loading, loading
from backwright.kit.rawdata import raw_bodies
from backwright.kit.shapes import Rule
from backwright.rules.input._bodies_of_others import taken

_VOICE = Voice("BW204", "mass-assignment", "error")
_HELP = "take a schema that has only the fields a client may set, and spread that"
# Columns that a client who creates something never sets.
_OWN = frozenset(
    {
        "id",
        "created_at",
        "updated_at",
        "hashed_password",
        "password_hash",
        "is_admin",
        "is_superuser",
        "is_staff",
        "owner_id",
    }
)


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Raw bodies of requests spread into entities, and entities that are the body themselves."""
    for body, where, what in taken(index, archmap):
        yield _VOICE.finding(
            body.path,
            where.loc,
            f"the body of the request is written as it came by `{what}`: clients may set every column",
            scope=body.scope,
            text=f"body into {what}",
            help=_HELP,
        )
    index = index.only(("python",))
    follow = loading(index)
    if not follow.entities:
        return
    serving = Serving(index, archmap)
    told: set[tuple[str, int]] = set()
    for handler in handlers(index, archmap):
        if handler.path not in serving:
            continue
        for body, names, way in raw_bodies(callgraph(index), handler):
            for where, what in _spread(follow, body, names):
                if (body.path, where.loc.start) not in told:
                    told.add((body.path, where.loc.start))
                    yield _VOICE.finding(
                        body.path,
                        where.loc,
                        f"the body of the request is spread into {what}: clients may set every column of it",
                        scope=body.scope,
                        text=f"spread into {what}",
                        help=_HELP,
                        related=[hop.related() for hop in way],
                    )
        yield from _entity_bodies(index, follow, handler)


def _spread(follow: Loading, body: Body, names: frozenset[str]) -> Iterator[tuple[Expr, str]]:
    """`Order(**data)`, `setattr(order, key, value)` for each of the data, `update().values(**data)`."""
    for call in body.calls:
        for link in (e for e in walk(call.expr) if e.kind == "call"):
            spread = [p for k, p in zip(link.keys[1:], link.parts[1:], strict=False) if k == "**" and _holds(p, names)]
            entity = _entity(follow, body, link)
            if spread and entity is not None:
                yield link, f"`{entity.table.entity}`"
            elif spread and name_of(link) == "values":
                yield link, "the statement"
    for loop in body.loops:
        if loop.iterable is None or not _holds(loop.iterable, names) or loop.kind == "comprehension":
            continue
        if any(inside(b.loc, loop.loc) for b in body.branches):
            continue  # a condition chooses the keys
        bound = loop.target.replace("(", "").replace(")", "").split(",")[0].strip()
        for call in body.calls:
            given = call.expr.positional()
            if (
                inside(call.loc, loop.loc)
                and name_of(call.expr) == "setattr"
                and len(given) == 3
                and given[1].dotted() == bound
            ):
                rows = follow.rows(body, given[0])
                if rows is not None:
                    yield call.expr, f"`{rows.entity.table.entity}`"


def _holds(expr: Expr, names: frozenset[str]) -> bool:
    """The data itself, or all that is in it."""
    inner = expr.parts[-1] if expr.kind == "other" and expr.parts else expr
    if inner.kind == "call" and name_of(inner) in {"items", "dict", "copy", "to_dict"}:
        return any(e.text in names for e in names_in(inner.parts[0]))
    return inner.kind == "name" and inner.text in names


def _entity(follow: Loading, body: Body, link: Expr) -> Entity | None:
    dotted = link.parts[0].dotted()
    return follow.entity(body.path, dotted) if dotted and "()" not in dotted else None


def _entity_bodies(index: FactIndex, follow: Loading, handler: Handler) -> Iterator[Finding]:
    """A SQLModel table as the body of a route that adds it as it came."""
    if handler.route.method not in {"POST", "PUT", "PATCH"} or handler.body.symbol is None:
        return
    for param in handler.body.symbol.params:
        if param.default_expr is not None or "Depends" in param.annotation:
            continue
        entity = follow.entity(handler.path, take_apart(param.annotation).name)
        if entity is None or entity.table.orm != "sqlmodel":
            continue
        own = sorted({c.name for c in entity.table.columns} & _OWN)
        if own and _is_kept(index, handler.body, param):
            yield _VOICE.finding(
                handler.path,
                param.loc,
                f"the body of this request is the entity `{entity.table.entity}` itself: clients may set `{own[0]}`",
                scope=handler.body.scope,
                text=param.name,
                help=_HELP,
                related=[Hop(entity.path, entity.table.loc, "the entity").related()],
            )


def _is_kept(index: FactIndex, body: Body, param: Param) -> bool:
    """Whether what came is added to the session as it came."""
    for call in database(index).of(body):
        if call.method in {"add", "merge"} and any(p.dotted() == param.name for p in call.link.parts[1:]):
            set_here = {a.target.dotted() for a in body.assigns}
            return not any(t.startswith(f"{param.name}.") for t in set_here)
    return False


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust", "java", "kotlin"), check)
