"""Projects with resources of their own that are not understood: the built-in architecture is not put beside theirs."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.core.facts import Route
from backwright.engine.placing import is_test
from backwright.kit.index import FactIndex

# Other ways to store things, by the package that is imported.
_STORES = {
    "tortoise": "Tortoise ORM",
    "beanie": "Beanie (MongoDB)",
    "motor": "Motor (MongoDB)",
    "pymongo": "PyMongo (MongoDB)",
    "mongoengine": "MongoEngine",
    "odmantic": "ODMantic (MongoDB)",
    "piccolo": "Piccolo",
    "peewee": "Peewee",
    "pony": "Pony",
    "ormar": "ormar",
    "edgedb": "EdgeDB",
    "databases": "databases",
    "asyncpg": "asyncpg",
    "aiosql": "aiosql",
    "psycopg": "psycopg",
    "psycopg2": "psycopg2",
}
_CHANGES = frozenset({"PUT", "PATCH", "DELETE"})
_PEOPLE = re.compile(r"^(users?|auth|accounts?|me|login|logout|tokens?|sessions?|profiles?)$", re.IGNORECASE)


def refuse_unmatched(index: FactIndex) -> None:
    """For a project without an exemplar. Raises Unsupported naming the endpoints, the mapping or the library in the way."""
    for path in index.files:
        for call in index.calls(path):
            if call.expr.parts[0].dotted().endswith("map_imperatively") and not is_test(path):
                raise Unsupported(
                    "entities that are mapped imperatively are not supported",
                    where=f"{path}:{call.loc.line}",
                    hints=("entities declared as classes of SQLAlchemy or SQLModel are",),
                )
    tables = sorted({table.entity for path, table in index.tables() if not is_test(path)})
    store = _store_of(index)
    found = next(((p, r) for p, r in index.routes() if not is_test(p) and _changes_rows(r)), None)
    if found is None or not (tables or store or _imports(index, "sqlalchemy") or _imports(index, "sqlmodel")):
        return
    path, route = found
    have = f"entities found: {', '.join(tables)}" if tables else "no entity of SQLAlchemy or SQLModel was found"
    raise Unsupported(
        f"no entity was found for the endpoints that are there, such as {route.method} {route.path}, so there is nothing to "
        "imitate" + (f"; data stored with {store} is not supported" if store and not tables else ""),
        where=f"{path}:{route.loc.line}",
        hints=(have, "an entity belongs to the endpoints whose path is named after it: Item to /items"),
    )


def no_store(index: FactIndex, where: str) -> Unsupported:
    """What is said of a project that neither uses nor declares SQLAlchemy or SQLModel."""
    store = _store_of(index)
    what = f"data stored with {store} is not supported" if store else "this project has no database library"
    add = "add SQLAlchemy (or SQLModel) and Alembic to the dependencies of the project, and run `alembic init alembic`"
    return Unsupported(f"a resource needs a database, and {what}", where=where, hints=(add,))


def _store_of(index: FactIndex) -> str:
    """What the project stores things with, where that is neither SQLAlchemy nor SQLModel; `""` for nothing known."""
    return next((title for package, title in _STORES.items() if _imports(index, package)), "")


def _imports(index: FactIndex, package: str) -> bool:
    return any(not is_test(path) for path, _ in index.imports_package(package))


def _changes_rows(route: Route) -> bool:
    """Whether a route changes one row of something that is not a person: `PUT /items/{item_id}`."""
    segments = [s for s in route.path.split("/") if s]
    if route.method not in _CHANGES or not any("{" in s for s in segments):
        return False
    return not any(_PEOPLE.match(s) for s in segments)
