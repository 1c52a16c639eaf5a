"""Which calls reach the database: sessions, connections and cursors of SQLAlchemy, SQLModel, Django and the drivers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backwright.core.facts import Call, Expr
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop, Reach, callgraph, shown
from backwright.kit.chains import name_of, receiver_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import Inference, inference
from backwright.kit.libtypes import Type
from backwright.kit.stores import stores

Family = Literal["query", "change", "flush", "refresh", "write"]

# query sends a statement, write one that changes data, change marks an object for the next flush,
# flush sends what is marked, refresh reads again
_QUERIES = frozenset(
    {"execute", "scalars", "scalar", "exec", "query", "get", "get_one", "stream", "stream_scalars", "executemany",
     "executescript", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all", "fetch_val", "iterate", "merge",
     "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings", "copy_records_to_table"}
)  # fmt: skip
_FAMILIES: dict[str, Family] = {
    **dict.fromkeys(_QUERIES, "query"),
    **dict.fromkeys(("add", "add_all", "delete"), "change"),
    **dict.fromkeys(("flush", "commit"), "flush"),
    "refresh": "refresh",
}
_OF_SESSIONS = frozenset(
    {"execute", "scalars", "scalar", "exec", "query", "get", "get_one", "stream", "stream_scalars", "merge", "add",
     "add_all", "delete", "flush", "commit", "refresh", "bulk_save_objects", "bulk_insert_mappings",
     "bulk_update_mappings"}
)  # fmt: skip
_OF_CONNECTIONS = frozenset(
    {"execute", "scalars", "scalar", "stream", "stream_scalars", "executemany", "executescript", "fetch", "fetchrow",
     "fetchval", "fetch_one", "fetch_all", "fetch_val", "iterate", "copy_records_to_table", "exec_driver_sql"}
)  # fmt: skip
_BY_KIND = {
    "session": _OF_SESSIONS,
    "connection": _OF_CONNECTIONS,
    "cursor": frozenset({"execute", "executemany", "executescript"}),
}
# Without a type, a method must be telling by itself.
_TELLING = frozenset(
    {"execute", "scalars", "scalar", "query", "get_one", "stream_scalars", "executemany", "fetchrow", "fetchval",
     "fetch_one", "fetch_all", "add", "add_all", "delete", "flush", "commit", "refresh", "exec", "bulk_save_objects"}
)  # fmt: skip
_SESSION_NAME = re.compile(r"^_*((async|db|sync|write|read|sql|sa)_?)?(session|db|dbsession|database|sess)$")
_CONNECTION_NAME = re.compile(r"^_*(db_?)?(conn|connection|cursor|cur)$|_(conn|connection|cursor)$")
_PACKAGES = (
    *("sqlalchemy", "sqlmodel", "flask_sqlalchemy", "databases", "django"),
    *(
        "psycopg2",
        "psycopg",
        "asyncpg",
        "sqlite3",
        "aiosqlite",
        "pymysql",
        "MySQLdb",
        "mysql",
        "duckdb",
        "pyodbc",
        "oracledb",
        "cx_Oracle",
    ),
)
_SESSIONS = frozenset({"Session", "AsyncSession", "scoped_session", "async_scoped_session", "SQLAlchemy"})
_CONNECTIONS = frozenset(
    {"Connection", "AsyncConnection", "Pool", "Database", "RawConnection", "PoolConnectionProxy", "AsyncConnectionPool"}
)
_EVALUATED = frozenset(
    {"get", "create", "get_or_create", "update_or_create", "count", "exists", "first", "last", "aggregate", "update",
     "delete", "bulk_create", "bulk_update", "in_bulk", "earliest", "latest", "aget", "acreate", "acount", "aexists",
     "afirst", "raw"}
)  # fmt: skip
_FLASK_EVALUATED = frozenset(
    {"all", "first", "get", "one", "one_or_none", "count", "scalar", "paginate", "get_or_404", "first_or_404"}
)
# What only builds a query: it is sent where something walks over it or takes it as a whole.
BUILDING = frozenset(
    {"all", "filter", "exclude", "order_by", "annotate", "distinct", "select_related", "prefetch_related", "values",
     "values_list", "reverse", "only", "defer", "iterator", "filter_by", "limit"}
)  # fmt: skip
TAKING = frozenset(
    {"list", "tuple", "set", "dict", "sorted", "len", "bool", "sum", "min", "max", "any", "next", "frozenset", "enumerate"}
)  # fmt: skip
# What a query can be told from by its text alone.
_TAKING_SQL = frozenset(
    {"execute", "query", "fetchone", "fetchall", "fetchmany", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all", "fetch_val",
     "select", "run", "exec", "execute_query", "query_one", "query_all", "executemany", "read_sql", "all", "one", "first"}
)  # fmt: skip
_SQL = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\()",
    re.I | re.S,
)
_SHORTCUTS = {name: f"django.shortcuts.{name}" for name in ("get_object_or_404", "get_list_or_404")}
_METHODS = (
    frozenset(_FAMILIES)
    | _TAKING_SQL
    | _SHORTCUTS.keys()
    | _EVALUATED
    | _FLASK_EVALUATED
    | BUILDING
    | {"exec_driver_sql"}
)
_MODEL_QUERY = re.compile(r"^[A-Z]\w*\.query(\.|$)")


@dataclass(frozen=True)
class DbCall:
    """One call on the database. `link` is that call within its chain, `call` the fact of the whole chain."""

    body: Body
    call: Call
    link: Expr
    method: str
    family: Family
    kind: str  # session | connection | cursor | manager | store | documents
    waits: bool = False  # a store's, which keeps its thread waiting; of the others their types say so

    @property
    def shown(self) -> str:
        return shown(self.link)

    def hop(self) -> Hop:
        return Hop(self.body.path, self.link.loc, f"`{self.shown}` reaches the database")


class Database:
    """All database calls of one project, by the function they stand in."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference: Inference = inference(index)
        packages = {i.module.partition(".")[0] for path in index.files for i in index.imports(path) if not i.level}
        self.present = not packages.isdisjoint(_PACKAGES)
        self.django = "django" in packages
        self.calls: dict[tuple[str, str], list[DbCall]] = {}
        self._taken: dict[tuple[str, str], tuple[set[int], set[str]]] = {}
        if self.present:
            self._find()
        sent = {id(c.call) for calls in self.calls.values() for c in calls}
        for link, writes, documents, waits in stores(index).calls():
            family: Family = "write" if writes else "query"
            kind = "documents" if documents else "store"
            found = DbCall(link.body, link.call, link.expr, name_of(link.expr), family, kind, waits)
            if id(found.call) not in sent:
                self.calls.setdefault(found.body.key, []).append(found)

    def _find(self) -> None:
        """The outermost database call of each chain: `session.query(A).get(1)` is one."""
        found: dict[int, tuple[int, DbCall]] = {}
        for link in bodies(self.index).called(_METHODS):
            known = found.get(id(link.call))
            if known is None or link.depth < known[0]:
                classified = self._classify(link.body, link.call, link.expr)
                if classified is not None:
                    found[id(link.call)] = link.depth, classified
        for _, call in sorted(found.values(), key=lambda item: item[1].call.loc.start):
            self.calls.setdefault(call.body.key, []).append(call)

    def of(self, body: Body) -> list[DbCall]:
        return self.calls.get(body.key, [])

    def _classify(self, body: Body, call: Call, link: Expr) -> DbCall | None:
        method = name_of(link)
        receiver = receiver_of(link)
        if method in _SHORTCUTS:
            origin = self.inference.origin(body.path, link.parts[0].dotted())
            return DbCall(body, call, link, method, "query", "manager") if origin == _SHORTCUTS[method] else None
        if receiver is None:
            return None
        if method in _TAKING_SQL and _says_sql(link):
            return DbCall(body, call, link, method, "query", "connection")
        if method in BUILDING and not (method in _FLASK_EVALUATED and _MODEL_QUERY.match(receiver.dotted())):
            if not self.django or not self._is_managed(receiver) or not self.is_taken(body, call.expr):
                return None
            return DbCall(body, call, link, method, "query", "manager")
        if method in _EVALUATED | _FLASK_EVALUATED:
            manager = self._manager(receiver, method)
            if manager:
                return DbCall(body, call, link, method, "query", "manager")
        family = _FAMILIES.get(method)
        if family is None and method != "exec_driver_sql":
            return None
        kind = self.kind(body, receiver, method, link)
        if not kind or method not in _BY_KIND[kind]:
            return None
        return DbCall(body, call, link, method, family or "query", kind)

    def _manager(self, receiver: Expr, method: str) -> bool:
        dotted = receiver.dotted()
        if self.django and self._is_managed(receiver) and method in _EVALUATED:
            return True
        return bool(_MODEL_QUERY.match(dotted)) and method in _FLASK_EVALUATED

    @staticmethod
    def _is_managed(receiver: Expr) -> bool:
        return ".objects." in f"{receiver.dotted()}."

    def is_taken(self, body: Body, chain: Expr) -> bool:
        """Whether a query is walked over or taken whole where it stands, or under the name that it is given."""
        places, names = self._taken_in(body)
        if chain.loc.start in places:
            return True
        given = (a.target.dotted() for a in body.assigns if a.value.loc == chain.loc and a.op == "=")
        return any(name in names for name in given)

    def _taken_in(self, body: Body) -> tuple[set[int], set[str]]:
        """The starts of what loops walk over and functions take whole in a body, and the names of those that are names."""
        known = self._taken.get(body.key)
        if known is None:
            taken = [loop.iterable for loop in body.loops if loop.iterable is not None]
            for call in body.calls:
                callee = call.expr.parts[0]
                if callee.kind == "name" and callee.text in TAKING:
                    taken += call.expr.parts[1:2]
            known = {e.loc.start for e in taken if e.kind == "call"}, {e.text for e in taken if e.kind == "name"}
            self._taken[body.key] = known
        return known

    def kind(self, body: Body, receiver: Expr, method: str, link: Expr | None = None) -> str:
        """`session`, `connection` or `cursor` where a receiver is one, else `""`."""
        found = self.inference.of(body.path, body.scope, receiver)
        if found is not None:
            return "" if found.itself or found.many else self.kind_of(found)
        name = receiver.dotted().removesuffix("()").rpartition(".")[2]
        if _SESSION_NAME.match(name):
            telling = method in _TELLING or (method == "get" and link is not None and _names_class(link))
            return "session" if telling else "connection" if method.startswith("fetch") else ""
        if _CONNECTION_NAME.search(name) and method in _TELLING | {"fetch", "exec_driver_sql"}:
            return "cursor" if "cur" in name else "connection"
        return ""

    def kind_of(self, found: Type) -> str:
        """What a type is to the database."""
        origins = {found.origin}
        if found.definition is not None:
            origins |= self.index.root_bases(found.definition)
        for origin in origins:
            package, last = origin.partition(".")[0], origin.rpartition(".")[2]
            bare = "." not in origin
            if last in _SESSIONS and (package in _PACKAGES or bare):
                return "session"
            if last in _CONNECTIONS and (package in _PACKAGES or package == "psycopg_pool"):
                return "connection"
            if last.lower() in {"cursor", "asynccursor"} and (package in _PACKAGES or package == "dbapi"):
                return "cursor"
        return ""


def _says_sql(link: Expr) -> bool:
    """`db.fetchall("SELECT … FROM …", …)`: what is called does not matter."""
    text = next(iter(link.positional()), None)
    return text is not None and text.kind == "string" and _SQL.match(text.text) is not None


def _names_class(link: Expr) -> bool:
    """`get(Order, id)`: two arguments, the first of them a class or `self.model`."""
    positional = link.positional()
    if len(positional) < 2:
        return False
    last = positional[0].dotted().rpartition(".")[2]
    return last[:1].isupper() or last.lower().lstrip("_") in {"model", "entity", "table"}


def database(index: FactIndex) -> Database:
    """The database calls of this project, found once."""
    return index.derived(Database)


def reaching(
    index: FactIndex,
    wanted: Callable[[DbCall], bool] = lambda _: True,
    enter: Callable[[Definition], bool] = lambda _: True,
) -> Reach:
    """Which functions lead to a database call that is `wanted`, through functions that one may `enter`."""
    sites = {}
    for key, calls in database(index).calls.items():
        first = next((c for c in calls if wanted(c)), None)
        if first is not None:
            sites[key] = first.hop()
    return Reach(callgraph(index), sites, enter)


def is_access(call: DbCall) -> bool:
    """Whether a call reads or changes data: not a commit, not the `SELECT 1` of a health check."""
    return call.family in {"query", "change", "write"} and not _is_ping(call.link)


def _is_ping(link: Expr) -> bool:
    texts = [e.text.strip().rstrip(";").lower() for e in walk(link) if e.kind in {"string", "constant"}]
    names = {e.text for e in walk(link) if e.kind == "name"}
    return bool(texts) and all(t in {"select 1", "1"} for t in texts) and not any(n[:1].isupper() for n in names)


def access(index: FactIndex) -> Reach:
    """Which functions lead to reading or changing data, worked out once."""
    return index.derived(_access)


def _access(index: FactIndex) -> Reach:
    return reaching(index, is_access)
