"""What a variable's name and value say about a database: which part of its address, which dialect."""

from __future__ import annotations

import ast
import re

DIALECTS = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "psql": "postgresql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "mssql",
    "oracle": "oracle",
    "cockroachdb": "cockroachdb",
}
_DATABASE_WORDS = {
    "DB", "DATABASE", "POSTGRES", "POSTGRESQL", "PG", "PGSQL", "SQL", "SQLALCHEMY", "SQLITE", "MYSQL", "MARIADB",
}  # fmt: skip
_OTHER_SERVICES = {
    "REDIS", "CACHE", "CELERY", "BROKER", "MONGO", "MONGODB", "RABBIT", "RABBITMQ", "AMQP", "KAFKA", "SMTP", "MAIL",
    "EMAIL", "ELASTIC", "ELASTICSEARCH", "S3", "NEO4J", "INFLUX", "CLICKHOUSE", "MEMCACHED", "SENTRY", "QDRANT",
    "PGADMIN", "ADMINER",
}  # fmt: skip
_NO_MEANING = {
    "TEST", "TESTS", "TESTING", "ASYNC", "SYNC", "ASYNCPG", "MAIN", "PRIMARY", "DEFAULT", "LOCAL", "DEV", "READ",
    "WRITE", "READER", "WRITER", "REPLICA", "MASTER", "ALEMBIC", "MIGRATION", "MIGRATIONS", "APP", "BASE",
}  # fmt: skip
_PARTS = {
    "url": {"URL", "URI", "DSN", "CONNECTION", "CONNECTIONSTRING", "CONNSTR", "CONNECTIONURL", "CONNECTIONURI", "CONN"},
    "host": {"HOST", "HOSTNAME", "SERVER", "ADDRESS", "ADDR", "SERVERHOST", "SERVERNAME", "ENDPOINT"},
    "port": {"PORT", "SERVERPORT", "HOSTPORT"},
    "user": {"USER", "USERNAME", "LOGIN"},
    "password": {"PASSWORD", "PASS", "PASSWD", "PWD", "USERPASSWORD"},
    "database": {"NAME", "DB", "DBNAME", "DATABASE", "DATABASENAME"},
    "file": {"PATH", "FILE", "FILENAME", "FILEPATH"},
}
_LIBPQ = {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"}
_SOURCE_LIMIT = 2000  # characters
_LOOKUPS = {"config", "getenv", "get", "env", "str", "int", "bool", "url"}  # the first argument is a name
_URL = re.compile(r"(?P<dialect>[a-z0-9]+)(?:\+[a-z0-9_]+)?://(?P<rest>.*)", re.IGNORECASE | re.DOTALL)


def part_of(name: str) -> str:
    """url | host | port | user | password | database | file, where a variable of this name holds it; else `""`."""
    upper = name.upper()
    if upper in _LIBPQ:
        return upper[2:].lower()
    tokens = [token for token in re.split(r"_+", upper) if token]
    if _OTHER_SERVICES & set(tokens) or not _DATABASE_WORDS & set(tokens):
        return ""
    start = next(i for i, token in enumerate(tokens) if token in _DATABASE_WORDS)
    rest = [token for token in tokens[start + 1 :] if token not in _NO_MEANING]
    while len(rest) > 1 and rest[0] in _DATABASE_WORDS:
        rest.pop(0)
    return next((part for part, words in _PARTS.items() if "".join(rest) in words), "")


def holds_no_address(name: str) -> bool:
    """Is a variable of this name another service's, or only the beginning of an address, whatever its value?"""
    tokens = name.upper().split("_")
    return bool(_OTHER_SERVICES & set(tokens)) or tokens[-1] in ("PREFIX", "SCHEME", "DRIVER")


def dialect_of(value: str) -> str:
    """The dialect of a database URL; `""` for any other text."""
    match = _URL.fullmatch(value.strip())
    dialect = DIALECTS.get(match["dialect"].lower(), "") if match else ""
    return dialect if dialect == "sqlite" or (match and match["rest"]) else ""


def dialect_named(name: str, value: str) -> str:
    """The dialect that a variable speaks of: `POSTGRES_HOST`, or `DB_ENGINE` with the value `postgresql+asyncpg`."""
    upper = name.upper()
    named = next((dialect for word, dialect in DIALECTS.items() if word.upper() in upper), "")
    if named or not _DATABASE_WORDS & set(upper.split("_")):
        return named
    return DIALECTS.get(value.strip().lower().partition("+")[0], "")


def is_sqlite_file(value: str) -> bool:
    """Does the value look like the path of a SQLite file?"""
    return bool(re.search(r"\.(db|sqlite3?)$", value)) and "://" not in value


def plain_default(source: str) -> str:
    """The text that a default's source stands for (`"x"`, `Field(default="x")`, `config("N", default="x")`).

    `""` where it is computed. What is no Python expression is taken as the text itself.
    """
    node = _expression(source)
    if node is None:
        return source if len(source) <= _SOURCE_LIMIT else ""
    if isinstance(node, ast.Call):
        given = _given(node)
        node = given[-1] if given else node
    if isinstance(node, ast.Constant):
        return "" if node.value is None or node.value is ... else str(node.value)
    return source if isinstance(node, ast.Name) and source.islower() else ""


def has_default(source: str) -> bool:
    """Does a default's source give a value, be it a computed one? A look-up by name without a fallback does not."""
    node = _expression(source)
    if isinstance(node, ast.Call) and _callee(node) in _LOOKUPS:
        return bool(_given(node)) and plain_default(source) != ""
    return source.strip() not in ("", "None", "...")


def _expression(source: str) -> ast.expr | None:
    if len(source) > _SOURCE_LIMIT:
        return None
    try:
        return ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _callee(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _given(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that may be the default: the one named so, else those that are no variable's name."""
    named = [k.value for k in call.keywords if k.arg == "default"]
    return named or (call.args[1:] if _callee(call) in _LOOKUPS else call.args)
