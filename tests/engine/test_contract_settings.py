"""What a project reads from its environment, from the facts of its source."""

from __future__ import annotations

from pathlib import Path

from backwright.core.ports import SourceFile
from backwright.engine.contract_database import Server, plan_database
from backwright.engine.contract_project import project_facts
from backwright.engine.contract_settings import declared_settings, project_settings, url_literals
from backwright.kit.index import FactIndex
from backwright.languages.python.extract import extract

CONFIG = """
import os
from typing import ClassVar
from decouple import config
from pydantic import AliasChoices, BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Database(BaseModel):
    hostname: str = "localhost"
    port: int = 5432


class Base(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_", env_nested_delimiter="__")
    KIND: ClassVar[str] = "x"


class Settings(Base):
    secret: str
    debug: bool = False
    label: str | None
    token: str = Field(..., validation_alias=AliasChoices("API_TOKEN", "TOKEN"))
    pages: int = Field(default=20)
    database: Database = Field(default_factory=Database)


class NoSettings(BaseModel):
    name: str


LEVEL = os.getenv("LOG_LEVEL", "INFO")
OTHER = int(os.environ.get("WORKERS"))
MUST = os.environ["MUST_HAVE"]
KEY = config("APP_KEY")
DSN = "sqlite:///./fallback.db"
"""


def index(files: dict[str, str]) -> FactIndex:
    facts = {
        path: extract(path, text.encode(), path[:-3].replace("/", "."))
        for path, text in files.items()
        if path.endswith(".py")
    }
    return FactIndex(facts, paths=tuple(files))


def test_settings_classes_and_variables_read_by_name() -> None:
    found = {s.name: s for s in declared_settings(index({"app/config.py": CONFIG}))}
    assert set(found) == {
        "SHOP_secret", "SHOP_debug", "SHOP_label", "API_TOKEN", "SHOP_pages", "SHOP_database__hostname",
         "SHOP_database__port",
        "LOG_LEVEL", "WORKERS", "MUST_HAVE", "APP_KEY",
    }  # fmt: skip
    assert {name for name, s in found.items() if s.required} == {"SHOP_secret", "API_TOKEN", "MUST_HAVE", "APP_KEY"}
    assert found["SHOP_debug"].default == "False"
    assert found["LOG_LEVEL"].default == "'INFO'"
    assert found["SHOP_database__port"].annotation == "int"
    assert found["SHOP_secret"].loc.line == 20


def test_a_name_met_twice_keeps_its_default() -> None:
    files = {
        "a.py": 'import os\nA = os.environ["DB_URL"]\n',
        "b.py": 'import os\nB = os.getenv("DB_URL", "sqlite:///x.db")\n',
    }
    (found,) = declared_settings(index(files))
    assert found.default == "'sqlite:///x.db'"


def test_only_the_project_counts() -> None:
    files = {
        "backend/app.py": 'import os\nA = os.environ["MINE"]\n',
        "tools/x.py": 'import os\nA = os.environ["THEIRS"]\n',
    }
    assert [s.name for s in declared_settings(index(files), "backend")] == ["MINE"]


def test_addresses_in_code_and_in_tests() -> None:
    files = {
        "app/db.py": 'URL = "sqlite:///./a.db"\nOTHER = "https://example.com"\n',
        "tests/conftest.py": 'URL = "postgresql://u:p@localhost/t"\n',
    }
    assert url_literals(index(files)) == (("sqlite:///./a.db",), ("postgresql://u:p@localhost/t",))


class Repository:
    """A tree of texts."""

    root = Path()

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def files(self) -> list[str]:
        return sorted(self._files)

    def read(self, path: str) -> SourceFile:
        return SourceFile(path, len(self._files[path]), "", self._files[path])


def test_everything_that_says_which_database_a_sub_project_uses() -> None:
    files = {
        ".env": "POSTGRES_PASSWORD=pw\n",
        "backend/.env.example": "POSTGRES_SERVER=db\n",
        "frontend/.env": "DATABASE_URL=mysql://x/y\n",
        "backend/alembic.ini": "[alembic]\nscript_location = m\nsqlalchemy.url = postgresql://a:b%%40@h/d\n",
        "backend/pyproject.toml": "[project]\ndependencies = ['asyncpg']\n",
        "backend/m/versions/1.py": "op.execute('CREATE EXTENSION IF NOT EXISTS \"postgis\"')\n",
        "backend/app/config.py": "import pydantic_settings as p\nclass S(p.BaseSettings):\n    POSTGRES_SERVER: str\n",
    }
    tree = Repository(files)
    facts = project_facts(tree, "backend")
    found = project_settings(tree, index(files), facts, asynchronous=True, ignored_names=("DB_PASSWORD",))
    assert set(found.env_files) == {".env", "backend/.env.example"}
    assert found.alembic_url == "postgresql://a:b%40@h/d"
    assert found.dependencies == {"asyncpg"}
    assert found.extensions == ("postgis",)
    assert found.ignored_names == ("DB_PASSWORD",)
    values = plan_database(found).environment(Server("/s", 7))
    assert (values["POSTGRES_SERVER"], values["POSTGRES_PASSWORD"]) == ("127.0.0.1", "pw")
