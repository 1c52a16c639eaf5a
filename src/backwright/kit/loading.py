"""Which rows an expression holds, of which entity, and which of its relations the query loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from backwright.core.facts import Expr, Relation, Table
from backwright.kit.bodies import Body, walk
from backwright.kit.callgraph import CallGraph, Hop, callgraph
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.database import database
from backwright.kit.following import MAX_DEPTH, Following
from backwright.kit.index import Definition, FactIndex

_LOADERS = frozenset(
    {"selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager", "raiseload", "noload",
     "defaultload", "load_only", "defer", "undefer", "with_loader_criteria", "lazyload", "Load", "joinedload_all",
     "selectin_polymorphic", "with_expression", "undefer_group"}
)  # fmt: skip
_EAGER = frozenset(
    {"selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager", "raiseload", "noload"}
)
_ONE = frozenset({"first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "scalar", "get", "get_one"})
_SAME = frozenset({"scalars", "all", "unique", "fetchall", "partitions", "yield_per", "execution_options"})
_BUILDING = frozenset(
    {"options", "filter", "filter_by", "where", "order_by", "limit", "offset", "join", "outerjoin", "distinct",
     "populate_existing", "with_for_update", "select_from", "having", "slice", "enable_eagerloads", "paginate"}
)  # fmt: skip
_NOT_ENTITIES = frozenset(
    {
        "with_only_columns",
        "values",
        "with_entities",
        "columns",
        "mappings",
        "tuples",
        "from_self",
        "from_statement",
    }
)
_SCALARS = frozenset({"count", "exists", "delete", "update", "scalar", "add_columns"})
_OTHER = "django orm"  # it names what a query loads in another way: `kit.django`
# Relations with one of these are loaded with the query, or refuse to be loaded later.
_LOADED = frozenset(
    {"selectin", "joined", "subquery", "immediate", "raise", "raise_on_sql", "noload", "dynamic", "write_only", "False"}
)


@dataclass(frozen=True)
class Entity:
    """An entity by the file and name of its class."""

    path: str
    table: Table

    def lazy(self, name: str) -> Relation | None:
        """The relation of this name, if nothing in its declaration loads it."""
        found = next((r for r in self.table.relations if r.name == name), None)
        return found if found is not None and found.loading.strip("'\"") not in _LOADED else None


@dataclass(frozen=True)
class Rows:
    """Rows of an entity: `loaded` names what the query loads (None: cannot be told), `query` is where it runs."""

    entity: Entity
    loaded: frozenset[str] | None
    query: Hop | None
    many: bool = True

    def lazy(self, name: str) -> Relation | None:
        """The relation of this name, if reading it on one of these rows sends a query of its own."""
        if self.loaded is None or name in self.loaded:
            return None
        return self.entity.lazy(name)


class Loading(Following[Rows]):
    """Follows rows through one project."""

    def __init__(self, index: FactIndex) -> None:
        super().__init__()
        self.index = index
        self.graph: CallGraph = callgraph(index)
        self.db = database(index)
        self.entities: dict[tuple[str, str], Entity] = {
            (p, t.entity): Entity(p, t) for p, t in index.tables() if t.orm != _OTHER
        }
        self._add_backrefs()
        self.by_name: dict[str, list[Entity]] = {}
        for entity in self.entities.values():
            self.by_name.setdefault(entity.table.entity, []).append(entity)

    def _add_backrefs(self) -> None:
        """`relationship("Customer", backref="orders")` makes `Customer.orders`, which no class declares."""
        named: dict[str, list[tuple[str, str]]] = {}
        for key in self.entities:
            named.setdefault(key[1], []).append(key)
        for entity in list(self.entities.values()):
            cls = self.definition(entity)
            for item in cls.symbol.fields if cls is not None else ():
                forward = next((r for r in entity.table.relations if r.name == item.name), None)
                given = item.value_expr.keyword("backref") if item.value_expr is not None else None
                back = next(iter(given.positional()), None) if given is not None and given.kind == "call" else given
                if forward is None or given is None or back is None or back.kind != "string":
                    continue
                known = named.get(forward.target.strip("'\"").rpartition(".")[2], [])
                lazy = given.keyword("lazy") if given.kind == "call" else None
                if len(known) == 1:
                    other = self.entities[known[0]]
                    many = not forward.many or (item.value_expr or given).keyword("secondary") is not None
                    loading = lazy.text if lazy is not None else ""
                    relation = Relation(back.text, entity.table.entity, many, item.loc, item.name, loading)
                    relations = (*other.table.relations, relation)
                    self.entities[known[0]] = Entity(other.path, structs.replace(other.table, relations=relations))

    def entity(self, path: str, name: str) -> Entity | None:
        """The entity that a name in a file means."""
        found = self.graph.inference.resolve(path, name)
        return self.entities.get((found.path, found.symbol.qualname)) if found is not None else None

    def definition(self, entity: Entity) -> Definition | None:
        """The class of an entity."""
        symbol = self.index.symbols(entity.path).get(entity.table.entity)
        return Definition(entity.path, symbol) if symbol is not None else None

    def target(self, entity: Entity, relation: Relation) -> Entity | None:
        """The entity on the other side of a relation."""
        name = relation.target.strip("'\"").rpartition(".")[2]
        known = self.by_name.get(name, [])
        return self.entity(entity.path, name) or (known[0] if len(known) == 1 else None)

    # -- rows ------------------------------------------------------------------------------------------------------
    def _some(self, rows: Rows, *, many: bool) -> Rows:
        return replace(rows, many=many)

    def _named(self, body: Body, expr: Expr, depth: int) -> Rows | None:
        found: Rows | None = None
        for assign in body.targets().get(expr.text, ()):
            if assign.target.kind == "sequence" or assign.loc.start > expr.loc.start or assign.op not in {"=", "for"}:
                continue
            rows = self.rows(body, assign.value, depth + 1)
            if rows is None:
                continue
            if assign.op == "for":
                rows = replace(rows, many=False)
            # several queries into one name: what any of them loads counts as loaded
            loaded = None if found is not None and (found.loaded is None or rows.loaded is None) else rows.loaded
            found = (
                rows
                if found is None
                else replace(
                    rows, loaded=loaded | found.loaded if loaded is not None and found.loaded is not None else None
                )
            )
        return found

    def _picked(self, body: Body, expr: Expr, depth: int) -> Rows | None:
        """`[o for o in orders if …]`."""
        clause = next(
            (p for p in expr.parts if p.kind == "other" and p.text == "for_in_clause" and len(p.parts) > 1), None
        )
        if clause is None or expr.parts[0].kind != "name" or expr.parts[0].text != clause.parts[0].dotted():
            return None
        return self.rows(body, clause.parts[-1], depth + 1)

    def _called(self, body: Body, expr: Expr, depth: int) -> Rows | None:
        chain = list(links(expr))
        names = [name_of(link) for link in chain]
        if any(n in _NOT_ENTITIES for n in names):
            return None
        if (asked := self._model_query(body, chain, names)) is not None:
            return asked
        at = next((i for i, link in enumerate(chain) if self._is_query(body, link)), None)
        if at is not None:
            return self._queried(body, chain[at], names[: at + 1], depth)
        if names[0] in {"list", "sorted", "tuple", "reversed"} and expr.parts[0].kind == "name" and len(expr.parts) > 1:
            return self.rows(body, expr.parts[1], depth + 1)
        if names[0] == "cast" and len(expr.positional()) == 2:
            return self.rows(body, expr.positional()[1], depth + 1)
        receiver = receiver_of(expr)
        if names[0] in _SAME | _ONE and receiver is not None:
            found = self.rows(body, receiver, depth + 1)
            if found is not None:
                return replace(found, many=found.many and names[0] not in _ONE)
        if names[0] in _BUILDING and receiver is not None:
            # `query = query.options(…)`, the legacy query taken further
            found, more = self.rows(body, receiver, depth + 1), _options(expr)
            if found is not None:
                return replace(found, loaded=None if found.loaded is None or more is None else found.loaded | more)
        target = self.graph.target(body, expr)
        inner = self.graph.body_of(target) if target is not None else None
        if inner is None or inner is body:
            return None
        return next(
            (
                r
                for i in inner.returns
                if i.value is not None and (r := self.rows(inner, i.value, depth + 1)) is not None
            ),
            None,
        )

    def _model_query(self, body: Body, chain: list[Expr], names: list[str]) -> Rows | None:
        """`Order.query.filter_by(…).all()` of Flask-SQLAlchemy."""
        root = receiver_of(chain[-1])
        if root is None or root.kind != "attribute" or root.text != "query" or _SCALARS.intersection(names):
            return None
        entity = self.entity(body.path, root.parts[0].dotted())
        hop = Hop(body.path, chain[-1].loc, "this query loads the rows")
        many = not _ONE.union({"get_or_404", "first_or_404", "one_or_404"}).intersection(names)
        return Rows(entity, _options(chain[0]), hop, many=many) if entity is not None else None

    def _is_query(self, body: Body, link: Expr) -> bool:
        return any(c.link.loc.start == link.loc.start and c.link.loc.end == link.loc.end for c in self.db.of(body))

    def _queried(self, body: Body, link: Expr, names: list[str], depth: int) -> Rows | None:
        method = names[-1]
        positional = link.positional()
        statement = positional[0] if positional else link.keyword("statement") or link.keyword("entity")
        if statement is None:
            return None
        hop = Hop(body.path, link.loc, "this query loads the rows")
        if method in {"get", "get_one"}:
            entity = self.entity(body.path, statement.dotted())
            options = link.keyword("options")
            loaded = (
                _loaded(options.parts)
                if options is not None and options.kind == "sequence"
                else None
                if options is not None
                else frozenset[str]()
            )
            return Rows(entity, loaded, hop, many=False) if entity is not None else None
        if method == "query":
            return self._orm_query(body, link, hop, names)
        found = self.statement(body, statement, depth + 1)
        if found is None:
            return None
        return Rows(found[0], found[1], hop, many=not any(n in _ONE for n in names))

    def _orm_query(self, body: Body, link: Expr, hop: Hop, names: list[str]) -> Rows | None:
        """`session.query(Order).options(…).all()`, the whole chain being at hand."""
        if len(link.positional()) != 1:
            return None
        entity = self.entity(body.path, link.positional()[0].dotted())
        if entity is None:
            return None
        whole = next(
            (
                c.expr
                for c in body.calls
                if c.loc.start <= link.loc.start and link.loc.end <= c.loc.end and link in set(links(c.expr))
            ),
            link,
        )
        loaded = _options(whole)
        return Rows(entity, loaded, hop, many=not any(n in _ONE for n in names))

    def _attribute(self, body: Body, expr: Expr, depth: int) -> Rows | None:
        """`order.items` where `order` is one row: the rows on the other side."""
        owner = self.rows(body, expr.parts[0], depth + 1)
        if owner is not None and owner.many and expr.text == "items":
            return owner  # of a page
        if owner is None or owner.many:
            return None
        relation = next((r for r in owner.entity.table.relations if r.name == expr.text), None)
        if relation is None:
            return None
        other = self.target(owner.entity, relation)
        if other is None:
            return None
        return Rows(
            other, owner.loaded, Hop(body.path, expr.loc, f"`{expr.dotted()}` is read here"), many=relation.many
        )

    # -- statements ------------------------------------------------------------------------------------------------
    def statement(self, body: Body, expr: Expr, depth: int = 0) -> tuple[Entity, frozenset[str] | None] | None:
        """The entity that a statement selects whole, and what its options load."""
        if depth > MAX_DEPTH:
            return None
        if expr.kind == "call":
            return self._selected(body, expr, depth)
        if expr.kind != "name":
            return None
        entity: Entity | None = None
        loaded: frozenset[str] | None = frozenset()
        for assign in body.targets().get(expr.text, ()):
            if assign.loc.start > expr.loc.start or assign.op != "=":
                continue
            found = self.statement(body, assign.value, depth + 1) if expr.text not in _roots(assign.value) else None
            if found is not None:
                entity = entity or found[0]
                loaded = None if loaded is None or found[1] is None else loaded | found[1]
            elif expr.text in _roots(assign.value):
                more = _options(assign.value)
                loaded = None if loaded is None or more is None else loaded | more
                if any(name_of(link) in _NOT_ENTITIES for link in links(assign.value)):
                    return None
                if assign.value.kind == "call" and not any(
                    receiver_of(link) is not None for link in links(assign.value)
                ):
                    loaded = None  # `stmt = with_details(stmt)`
        return (entity, loaded) if entity is not None else None

    def _selected(self, body: Body, expr: Expr, depth: int) -> tuple[Entity, frozenset[str] | None] | None:
        chain = list(links(expr))
        if any(name_of(link) in _NOT_ENTITIES for link in chain):
            return None
        root = chain[-1]
        if name_of(root) in {"select", "Select"}:
            positional = root.positional()
            entity = self.entity(body.path, positional[0].dotted()) if len(positional) == 1 else None
            return (entity, _options(expr)) if entity is not None else None
        receiver = receiver_of(root)
        if (receiver is not None and receiver.kind == "name" and len(chain) > 1) or name_of(root) in _BUILDING:
            held = self.statement(body, receiver, depth + 1) if receiver is not None else None
            if held is not None:
                more = _options(expr)
                return held[0], None if held[1] is None or more is None else held[1] | more
        target = self.graph.target(body, root)
        inner = self.graph.body_of(target) if target is not None else None
        if inner is None:
            return None
        made = next(
            (
                s
                for r in inner.returns
                if r.value is not None and (s := self.statement(inner, r.value, depth + 1)) is not None
            ),
            None,
        )
        if made is None:
            return None
        more = _options(expr)
        return made[0], None if made[1] is None or more is None else made[1] | more


def _roots(expr: Expr) -> set[str]:
    """Names that a statement is built on."""
    return {e.text for e in walk(expr) if e.kind == "name"}


def _options(expr: Expr) -> frozenset[str] | None:
    """What all `.options(...)` of a chain load; None where one of them cannot be read."""
    out: frozenset[str] = frozenset()
    for link in links(expr):
        if name_of(link) == "options":
            if "*" in link.keys or "**" in link.keys:
                return None
            more = _loaded(link.parts[1:])
            if more is None:
                return None
            out |= more
    return out


def _loaded(options: tuple[Expr, ...]) -> frozenset[str] | None:
    names: set[str] = set()
    for option in options:
        called = {name_of(link) for link in links(option)}
        if option.kind != "call" or not called or not called <= _LOADERS:
            return None
        if called & _EAGER:
            names |= set(_named_in(option))
    return None if "*" in names else frozenset(names)


def _named_in(option: Expr) -> Iterator[str]:
    for link in links(option):
        if name_of(link) in _EAGER:
            for part in link.parts[1:]:
                for e in walk(part):
                    if e.kind == "attribute":
                        yield e.text
                    elif e.kind == "string":
                        yield from e.text.split(".")


def loading(index: FactIndex) -> Loading:
    """The rows of this project."""
    return index.derived(Loading)
