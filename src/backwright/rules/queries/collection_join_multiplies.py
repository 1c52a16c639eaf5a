"""BW305: at most one collection of an entity is loaded by a join."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding, Fix
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import Hop
from backwright.kit.chains import name_of
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.loading import Loading, loading
from backwright.kit.patches import imported, replaced
from backwright.kit.shapes import Rule
from backwright.rules.queries._joined_in_typescript import joined as joined_in_typescript

_VOICE = Voice("BW305", "collection-join-multiplies", "advice")


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each query that joins several collections of one entity."""
    serving = Serving(index, archmap)
    for query in joined_in_typescript(index):
        if query.body.path in serving:
            help_ = (
                'load each by its own query: `relationLoadStrategy: "query"`, `separate: true`, or a query of its own'
            )
            yield _one(query.body, query.entity, query.names, help_)
    follow = loading(index)
    for link in bodies(index).called(("options",)):
        if link.body.path not in serving:
            continue
        joined = [found for part in link.expr.positional() if (found := _collection(follow, link.body, part))]
        owners = [owner for owner, _, _ in joined]
        for owner in dict.fromkeys(owners):
            names = [(name, where) for o, name, where in joined if o == owner]
            if len(names) > 1:
                sites = [s for s in bodies(index).called(("selectinload",)) if s.body.key != link.body.key]
                exemplar = f"; {place(sites[0].body.path, sites[0].expr.loc)} does" if sites else ""
                fix = _apart(index, link.body, names[1:])
                yield _one(link.body, owner, names, f"`selectinload` asks for each collection once{exemplar}", fix)


def _collection(follow: Loading, body: Body, part: Expr) -> tuple[str, str, Expr] | None:
    """Entity and name of the collection that `joinedload(Order.items)` joins."""
    inner = part
    while inner.kind == "call" and inner.parts[0].kind == "attribute" and inner.parts[0].parts[0].kind == "call":
        inner = inner.parts[0].parts[0]
    if inner.kind != "call" or name_of(inner) != "joinedload" or not inner.positional():
        return None
    given = inner.positional()[0]
    if given.kind != "attribute":
        return None
    entity = follow.entity(body.path, given.parts[0].dotted())
    relation = next((r for r in entity.table.relations if r.name == given.text), None) if entity is not None else None
    if entity is None or relation is None or not relation.many:
        return None
    return entity.table.entity, relation.name, inner


def _apart(index: FactIndex, body: Body, names: list[tuple[str, Expr]]) -> Fix | None:
    """`selectinload` in place of `joinedload`, for these: the rows are the same, one more query each.

    It does not take how to join (`innerjoin`).
    """
    known = imported(index, body.path, "sqlalchemy.orm", "selectinload")
    if known is None or any(where.parts[0].kind != "name" or any(where.keys) for _, where in names):
        return None
    patches = (replaced(body.path, where.parts[0].loc, "joinedload", "selectinload") for _, where in names)
    return Fix("Load it by a query of its own", "safe", patches=(*known, *patches))


def _one(body: Body, owner: str, names: list[tuple[str, Expr]], how: str, fix: Fix | None = None) -> Finding:
    shown = " and ".join(f"`{name}`" for name, _ in names)
    return _VOICE.finding(
        body.path,
        names[1][1].loc,
        f"{shown} of `{owner}` are joined in one query: it answers with every pair of them",
        scope=body.scope,
        text=f"{owner} {','.join(name for name, _ in names)}",
        help=how,
        related=[Hop(body.path, where.loc, f"joins `{name}`").related() for name, where in names],
        fix=fix,
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
