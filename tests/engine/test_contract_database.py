"""Which variables lead a project to its database, and what they say for a scratch one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.facts import Loc, Setting
from backwright.engine.contract_database import DatabasePlan, ProjectSettings, Server, plan_database, scratch_url
from backwright.engine.contract_dotenv import read_dotenv
from backwright.engine.contract_placeholders import fits, placeholder
from backwright.engine.contract_variables import dialect_of, has_default, part_of, plain_default

HERE = Loc(1, 1, 1, 1, 0, 0)
SERVER = Server("/scratch", 54321)


def setting(name: str, default: str = "", annotation: str = "str", required: bool = False) -> Setting:
    return Setting(name=name, loc=HERE, default=default, required=required, annotation=annotation)


def required(name: str, annotation: str = "str") -> Setting:
    return setting(name, annotation=annotation, required=True)


def plan(*settings: Setting, **more: object) -> DatabasePlan:
    return plan_database(ProjectSettings(settings=settings, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("DATABASE_URL", "url"), ("SQLALCHEMY_DATABASE_URI", "url"), ("DB_DSN", "url"), ("POSTGRES_URL", "url"),
        ("TEST_DATABASE_URL", "url"), ("DATABASE_URL_ASYNC", "url"), ("WRITER_DB_URL", "url"),
        ("db_connection_string", "url"),
        ("POSTGRES_SERVER", "host"), ("DB_HOST", "host"), ("DATABASE__HOSTNAME", "host"), ("db_address", "host"),
        ("PGHOST", "host"),
        ("POSTGRES_PORT", "port"), ("TEST_DB_PORT", "port"),
        ("POSTGRES_USER", "user"), ("DB_USER_NAME", "user"), ("database_username", "user"),
        ("POSTGRES_PASSWORD", "password"), ("DB_PASS", "password"),
        ("POSTGRES_DB", "database"), ("DB_NAME", "database"), ("DATABASE__DB", "database"), ("database_name",
         "database"),
        ("SQLITE_PATH", "file"),
        ("DB", ""), ("DATABASE", ""), ("DB_POOL_SIZE", ""), ("DB_ECHO", ""), ("DATABASE_SCHEMA", ""),
        ("REDIS_HOST", ""), ("REDIS_DB", ""), ("SMTP_USER", ""), ("CELERY_DB_URL", ""), ("SECRET_KEY", ""), ("PORT",
         ""), ("HOST", ""),
    ],
)  # fmt: skip
def test_what_a_variables_name_says(name: str, part: str) -> None:
    assert part_of(name) == part


@pytest.mark.parametrize(
    ("url", "scratch"),
    [
        ("postgresql://u:p@db:5432/shop", "postgresql://u:p@127.0.0.1:54321/shop"),
        ("postgresql+asyncpg://u@localhost/shop", "postgresql+asyncpg://u@127.0.0.1:54321/shop"),
        ("postgres://localhost", "postgres://postgres@127.0.0.1:54321/app"),
        ("postgresql://u:p%40s@h/d?sslmode=require&application_name=x",
         "postgresql://u:p%40s@127.0.0.1:54321/d?application_name=x"),
        ("postgresql://user:password@host:port/db", "postgresql://user:password@127.0.0.1:54321/db"),
        ("sqlite:///./shop.db", "sqlite:////scratch/shop.db"),
        ("sqlite+aiosqlite:////var/lib/shop.db?timeout=3", "sqlite+aiosqlite:////scratch/shop.db?timeout=3"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite+aiosqlite:///file:x?mode=memory&uri=true", "sqlite+aiosqlite:///file:x?mode=memory&uri=true"),
        ("sqlite:///../../etc/passwd", "sqlite:////scratch/passwd"),
    ],
)  # fmt: skip
def test_an_address_keeps_everything_but_the_place(url: str, scratch: str) -> None:
    assert scratch_url(url, SERVER) == scratch


@given(st.sampled_from(["postgresql", "postgresql+asyncpg", "sqlite", "sqlite+aiosqlite"]), st.text(max_size=60))
def test_no_address_leads_away_from_the_scratch_place(scheme: str, rest: str) -> None:
    url = scratch_url(f"{scheme}://{rest}", SERVER)
    if scheme.startswith("sqlite"):
        path = url.partition("://")[2].partition("?")[0]
        assert path.startswith("//scratch/") or path.lstrip("/") in ("", ":memory:") or "mode=memory" in url
        assert ".." not in path.split("/")
    else:
        assert "@127.0.0.1:54321/" in url


def test_a_url_of_a_tracked_env_file() -> None:
    env = 'export POSTGRES_PASSWORD=changethis\nDATABASE_URL="postgresql://postgres:${POSTGRES_PASSWORD}@localhost:5432/app"\nA=1\n'
    found = plan(required("DATABASE_URL", "PostgresDsn"), required("A"), env_files={".env": env})
    assert (found.dialect, found.databases, found.roles) == ("postgresql", ("app", "app_test"), ("postgres",))
    values = found.environment(SERVER)
    assert values["DATABASE_URL"] == "postgresql://postgres:changethis@127.0.0.1:54321/app"
    assert values["PGPORT"] == "54321"
    assert "A" not in values  # the file is in the copy, and says it


def test_a_tracked_env_file_elsewhere_is_told_to_the_project() -> None:
    files = {".env": "PROJECT_NAME=x\nEMPTY=\nPOSTGRES_SERVER=db\n", "backend/.env": "OWN=1\n"}
    found = plan(
        required("PROJECT_NAME"), required("OWN"), root="backend", env_files=files, dependencies=frozenset({"psycopg"})
    )
    values = found.environment(SERVER)
    assert (values["PROJECT_NAME"], values["POSTGRES_SERVER"]) == ("x", "127.0.0.1")
    assert not {"OWN", "EMPTY"} & set(values)


def test_components_with_their_names_kept() -> None:
    settings = [required(f"database_{part}") for part in ("hostname", "port", "username", "password", "name")]
    values = plan(*settings, required("secret_key"), dependencies=frozenset({"psycopg2"})).environment(SERVER)
    assert {k: v for k, v in values.items() if k.startswith("database")} == {
        "database_hostname": "127.0.0.1", "database_port": "54321", "database_username": "postgres",
        "database_password": "password", "database_name": "app",
    }  # fmt: skip
    assert len(values["secret_key"]) >= 32


def test_nested_variables_of_an_example_file() -> None:
    example = "DATABASE__HOSTNAME=db\nDATABASE__USERNAME=me\nDATABASE__PASSWORD=pw\nDATABASE__PORT=5455\n"
    example += "DATABASE__DB=shop\nX__Y=[1]\n"
    found = plan(env_files={".env.example": example}, dependencies=frozenset({"asyncpg"}))
    assert (found.dialect, found.roles, found.databases) == ("postgresql", ("me",), ("shop", "shop_test"))
    values = found.environment(SERVER)
    assert (values["DATABASE__HOSTNAME"], values["DATABASE__PORT"], values["X__Y"]) == ("127.0.0.1", "54321", "[1]")


def test_a_test_database_beside_the_main_one() -> None:
    found = plan(
        setting("DATABASE_URL", '"postgresql+asyncpg://a:b@h/main"'),
        setting("TEST_DATABASE_URL", '"sqlite+aiosqlite:///t.db"'),
    )
    assert found.dialect == "postgresql"
    values = found.environment(SERVER)
    assert values["DATABASE_URL"] == "postgresql+asyncpg://a:b@127.0.0.1:54321/main"
    assert values["TEST_DATABASE_URL"] == "sqlite+aiosqlite:////scratch/t.db"


def test_optional_and_computed_addresses_are_left_alone() -> None:
    found = plan(
        setting("POSTGRES_SERVER", 'config("POSTGRES_SERVER", default="localhost")'),
        setting("POSTGRES_URL", 'config("POSTGRES_URL", default=None)'),
        setting("POSTGRES_URI", 'f"{POSTGRES_USER}@{POSTGRES_SERVER}"'),
        setting("POSTGRES_SYNC_PREFIX", '"postgresql://"'),
        setting("SQLITE_SYNC_PREFIX", '"sqlite:///"'),
        setting("MYSQL_SERVER", '"localhost"'),
        dependencies=frozenset({"asyncpg"}),
    )
    assert found.dialect == "postgresql"
    assert [v.name for v in found.variables] == ["POSTGRES_SERVER"]
    assert found.port == 5432  # no variable holds the port, so it is written in the code


def test_a_required_address_without_a_value_is_made_for_the_installed_driver() -> None:
    drivers = frozenset({"asyncpg", "psycopg2-binary"})
    asynchronous = plan(required("DATABASE_URL"), dependencies=drivers, asynchronous=True).environment(SERVER)
    assert asynchronous["DATABASE_URL"] == "postgresql+asyncpg://postgres@127.0.0.1:54321/app"
    synchronous = plan(required("DATABASE_URL"), dependencies=drivers).environment(SERVER)
    assert synchronous["DATABASE_URL"] == "postgresql+psycopg2://postgres@127.0.0.1:54321/app"


def test_names_of_an_ignored_env_file_lead_to_the_scratch_database() -> None:
    found = plan(ignored_names=("DATABASE_URL", "STRIPE_KEY"), dependencies=frozenset({"psycopg"}))
    values = found.environment(SERVER)
    assert values["DATABASE_URL"] == "postgresql+psycopg://postgres@127.0.0.1:54321/app"
    assert "STRIPE_KEY" not in values


def test_addresses_written_in_the_source() -> None:
    found = plan(url_literals=("postgresql://me:pw@localhost:5433/shop",))
    assert (found.dialect, found.port, found.databases, found.roles) == (
        "postgresql",
        5433,
        ("shop", "shop_test"),
        ("me",),
    )
    assert plan(url_literals=("sqlite:///./a.db",), alembic_url="sqlite:///./a.db").alembic_url == "sqlite:///./a.db"
    assert plan(alembic_url="driver://user:pass@localhost/dbname").alembic_url == ""


def test_a_literal_of_the_tests_does_not_decide_the_dialect() -> None:
    found = plan(
        setting("DATABASE_URL", '"postgresql://h/d"'), test_literals=("sqlite://", "sqlite:///a", "sqlite:///b")
    )
    assert found.dialect == "postgresql"


def test_what_cannot_be_offered_is_named() -> None:
    found = plan(setting("WRITER_DB_URL", '"mysql+aiomysql://f:f@localhost:3306/f"'))
    assert (found.dialect, found.variables) == ("mysql", ())
    assert "WRITER_DB_URL is a mysql address" in found.because


def test_no_database_at_all_and_none_named() -> None:
    assert plan().dialect == ""
    assert plan(dependencies=frozenset({"sqlalchemy"})).dialect == "sqlite"


def test_without_a_server_the_variables_lead_nowhere() -> None:
    values = plan(setting("DATABASE_URL", '"postgresql://real.example.com/prod"')).environment(Server("/scratch"))
    assert values["DATABASE_URL"] == "postgresql://postgres@127.0.0.1:1/prod"


def test_placeholders_only_where_something_is_missing() -> None:
    found = plan(
        required("SECRET_KEY"), required("SMTP_PORT", "int"), required("ADMIN", "EmailStr"),
        required("STAGE", 'Literal["dev", "prod"]'), setting("SENTRY_DSN", "None", "str | None"),
        setting("JWT_SECRET", "Field(default_factory=make)"), setting("OLD_SECRET", ""),
        env_files={".env.example": "SMTP_PORT=your-port\nADMIN=me@example.org\nPATH=/evil\nEXTRA=1\nEMPTY=\n"},
    )  # fmt: skip
    assert found.placeholders["SMTP_PORT"] == "30"  # the example is no number
    assert found.placeholders["ADMIN"] == "me@example.org"
    assert found.placeholders["STAGE"] == "dev"
    assert found.placeholders["EXTRA"] == "1"
    assert found.placeholders["OLD_SECRET"] == found.placeholders["SECRET_KEY"]
    assert not {"SENTRY_DSN", "JWT_SECRET", "PATH", "EMPTY"} & set(found.placeholders)


@pytest.mark.parametrize(
    ("name", "annotation", "value"),
    [
        ("X", "int", "30"), ("X", "bool", "false"), ("X", "list[str]", "[]"), ("X", "HttpUrl", "http://localhost:8000"),
        ("ALGORITHM", "str", "HS256"), ("REDIS_URL", "str", "redis://127.0.0.1:1/0"), ("TOKEN_EXPIRE_MINUTES", "str",
         "30"),
        ("X", "Optional[Path]", "."),
    ],
)  # fmt: skip
def test_placeholders_fit_their_type(name: str, annotation: str, value: str) -> None:
    assert placeholder(name, annotation) == value
    assert fits(value, annotation)


@pytest.mark.parametrize(
    ("source", "value", "given"),
    [
        ('"a b"', "a b", True), ("5432", "5432", True), ("None", "", False), ("", "", False), ("postgresql://h/d",
         "postgresql://h/d", True),
        ("localhost", "localhost", True), ("DEFAULT_HOST", "", True), ('Field("x")', "x", True),
        ('Field(default="x", gt=1)', "x", True),
        ('Field(default_factory=make)', "", True), ('os.getenv("A", "x")', "x", True), ('os.getenv("A")', "", False),
        ('config("A", default="x")', "x", True), ('config("A")', "", False), ('SecretStr("s")', "s", True),
        ('f"{a}"', "", True),
        ("(" * 5000, "", True),
    ],
)  # fmt: skip
def test_the_source_of_a_default(source: str, value: str, given: bool) -> None:
    assert plain_default(source) == value
    assert has_default(source) is given


@pytest.mark.parametrize(
    "value", ["redis://h/0", "http://h", "postgresql://", "amqp://x", "user:pass@h/d", "", "sqlite"]
)
def test_what_is_no_database_address(value: str) -> None:
    assert dialect_of(value) == ""


def test_env_files_as_python_dotenv_reads_them() -> None:
    text = """
# comment
export A=1
B = "two # 2"   # comment
C='raw ${A}'
D=pre-${A}-${MISSING:-fallback}-${GONE}
E=a#b # comment
F="line\\nbreak"
G=
A.B=dotted
  H=spaced
not a line
A=last
"""
    assert read_dotenv(text) == {
        "A": "last", "B": "two # 2", "C": "raw ${A}", "D": "pre-1-fallback-", "E": "a#b", "F": "line\nbreak", "G": "",
        "A.B": "dotted", "H": "spaced",
    }  # fmt: skip


@given(st.text(max_size=300))
def test_any_env_text_is_read(text: str) -> None:
    read_dotenv(text)
    plan(env_files={".env": text, ".env.example": text}, dependencies=frozenset({"sqlalchemy"})).environment(SERVER)
