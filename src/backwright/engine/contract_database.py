"""How a project is told to use a scratch database: which of its variables name the database, and what they must say.

Pure: from declared settings, the texts of its `.env` files and `alembic.ini`, and its dependencies to a `DatabasePlan`;
from the plan and where the scratch databases are to the environment of a step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode

from backwright.core.facts import Setting
from backwright.engine.contract_dotenv import read_dotenv
from backwright.engine.contract_placeholders import fits, placeholder
from backwright.engine.contract_variables import (
    dialect_named,
    dialect_of,
    has_default,
    holds_no_address,
    is_sqlite_file,
    part_of,
    plain_default,
)

EXAMPLE_FILES = (
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    ".sample.env",
    ".env-example",
    "example.env",
)
TEST_FILES = (".env.test", ".env.testing", ".test.env", ".env.ci")

_DRIVERS = (
    ("asyncpg", "postgresql", "postgresql+asyncpg"),
    ("psycopg", "postgresql", "postgresql+psycopg"),
    ("psycopg2-binary", "postgresql", "postgresql+psycopg2"),
    ("psycopg2", "postgresql", "postgresql+psycopg2"),
    ("pg8000", "postgresql", "postgresql+pg8000"),
    ("aiomysql", "mysql", "mysql+aiomysql"),
    ("asyncmy", "mysql", "mysql+asyncmy"),
    ("pymysql", "mysql", "mysql+pymysql"),
    ("mysqlclient", "mysql", "mysql"),
    ("aiosqlite", "sqlite", "sqlite+aiosqlite"),
)
_ASYNC_SCHEMES = {"postgresql+asyncpg", "mysql+aiomysql", "mysql+asyncmy", "sqlite+aiosqlite"}
_UNSAFE = re.compile(r"PATH|HOME|SHELL|LD_.*|DYLD_.*|PYTHON.*|VIRTUAL_ENV|TMPDIR|BASH_ENV|IFS|GIT_.*|NODE_OPTIONS")
_FALLBACKS = {"host": "", "port": "", "user": "postgres", "password": "password", "database": "app"}
_ROLE, _DATABASE = "postgres", "app"  # where the project names none
_LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0", ""}  # noqa: S104 (compared with, not listened on)
_DROPPED_QUERY = {"sslmode", "ssl", "sslrootcert", "sslcert", "sslkey", "host", "port", "channel_binding"}


@dataclass(frozen=True)
class ProjectSettings:
    """What is known of the project's settings. `env_files` are those that are part of the repository, path to text."""

    root: str = ""  # the project within the repository
    settings: Sequence[Setting] = ()
    env_files: Mapping[str, str] = field(default_factory=dict)
    ignored_names: Sequence[str] = ()  # of a git-ignored `.env`: the names of its variables, never their values
    alembic_url: str = ""  # `sqlalchemy.url` of alembic.ini
    url_literals: Sequence[str] = ()  # database URLs written in the source
    test_literals: Sequence[str] = ()  # and in the tests
    extensions: Sequence[str] = ()  # of PostgreSQL, that the migrations make if they are not there
    dependencies: frozenset[str] = frozenset()
    asynchronous: bool = False


@dataclass(frozen=True)
class Variable:
    """One variable that names the database, and the part of its address that it holds."""

    name: str
    part: str  # url | host | port | user | password | database | file
    value: str = ""  # as the project has it


@dataclass(frozen=True)
class Server:
    """Where scratch databases are: a folder for SQLite files, and the port of a PostgreSQL on 127.0.0.1 (0: none)."""

    folder: str
    port: int = 0


@dataclass(frozen=True)
class DatabasePlan:
    """Which database the project needs, because of what, and the variables that lead to it."""

    dialect: str  # "postgresql" | "sqlite" | "mysql" | … | "" for none
    because: str
    variables: tuple[Variable, ...] = ()
    databases: tuple[str, ...] = ()  # of the server, by name
    roles: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    placeholders: Mapping[str, str] = field(default_factory=dict)  # values for what else the project needs to start
    alembic_url: str = ""  # what the literal of alembic.ini must become: "" where it is not used
    port: int = 0  # the port that is written in the source, where it cannot be told another

    def environment(self, server: Server) -> dict[str, str]:
        """The variables of a step that runs on `server`'s databases. Without a server they lead nowhere, on purpose."""
        values = dict(self.placeholders)
        for variable in self.variables:
            values[variable.name] = self._value(variable, server)
        if self.dialect == "postgresql":
            values |= {"PGHOST": "127.0.0.1", "PGPORT": str(server.port or 1)}
            values |= {"PGUSER": self.roles[0], "PGDATABASE": self.databases[0]}
        return values

    def _value(self, variable: Variable, server: Server) -> str:
        match variable.part:
            case "url":
                return scratch_url(variable.value, server)
            case "host":
                return f"127.0.0.1:{server.port or 1}" if re.search(r":\d+$", variable.value) else "127.0.0.1"
            case "port":
                return str(server.port or 1)
            case "file":
                return f"{server.folder}/{_file_name(variable.value)}"
            case _:
                return variable.value


def plan_database(project: ProjectSettings) -> DatabasePlan:
    """Which database this project needs, and how it is told to use a scratch one."""
    given = _Given(project)
    scores = _scores(project, given)
    dialect = max(scores, key=lambda d: (scores[d][0], d == "postgresql", d), default="")
    if not dialect:
        uses_orm = {"sqlalchemy", "sqlmodel"} & project.dependencies
        dialect, because = ("sqlite", "no database is named") if uses_orm else ("", "no database is used")
    else:
        because = scores[dialect][1]
    variables = tuple(_variables(project, given, dialect))
    urls = [v.value for v in variables if v.part == "url"]
    urls += [url for url in (project.alembic_url, *project.url_literals, *project.test_literals) if dialect_of(url)]
    roles, databases = _names(variables, urls)
    alembic_url = project.alembic_url if dialect_of(project.alembic_url) in ("postgresql", "sqlite") else ""
    return DatabasePlan(
        dialect=dialect,
        because=because,
        variables=variables,
        databases=databases,
        roles=roles,
        extensions=tuple(project.extensions),
        placeholders=_placeholders(project, given, {v.name for v in variables}),
        alembic_url=alembic_url,
        port=_wanted_port(project, variables) if dialect == "postgresql" else 0,
    )


def scratch_url(url: str, server: Server) -> str:
    """`url` with the same driver, role and database name, but on the scratch server or in the scratch folder."""
    address = _Address(url)
    if dialect_of(url) == "sqlite":
        path = unquote(address.rest.partition("?")[0]).lstrip("/")
        if path in ("", ":memory:") or "mode=memory" in url:
            return url.strip()
        query = f"?{address.query}" if address.query and not path.startswith("file:") else ""
        return f"{address.scheme}:////{server.folder.lstrip('/')}/{_file_name(path)}{query}"
    kept = [(k, v) for k, v in parse_qsl(address.query, keep_blank_values=True) if k not in _DROPPED_QUERY]
    query = f"?{urlencode(kept)}" if kept else ""
    user = address.userinfo or _ROLE
    return f"{address.scheme}://{user}@127.0.0.1:{server.port or 1}/{address.database or _DATABASE}{query}"


class _Address:
    """A database URL in its parts, as written (quoted, and perhaps a template: `user:password@host:port/db`)."""

    def __init__(self, url: str) -> None:
        self.scheme, _, self.rest = url.strip().partition("://")
        place, _, self.query = self.rest.partition("?")
        netloc, _, self.database = place.partition("/")
        self.userinfo, _, location = netloc.rpartition("@")
        self.role = unquote(self.userinfo.partition(":")[0]) or _ROLE
        host = re.fullmatch(r"(\[[^]]*\]|[^:]*)(?::(\d{1,5}))?.*", location)
        self.host = host.group(1).strip("[]") if host else ""
        self.port = int(host.group(2)) if host and host.group(2) else 0


class _Given:
    """What the repository itself says a variable is: its `.env`, else the examples, else the default in the code."""

    def __init__(self, project: ProjectSettings) -> None:
        own = f"{project.root}/.env".lstrip("/")  # the project reads it by itself; others it may never see
        self.tracked = _merged(project.env_files, (".env",))
        self.elsewhere = _merged({p: text for p, text in project.env_files.items() if p != own}, (".env",))
        self.examples = _merged(project.env_files, EXAMPLE_FILES) | _merged(project.env_files, TEST_FILES)
        self.ignored = project.ignored_names
        self.defaults = {s.name: plain_default(s.default) for s in project.settings}
        self.settings = {s.name: s for s in project.settings}
        self.names = list(dict.fromkeys([*self.settings, *self.tracked, *self.examples, *project.ignored_names]))
        self._upper = [{k.upper(): v for k, v in m.items() if v} for m in (self.tracked, self.examples, self.defaults)]

    def value(self, name: str) -> str:
        return next((values[name.upper()] for values in self._upper if name.upper() in values), "")

    def must_be_given(self, name: str) -> bool:
        """Does nothing work without a value: the code requires it, or the people who run it all set it?"""
        setting = self.settings.get(name)
        written = self.examples.get(name) or self.tracked.get(name)  # "your_database_url"
        return bool(written or (setting and setting.required) or name in self.ignored)


def _merged(texts: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for path in sorted(texts, key=lambda p: -p.count("/")):
        if path.rsplit("/", 1)[-1] in names:
            values |= read_dotenv(texts[path])
    return {name: value for name, value in values.items() if not _UNSAFE.fullmatch(name.upper())}


def _variables(project: ProjectSettings, given: _Given, dialect: str) -> Iterator[Variable]:
    for name in given.names:
        value = given.value(name)
        part = "url" if dialect_of(value) and not holds_no_address(name) else part_of(name)
        if part == "url" and not dialect_of(value):
            if is_sqlite_file(value):
                part = "file"
            elif given.must_be_given(name):
                value = f"{_scheme(project, dialect)}://{_ROLE}@localhost/{_DATABASE}"
            else:
                continue  # computed from others, or optional and not used
        if part == "url" and dialect_of(value) not in ("postgresql", "sqlite"):
            continue
        if part == "file" and not is_sqlite_file(value):
            continue
        if part in _FALLBACKS and (dialect != "postgresql" or dialect_named(name, "") in ("mysql", "sqlite")):
            continue
        if part:
            yield Variable(name, part, value or _FALLBACKS.get(part, ""))


def _scheme(project: ProjectSettings, dialect: str) -> str:
    schemes = [scheme for name, d, scheme in _DRIVERS if d == dialect and name in project.dependencies]
    preferred = [s for s in schemes if (s in _ASYNC_SCHEMES) == project.asynchronous]
    return (preferred or schemes or [dialect or "sqlite"])[0]


def _scores(project: ProjectSettings, given: _Given) -> dict[str, tuple[int, str]]:
    """Evidence for each dialect, added up, with the strongest piece of it."""
    found: list[tuple[int, str, str]] = []  # weight, dialect, because of what
    for name in given.names:
        value, upper = given.value(name), name.upper()
        if dialect_of(value) and not holds_no_address(name):
            found.append((1 if "TEST" in upper else 3, dialect_of(value), f"{name} is a {dialect_of(value)} address"))
        elif part_of(name) or dialect_named(name, value):
            found.append((1, dialect_named(name, value), f"there is a setting {name}"))
        setting = given.settings.get(name)
        if setting and "PostgresDsn" in setting.annotation:
            found.append((2, "postgresql", f"{name} is a PostgresDsn"))
    for url, weight in ((project.alembic_url, 3), *((literal, 2) for literal in project.url_literals)):
        if dialect_of(url):
            found.append((weight, dialect_of(url), f"the code names a {dialect_of(url)} address"))
    for package, dialect, _ in _DRIVERS:
        if package in project.dependencies:
            found.append((2, dialect, f"it depends on {package}"))
    scores: dict[str, tuple[int, str]] = {}
    for weight, dialect, because in sorted(found, key=lambda f: -f[0]):
        if dialect:
            total, first = scores.get(dialect, (0, because))
            scores[dialect] = (total + weight, first)
    return scores


def _names(variables: Sequence[Variable], urls: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Roles and databases that the project names, each with the database its tests may expect beside it."""
    roles = [v.value for v in variables if v.part == "user"]
    databases = [v.value for v in variables if v.part == "database"]
    for url in urls:
        if dialect_of(url) == "postgresql":
            roles.append(_Address(url).role)
            databases.append(unquote(_Address(url).database) or _DATABASE)
    databases = sorted(databases or [_DATABASE], key=lambda name: "test" in name.lower())
    twins = [f"{name}_test" for name in databases if "test" not in name.lower()]
    return tuple(dict.fromkeys(roles or [_ROLE])), tuple(dict.fromkeys([*databases, *twins]))


def _wanted_port(project: ProjectSettings, variables: Sequence[Variable]) -> int:
    """The port that the code insists on, because it is written there or no variable holds it; 0 for any."""
    for url in (*project.url_literals, *project.test_literals):
        if dialect_of(url) == "postgresql" and _Address(url).host in _LOCAL:
            return _Address(url).port or 5432
    parts = {v.part for v in variables}
    return 5432 if "host" in parts and "port" not in parts else 0


def _placeholders(project: ProjectSettings, given: _Given, taken: set[str]) -> dict[str, str]:
    """Values for all else: of `.env` files that are not the project's own but are tracked, of the example files as if
    they were copied to `.env`, and made up where the code requires one.
    """
    known = {name.upper() for name in taken}
    annotations = {s.name.upper(): s.annotation for s in project.settings}
    examples = {name: value for name, value in given.examples.items() if name not in given.tracked}
    values = {
        name: value
        for name, value in (examples | given.elsewhere).items()
        if value and name.upper() not in known and fits(value, annotations.get(name.upper(), ""))
    }
    have = known | {name.upper() for name in (*values, *given.tracked)}
    for setting in project.settings:
        upper = setting.name.upper()
        wanted = setting.required or (re.search(r"SECRET|JWT_KEY", upper) and not has_default(setting.default))
        if wanted and upper not in have and not _UNSAFE.fullmatch(upper):
            values[setting.name] = placeholder(setting.name, setting.annotation)
    return values


def _file_name(path: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "_", path.removeprefix("file:").rsplit("/", 1)[-1])
    return name.lstrip(".") or "app.db"
