"""What a project without resources has of a database already: its base, its address, its engine, its sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename, dirname

from backwright.core.facts import Return, StringLiteral, Symbol
from backwright.kit.house import Ref
from backwright.kit.index import Definition, FactIndex

_BASES = frozenset({"sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta"})
_ADDRESS = re.compile(
    r"(sqlalchemy_)?(async_)?(database|db|postgres|sql)_?(url|uri|dsn)|sqlalchemy_database_ur[il]", re.IGNORECASE
)
_ASYNC_ADDRESS = re.compile(r"\+(asyncpg|aiosqlite|aiomysql|asyncmy|psycopg_async)\b")
_SESSION = re.compile(r"\b(Async)?Session\b")
_SESSION_NAMES = re.compile(r"(get_|yield_)?(async_)?(db|session|db_session|async_session)")
_FILES = ("database.py", "db.py", "session.py", "engine.py")


@dataclass(frozen=True)
class DatabaseFound:
    """None for what the project does not have. `address` is source text with the import that it needs."""

    base: Ref | None = None
    base_path: str = ""
    address: str = ""
    address_import: str = ""
    address_path: str = ""
    engine: Ref | None = None
    engine_path: str = ""
    factory: Ref | None = None
    factory_path: str = ""
    dependency: Ref | None = None
    dependency_commits: bool = False
    is_async: bool = False


def database_of(index: FactIndex, left_out: frozenset[str]) -> DatabaseFound:
    """Everything that is there, outside the files that are left out (tests, migrations)."""
    bases = list(_bases(index, left_out))
    engines = list(_made(index, left_out, ("create_engine", "create_async_engine")))
    factories = list(_made(index, left_out, ("sessionmaker", "async_sessionmaker")))
    dependency = next(_dependencies(index, left_out), None)
    source, line, address_path = next(_addresses(index, left_out), ("", "", ""))
    made_async = [call.startswith(("create_async", "async_")) for _, _, call in (*engines, *factories)]
    if dependency is not None:
        is_async = "Async" in dependency.symbol.returns or dependency.symbol.is_async
    else:
        is_async = any(made_async) if made_async else _async_address(index, address_path)
    return DatabaseFound(
        base=Ref(bases[0].symbol.name, index.module(bases[0].path)) if bases else None,
        base_path=bases[0].path if bases else "",
        address=source,
        address_import=line,
        address_path=address_path,
        engine=Ref(engines[0][1].name, index.module(engines[0][0])) if engines else None,
        engine_path=engines[0][0] if engines else "",
        factory=Ref(factories[0][1].name, index.module(factories[0][0])) if factories else None,
        factory_path=factories[0][0] if factories else "",
        dependency=Ref(dependency.symbol.name, index.module(dependency.path)) if dependency is not None else None,
        dependency_commits=dependency is not None and _commits(index, dependency),
        is_async=is_async,
    )


def home_of(found: DatabaseFound, base: str, paths: frozenset[str]) -> str:
    """The file where what is missing belongs: beside the engine, else beside the address or the base, else a new one."""
    for path in (found.factory_path, found.engine_path):
        if path:
            return path
    for path in (found.address_path, found.base_path):
        if basename(path) in _FILES:
            return path
    folder = dirname(found.base_path) if found.base_path else ""
    if basename(folder) in {"db", "database"}:
        return f"{folder}/session.py"
    return next((n for f in _FILES if (n := f"{base}{f}") in paths), f"{base}database.py")


def _bases(index: FactIndex, left_out: frozenset[str]) -> Iterator[Definition]:
    for found in index.all_symbols():
        symbol = found.symbol
        if found.path in left_out or symbol.scope:
            continue
        if symbol.kind == "class" and any(index.origin(found.path, b) in _BASES for b in symbol.bases):
            if not any(f.name == "__tablename__" for f in symbol.fields):
                yield found
        elif (
            symbol.kind == "variable"
            and symbol.value is not None
            and symbol.value.dotted().endswith("declarative_base()")
        ):
            yield found


def _made(index: FactIndex, left_out: frozenset[str], calls: tuple[str, ...]) -> Iterator[tuple[str, Symbol, str]]:
    """(file, variable, call) of module-level objects that one of SQLAlchemy's calls makes."""
    for found in index.all_symbols():
        symbol = found.symbol
        if (
            found.path in left_out
            or symbol.scope
            or symbol.kind != "variable"
            or symbol.value is None
            or symbol.value.kind != "call"
        ):
            continue
        origin = index.origin(found.path, symbol.value.parts[0].dotted())
        last = origin.rpartition(".")[2]
        if last in calls and origin.startswith(("sqlalchemy", "sqlmodel")):
            yield found.path, symbol, last


def _dependencies(index: FactIndex, left_out: frozenset[str]) -> Iterator[Definition]:
    """Generators that give a session."""
    for found in index.functions():
        symbol = found.symbol
        if found.path in left_out or symbol.scope or any("contextmanager" in d.dotted() for d in symbol.decorators):
            continue
        yields = any(
            isinstance(f, Return) and f.is_yield and f.scope == symbol.qualname for f in index.facts(found.path)
        )
        required = [p for p in symbol.params if not p.default]
        if yields and not required and (_SESSION.search(symbol.returns) or _SESSION_NAMES.fullmatch(symbol.name)):
            yield found


def _commits(index: FactIndex, dependency: Definition) -> bool:
    calls = index.calls(dependency.path, dependency.symbol.qualname)
    return any(c.expr.parts[0].dotted().endswith((".commit", ".begin", "begin()")) for c in calls)


def _addresses(index: FactIndex, left_out: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """(source, import, file) of where the database is: a constant, or a field of the settings."""
    for found in index.all_symbols():
        symbol = found.symbol
        if found.path in left_out or symbol.scope or symbol.kind not in {"variable", "function"}:
            continue
        line = f"from {index.module(found.path)} import {symbol.name}"
        if symbol.kind == "variable" and _ADDRESS.fullmatch(symbol.name):
            yield symbol.name, line, found.path
            continue
        called = symbol.kind == "function" and not symbol.params
        made = (
            symbol.returns if called else symbol.value.dotted().removesuffix("()") if symbol.value is not None else ""
        )
        owner = index.resolve(found.path, made)
        if owner is None or owner.symbol.kind != "class":
            continue
        for name, kind in _members(index, owner):
            if _ADDRESS.fullmatch(name):
                source = f"{symbol.name}{'()' if called else ''}.{name}"
                yield source if kind in {"str", ""} else f"str({source})", line, owner.path


def _members(index: FactIndex, owner: Definition) -> Iterator[tuple[str, str]]:
    """Fields and properties of a class, with their types."""
    yield from ((f.name, f.annotation) for f in owner.symbol.fields)
    yield from (
        (m.name, m.returns)
        for m in index.symbols(owner.path).values()
        if m.scope == owner.symbol.qualname and m.decorators
    )


def _async_address(index: FactIndex, path: str) -> bool:
    """Whether the address in this file, or in a configuration file, names an asynchronous driver."""
    texts = [f.value for f in index.facts(path) if isinstance(f, StringLiteral)]
    configured = [
        t for p, t in index.texts.items() if basename(p).startswith((".env", "env.")) or p.endswith((".ini", ".env"))
    ]
    return any(_ASYNC_ADDRESS.search(t) for t in (*texts, *configured))
