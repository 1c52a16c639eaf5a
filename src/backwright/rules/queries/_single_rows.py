"""One row that a name holds where its lazy relations cannot be loaded any more: of an async session, or of a closed one."""

from __future__ import annotations

from dataclasses import dataclass

from backwright.core.facts import Assign, Call, Expr, Loc, Relation
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop
from backwright.kit.chains import name_of, root_of
from backwright.kit.database import DbCall
from backwright.kit.handlers import injected
from backwright.kit.loading import Entity, Loading, Rows
from backwright.kit.testfiles import is_test_file

_ASYNC = "an async session cannot load it then (MissingGreenlet)"
_CLOSED = "the session that gave the row is closed by then (DetachedInstanceError)"
_LOADERS = frozenset({"selectinload", "joinedload", "subqueryload", "contains_eager"})
_SENDING = frozenset({"flush", "commit"})
_DUMPS = frozenset({"dict", "model_dump", "jsonable_encoder"})


@dataclass(frozen=True)
class Held:
    """A row, the query that gave it, and why its relations cannot be loaded later. `made` where code made it."""

    rows: Rows
    query: Hop
    why: str
    made: bool = False


class SingleRows:
    """The single rows of one project."""

    def __init__(self, follow: Loading) -> None:
        self.follow = follow
        self.index = follow.index
        self._queries: dict[tuple[str, int, int], DbCall] = {
            (call.body.path, call.link.loc.start, call.link.loc.end): call
            for calls in follow.db.calls.values()
            for call in calls
        }

    def closing(self) -> frozenset[str]:
        """Names of functions that open a session, give a row of it away and close it."""
        found = (c for calls in self.follow.db.calls.values() for c in calls if not c.call.awaited and c.body.returns)
        return frozenset(c.body.scope.rpartition(".")[2] for c in found if self._is_closed(c))

    def held(self, body: Body, expr: Expr) -> Held | None:
        """The row that a name, or a loaded relation of one, holds."""
        if expr.kind == "attribute":
            owner = self.held(body, expr.parts[0]) if expr.parts[0].kind in {"name", "attribute"} else None
            return self.beyond(owner, expr.text) if owner is not None else None
        if expr.kind not in {"name", "await", "call"}:
            return None
        rows = self.follow.rows(body, expr)
        if rows is None and expr.kind == "name":
            rows = self._injected(body, expr.text)
        if rows is None:
            return self._made(body, expr) if expr.kind == "name" else None
        if rows.many or rows.loaded is None or rows.query is None:
            return None
        why = self._why(body, rows.query)
        return Held(rows, rows.query, why) if why else None

    def beyond(self, held: Held, name: str) -> Held | None:
        """The row on the other side of a relation that came with this one."""
        rows = held.rows
        relation = next((r for r in rows.entity.table.relations if r.name == name), None)
        target = self.follow.target(rows.entity, relation) if relation is not None else None
        if relation is None or target is None or relation.many or held.made or rows.lazy(name) is not None:
            return None
        return Held(Rows(target, rows.loaded, None, many=False), held.query, held.why)

    def _why(self, body: Body, query: Hop) -> str:
        call = self._queries.get((query.path, query.loc.start, query.loc.end))
        if call is None:
            return ""
        if call.call.awaited:
            return _ASYNC
        return _CLOSED if call.body is not body and self._is_closed(call) else ""

    def _is_closed(self, call: DbCall) -> bool:
        """Whether the function of a query opens its session by itself: it is closed when the function returns."""
        opened = [a for a in call.body.targets().get(root_of(call.link), ()) if a.op == "with"]
        return bool(opened) and all(self._is_fresh(call.body, a) for a in opened)

    def _is_fresh(self, body: Body, assign: Assign) -> bool:
        """`Session(engine)`, `SessionLocal()`: no function of this project, which may keep what it opened."""
        value = assign.value
        if value.kind != "call" or self.follow.graph.target(body, value) is not None:
            return False
        made = self.follow.graph.inference.of(body.path, body.scope, value)
        return made is not None and made.definition is None and made.last == "Session"

    def _injected(self, body: Body, name: str) -> Rows | None:
        """What the framework provides for a parameter: `order: Order = Depends(get_order)`."""
        param = next((p for p in body.symbol.params if p.name == name), None) if body.symbol is not None else None
        if param is None or body.targets().get(name):
            return None
        found = injected(self.index).of(body.path, param)
        inner = self.follow.graph.body_of(found) if found is not None else None
        values = [r.value for r in inner.returns if r.value is not None] if inner is not None else []
        return self.follow.rows(inner, values[0]) if inner is not None and len(values) == 1 else None

    # -- rows that code made -----------------------------------------------------------------------------------------
    def _made(self, body: Body, expr: Expr) -> Held | None:
        """`order = Order(…)`, after an async session has sent it."""
        assigns = [a for a in body.targets().get(expr.text, ()) if a.loc.start < expr.loc.start]
        if len(assigns) != 1 or assigns[0].value.kind != "call" or assigns[0].target.kind != "name":
            return None
        value = assigns[0].value
        entity = self.follow.entity(body.path, value.parts[0].dotted())
        given = self._given(value) if entity is not None and not self._is_dataclass(entity) else None
        if entity is None or given is None or not _is_added(body, expr.text):
            return None
        sent = [
            c
            for c in self.follow.db.of(body)
            if c.method in _SENDING and c.call.awaited and assigns[0].loc.end < c.link.loc.start < expr.loc.start
        ]
        if not sent:
            return None
        hop = Hop(body.path, sent[0].link.loc, f"`{sent[0].shown}` sends the row")
        return Held(Rows(entity, given, hop, many=False), hop, _ASYNC, made=True)

    def _is_dataclass(self, entity: Entity) -> bool:
        """Whether making a row sets all of its attributes, relations among them."""
        cls = self.follow.definition(entity)
        bases = self.index.root_bases(cls) if cls is not None else set()
        return any(base.rpartition(".")[2] == "MappedAsDataclass" for base in bases)

    @staticmethod
    def _given(value: Expr) -> frozenset[str] | None:
        """The attributes that a constructor sets; None where they cannot be told."""
        for key, part in zip(value.keys[1:], value.parts[1:], strict=True):
            if key == "*" or (key == "**" and (part.kind != "call" or name_of(part) not in _DUMPS)):
                return None
        return frozenset(value.keys[1:]) - {"", "**"}

    # -- what makes a relation known ---------------------------------------------------------------------------------
    def is_known(self, body: Body, owner: Expr, held: Held, relation: Relation, at: Loc) -> bool:
        """Whether something before a read has loaded or set the relation of this row."""
        name = owner.dotted()
        if any(a.loc.start < at.start for a in body.targets().get(f"{name}.{relation.name}", ())):
            return True
        if any(_refreshes(c, name, relation.name) for c in body.calls if c.loc.start < at.start):
            return True
        if held.made and _is_read_before(body, name, relation.name, held.query.loc):
            return True
        return not relation.many and self._is_in_session(body, held.rows.entity, relation, at)

    def _is_in_session(self, body: Body, entity: Entity, relation: Relation, at: Loc) -> bool:
        """What a single relation leads to is found without a query if the session already has it."""
        target = self.follow.target(entity, relation)
        if target is None:
            return True
        before = [c.call.expr for c in self.follow.db.of(body) if c.link.loc.end < at.start]
        before += [a.value for a in body.assigns if a.loc.end < at.start and a.op == "="]
        found = (self.follow.rows(body, e) for e in before)
        if any(rows is not None and rows.entity == target for rows in found):
            return True
        params = body.symbol.params if body.symbol is not None else ()
        typed = (self.follow.graph.inference.param(body.path, p) for p in params)
        return any(
            t is not None
            and t.definition is not None
            and (t.definition.path, t.definition.symbol.qualname) == (target.path, target.table.entity)
            for t in typed
        )

    def exemplar(self, entity: Entity, relation: Relation, near: str) -> tuple[str, Loc] | None:
        """Where this project loads the relation with a query."""
        wanted = f"{entity.table.entity}.{relation.name}"
        places = [
            (link.body.path, link.expr.loc)
            for link in bodies(self.index).called(_LOADERS)
            if not is_test_file(link.body.path) and any(p.dotted() == wanted for p in link.expr.positional())
        ]
        return min(places, key=lambda p: (p[0] != near, p[0], p[1].start), default=None)


def _is_added(body: Body, name: str) -> bool:
    return any(
        name_of(c.expr) in {"add", "add_all", "merge"}
        and any(e.kind == "name" and e.text == name for p in c.expr.parts[1:] for e in walk(p))
        for c in body.calls
    )


def _refreshes(call: Call, name: str, relation: str) -> bool:
    """`session.refresh(order, ["lines"])`, or with names that cannot be read."""
    if name_of(call.expr) != "refresh" or len(call.expr.parts) < 2 or call.expr.parts[1].dotted() != name:
        return False
    given = call.expr.keyword("attribute_names") or next(iter(call.expr.positional()[1:]), None)
    if given is None:
        return False
    texts = [e.text for e in given.parts if e.kind == "string"]
    return given.kind != "sequence" or len(texts) < len(given.parts) or relation in texts


def _is_read_before(body: Body, name: str, relation: str, sent: Loc) -> bool:
    """Whether a relation of a new row was touched before the row was sent: it is there from then on."""
    wanted = f"{name}.{relation}"
    tops = [top for top in body.expressions() if top.loc.start < sent.start]
    return any(n.kind == "attribute" and n.dotted() == wanted for top in tops for n in walk(top))
